"""How fast training goes and how much of it is waiting for data."""

from __future__ import annotations

import time
from typing import Any

import pytorch_lightning as pl

from ocr.types import Batch


class Throughput(pl.Callback):
    """Logs ``images_per_s`` (all processes together) and ``data_wait`` (share of the time, 0..1) over recent steps.

    Args:
        window: number of steps that a figure averages over.
    """

    def __init__(self, window: int = 20) -> None:
        self.window = window
        self._restart(0.0)

    def _restart(self, now: float) -> None:
        self._images = 0
        self._steps = 0
        self._waited = 0.0
        self._started = now
        self._step_ended = now

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Validation between epochs counts for neither figure."""
        self._restart(time.perf_counter())

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,  # noqa: ARG002
        pl_module: pl.LightningModule,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """The batch is here: the wait is over."""
        self._waited += time.perf_counter() - self._step_ended

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,  # noqa: ARG002
        batch: Batch,
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Count the images; log at the end of a window."""
        now = time.perf_counter()
        self._images += len(batch) * trainer.world_size
        self._steps += 1
        self._step_ended = now
        if self._steps == self.window:
            elapsed = now - self._started
            pl_module.log("images_per_s", self._images / elapsed, prog_bar=True)
            pl_module.log("data_wait", self._waited / elapsed)
            self._restart(now)
