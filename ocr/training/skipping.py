"""Count a run's skipped images as their batches arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import pytorch_lightning as pl

from ocr.training.distributed import gather
from ocr.types import Batch


class Skipped(Protocol):
    """The interface to the skipped images; `ocr.data.skipping.SkippedImages` implements it."""

    allowed: bool

    def __len__(self) -> int:
        """Number of distinct images."""

    @property
    def reasons(self) -> list[str]:
        """One message per image."""

    def add(self, reasons: Iterable[str], *, logged: bool = False) -> None:
        """Count images and log the new ones, unless they are ``logged`` already; raise if there are too many."""


class CountSkipped(pl.Callback):
    """Counts a skipped image once its batch has been processed, not when a worker reads ahead.

    A run that is stopped and resumed therefore counts the same images as an uninterrupted one. ``train/skipped`` is the
    number of distinct images known to this process so far; ``val/skipped`` and ``test/skipped`` are the numbers of
    images missing from the figures, over all processes. At the end of an epoch or an evaluation all processes know all
    skipped images. Nothing is logged or stored if no image may be skipped.

    Args:
        skipped: the skipped images, including those found in the annotations.
    """

    def __init__(self, skipped: Skipped) -> None:
        self.skipped = skipped
        self._missing: list[str] = []

    def state_dict(self) -> dict[str, Any]:
        """The images known to each process, for the checkpoint; called in all processes."""
        return {"skipped": gather([self.skipped.reasons])} if self.skipped.allowed else {}

    def on_load_checkpoint(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        checkpoint: dict[str, Any],
    ) -> None:
        """Resume the count; a checkpoint of an earlier version has none."""
        state = checkpoint["callbacks"].get(self.state_key)
        if state and self.skipped.allowed:
            self.skipped.add(state["skipped"][trainer.global_rank], logged=True)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,  # noqa: ARG002
        pl_module: pl.LightningModule,
        outputs: Any,  # noqa: ARG002
        batch: Batch,
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Count the images that others replaced in this batch."""
        if self.skipped.allowed:
            self.skipped.add(batch.skipped)
            pl_module.log("train/skipped", float(len(self.skipped)), batch_size=len(batch))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Add the images of the other processes."""
        if self.skipped.allowed:
            self.skipped.add(gather(self.skipped.reasons), logged=True)

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,  # noqa: ARG002
        pl_module: pl.LightningModule,  # noqa: ARG002
        outputs: Any,  # noqa: ARG002
        batch: Batch,
        *_: Any,
        **__: Any,
    ) -> None:
        """Count the images that are missing from the figures."""
        self.skipped.add(batch.skipped)
        self._missing += batch.skipped

    on_test_batch_end = on_validation_batch_end

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Log the number of images missing from the figures."""
        self._log("val/skipped", pl_module)

    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Log the number of images missing from the figures."""
        self._log("test/skipped", pl_module)

    def _log(self, name: str, pl_module: pl.LightningModule) -> None:
        if self.skipped.allowed:
            missing, self._missing = gather(self._missing), []
            self.skipped.add(missing, logged=True)
            pl_module.log(name, float(len(missing)))
