"""Counting the images that a run does without, where the batches arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import pytorch_lightning as pl

from ocr.training.distributed import gather
from ocr.types import Batch


class Skipped(Protocol):
    """What must be known of the skipped images: `ocr.data.skipping.SkippedImages` is one."""

    allowed: bool

    def __len__(self) -> int:
        """How many distinct images."""

    @property
    def reasons(self) -> list[str]:
        """A message an image."""

    def add(self, reasons: Iterable[str], *, logged: bool = False) -> None:
        """Count images and log those that are new, unless they have been; raises where there are too many."""


class CountSkipped(pl.Callback):
    """Counts an image that is not in its batch when the batch has been worked on, never when a worker reads ahead.

    So a run that is stopped and continued counts what one counts that was not. ``train/skipped`` is the number of
    distinct images so far, of which this process knows; ``val/skipped`` and ``test/skipped`` are the images that the
    figures beside them lack, over all processes. At the end of an epoch or an evaluation all processes know of all.
    Nothing is logged and nothing kept where no image may be skipped.

    Args:
        skipped: the images; those of the annotations are in it already.
    """

    def __init__(self, skipped: Skipped) -> None:
        self.skipped = skipped
        self._missing: list[str] = []

    def state_dict(self) -> dict[str, Any]:
        """What each process knows of, for the checkpoint; called in all of them."""
        return {"skipped": gather([self.skipped.reasons])} if self.skipped.allowed else {}

    def on_load_checkpoint(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        checkpoint: dict[str, Any],
    ) -> None:
        """Go on counting where the run stopped; an earlier version's checkpoint has nothing to tell."""
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
        """Others stood in for them."""
        if self.skipped.allowed:
            self.skipped.add(batch.skipped)
            pl_module.log("train/skipped", float(len(self.skipped)), batch_size=len(batch))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """What the other processes met."""
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
        """The figures are without them."""
        self.skipped.add(batch.skipped)
        self._missing += batch.skipped

    on_test_batch_end = on_validation_batch_end

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """How many the figures lack."""
        self._log("val/skipped", pl_module)

    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """How many the figures lack."""
        self._log("test/skipped", pl_module)

    def _log(self, name: str, pl_module: pl.LightningModule) -> None:
        if self.skipped.allowed:
            missing, self._missing = gather(self._missing), []
            self.skipped.add(missing, logged=True)
            pl_module.log(name, float(len(missing)))
