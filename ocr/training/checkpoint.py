"""How the trainer writes and reads checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.plugins import CheckpointIO
from pytorch_lightning.callbacks import ModelCheckpoint

from ocr.weights.checkpoint_file import load_checkpoint, write_checkpoint


class AtomicCheckpointIO(CheckpointIO):
    """How the trainer writes and reads: a file of that name is always whole, on whatever file system it lies."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Path | None = None
    ) -> None:
        """Write a checkpoint, whole or not at all.

        Args:
            checkpoint: what it holds.
            path: where it goes.
            storage_options: second name for the file that it replaces, once the new one is safe on the disk.

        Raises:
            CheckpointError: it cannot be written; what was there before is intact.
        """
        write_checkpoint(checkpoint, Path(path), storage_options)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = None,  # noqa: ARG002 - always to the CPU, then copied
        weights_only: bool | None = None,  # noqa: ARG002 - always
    ) -> dict[str, Any]:
        """`load_checkpoint`."""
        return load_checkpoint(path)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete a checkpoint that is there no more use for."""
        Path(path).unlink(missing_ok=True)


def all_callbacks(trainer: pl.Trainer) -> list[pl.Callback]:
    """The trainer's callbacks (Lightning gives the attribute no type)."""
    callbacks: list[pl.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return callbacks


def best_checkpoint(trainer: pl.Trainer) -> str | None:
    """The checkpoint with the best validation; ``None``, for the weights as they are, where nothing was validated."""
    paths = [each.best_model_path for each in all_callbacks(trainer) if isinstance(each, ModelCheckpoint)]
    return next((path for path in paths if path), None)
