"""Stop between two batches of an evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from ocr.training.distributed import largest
from ocr.utils.interruption import Stopped, pending_stop


class Interruptible(pl.Callback):
    """Stops a run at a signal, between two batches of an evaluation or before it begins."""

    checkpoint: Path | None = None
    done = "nothing to save yet"

    def _asked(self, trainer: pl.Trainer) -> int:
        """The number of a signal received by any process since the last call, identical in all; 0 for none."""
        return largest(pending_stop(), trainer.strategy.root_device)

    def _stop(self, signum: int) -> None:
        if signum:
            raise Stopped(signum, self.checkpoint, self.done)

    def _stop_if_asked(self, trainer: pl.Trainer) -> None:
        self._stop(self._asked(trainer))

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:  # noqa: ARG002
        """Stop before a stage."""
        self._stop_if_asked(trainer)

    def on_validation_batch_end(self, trainer: pl.Trainer, *_: Any, **__: Any) -> None:
        """Stop within a validation, including the one before training."""
        self._stop_if_asked(trainer)

    def on_test_batch_end(self, trainer: pl.Trainer, *_: Any, **__: Any) -> None:
        """Stop within a test."""
        self._stop_if_asked(trainer)
