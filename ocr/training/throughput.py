"""Measure the speed of training and the share of time spent waiting for data."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import pytorch_lightning as pl

from ocr.types import Batch


class Throughput(pl.Callback):
    """Logs ``images_per_s`` (all processes together) and ``data_wait`` (share of the time, 0..1) over recent steps.

    Figures are available from the first step on: the progress bar shows them at every step, the loggers record them
    when the trainer logs.

    Args:
        window: number of steps to average over; fewer at the start of an epoch or after resuming.
    """

    def __init__(self, window: int = 20) -> None:
        self._steps: deque[tuple[int, float, float]] = deque(maxlen=window)  # images, seconds of wait, seconds in all
        self._waited = 0.0
        self._step_ended = 0.0

    def _restart(self) -> None:
        self._steps.clear()
        self._step_ended = time.perf_counter()

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Restart for a resumed run, which starts within an epoch."""
        self._restart()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Restart, so that validation between epochs does not count."""
        self._restart()

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,  # noqa: ARG002
        pl_module: pl.LightningModule,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Measure the wait for this batch."""
        self._waited = time.perf_counter() - self._step_ended

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,  # noqa: ARG002
        batch: Batch,
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Count the images; log over the steps in the window."""
        now = time.perf_counter()
        self._steps.append((len(batch) * trainer.world_size, self._waited, now - self._step_ended))
        self._step_ended = now
        images, waited, elapsed = (sum(values) for values in zip(*self._steps, strict=True))
        pl_module.log("images_per_s", images / elapsed, prog_bar=True)
        pl_module.log("data_wait", waited / elapsed)
