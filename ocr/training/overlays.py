"""Pictures of validation images with the truth and what was found during training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.loggers import TensorBoardLogger
from pytorch_lightning.trainer.states import TrainerFn

from ocr.types import Batch, UInt8Array

Draw = Callable[[Batch, Sequence[Any]], Iterable[tuple[str, UInt8Array]]]
Save = Callable[[UInt8Array, Path], None]


class SampleOverlays(pl.Callback):
    """Draws the first batches of each validation during training, each of one receipt.

    Args:
        directory: folder for the JPEG files, with one subfolder per epoch.
        count: number of batches.
        draw: (batch, its results) -> name and uint8 RGB (H, W, 3) of each picture.
        save: writes an RGB image to a file.
    """

    def __init__(self, directory: str | Path, count: int, draw: Draw, save: Save) -> None:
        self.directory = Path(directory)
        self.count = count
        self.draw = draw
        self.save = save

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        outputs: Any,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,  # noqa: ARG002
    ) -> None:
        """Draw one of the first batches."""
        fitting = trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking
        if not fitting or batch_idx >= self.count:
            return
        for name, picture_HWC in self.draw(batch, outputs["found"]):
            self.save(picture_HWC, self.directory / f"epoch_{trainer.current_epoch:03d}" / f"{name}.jpg")
            for logger in trainer.loggers:
                if isinstance(logger, TensorBoardLogger):
                    logger.experiment.add_image(name, picture_HWC, trainer.global_step, dataformats="HWC")
