"""The trainer's checkpoint I/O."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.plugins import CheckpointIO
from pytorch_lightning.callbacks import ModelCheckpoint

from ocr.weights.checkpoint_file import load_checkpoint, write_checkpoint


class AtomicCheckpointIO(CheckpointIO):
    """Checkpoint I/O in which a file is always complete, on any file system."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Path | None = None
    ) -> None:
        """Write a checkpoint atomically.

        Args:
            checkpoint: its content.
            path: the file to write.
            storage_options: second name for the file that is replaced, once the new one is on disk.

        Raises:
            CheckpointError: it cannot be written; the previous file is intact.
        """
        write_checkpoint(checkpoint, Path(path), storage_options)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = None,  # noqa: ARG002 - always to the CPU, then copied
        weights_only: bool | None = None,  # noqa: ARG002 - always
    ) -> dict[str, Any]:
        """Read a checkpoint with `load_checkpoint`."""
        return load_checkpoint(path)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete a checkpoint that is no longer needed."""
        Path(path).unlink(missing_ok=True)


def all_callbacks(trainer: pl.Trainer) -> list[pl.Callback]:
    """The trainer's callbacks (Lightning gives the attribute no type)."""
    callbacks: list[pl.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return callbacks


def best_checkpoint(trainer: pl.Trainer) -> str | None:
    """The checkpoint with the best validation; ``None`` (the current weights) if nothing was validated."""
    paths = [each.best_model_path for each in all_callbacks(trainer) if isinstance(each, ModelCheckpoint)]
    return next((path for path in paths if path), None)
