"""Exponential moving average of the weights, used for evaluation and kept in checkpoints."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging


class WarmedUpEMA(WeightAveraging):
    """EMA whose decay grows with the number of updates, so that the first random weights are soon forgotten.

    After ``n`` updates the decay is ``min(decay, (1 + n) / (10 + n))``. Checkpoints hold the averaged weights as
    ``state_dict`` and the raw ones as ``current_model_state``.

    Args:
        decay: upper bound of the decay.
    """

    def __init__(self, decay: float = 0.999) -> None:
        def average(averaged: torch.Tensor, current: torch.Tensor, updates: torch.Tensor | int) -> torch.Tensor:
            if not averaged.is_floating_point():
                return current
            count = float(updates)
            return averaged.lerp(current, 1.0 - min(decay, (1.0 + count) / (10.0 + count)))

        super().__init__(use_buffers=True, avg_fn=average)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Follow the model to its device: the parent makes its copy before the model is moved."""
        if self._average_model is not None:
            self._average_model.to(pl_module.device)

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore both sets of weights when training goes on; evaluation takes the averaged ones as they are."""
        if self._average_model is not None:
            super().on_load_checkpoint(trainer, pl_module, checkpoint)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:  # noqa: ARG002
        """Forget the average when training is over, so that a later validation does not swap it in."""
        self._average_model = None
