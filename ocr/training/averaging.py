"""Exponential moving average of the weights, used for evaluation and kept in checkpoints."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging
from torch.optim.swa_utils import get_ema_multi_avg_fn


class WarmedUpEMA(WeightAveraging):
    """EMA whose decay grows with the number of updates, so that the initial random weights are forgotten quickly.

    After ``n`` updates the decay is ``min(decay, (1 + n) / (10 + n))``. Checkpoints hold the averaged weights as
    ``state_dict`` and the raw ones as ``current_model_state``.

    Args:
        decay: upper bound of the decay.
    """

    def __init__(self, decay: float = 0.999) -> None:
        def average(averaged: list[torch.Tensor], current: list[torch.Tensor], updates: torch.Tensor | int) -> None:
            """Update in place; called once per dtype with all its tensors. Batch norm counts are integers."""
            if not averaged[0].is_floating_point():
                for old, new in zip(averaged, current, strict=True):
                    old.copy_(new)
                return
            count = float(updates)  # on the GPU: reading it waits for the step, so it is read once, not per tensor
            now = min(decay, (1.0 + count) / (10.0 + count))
            get_ema_multi_avg_fn(now)(averaged, current, updates)  # type: ignore[no-untyped-call] # torch gives no type

        super().__init__(use_buffers=True, multi_avg_fn=average)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Move the average to the model's device: the parent class copies the model before it is moved."""
        if self._average_model is not None:
            self._average_model.to(pl_module.device)

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore both sets of weights when training resumes; evaluation uses the averaged ones as stored."""
        if self._average_model is not None:
            super().on_load_checkpoint(trainer, pl_module, checkpoint)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:  # noqa: ARG002
        """Drop the average after training, so that a later validation does not swap it in."""
        self._average_model = None
