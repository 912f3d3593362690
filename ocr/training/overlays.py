"""Pictures of validation images with ground truth and detections during training."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.loggers import TensorBoardLogger
from pytorch_lightning.trainer.states import TrainerFn

from ocr.types import Batch, Detection, UInt8Array, Word
from ocr.utils.printable import printable

Draw = Callable[[Path, Sequence[Detection], Sequence[Word], int], UInt8Array]
Save = Callable[[UInt8Array, Path], None]


class SampleOverlays(pl.Callback):
    """Draws the first images of each validation during training.

    Args:
        directory: folder for the JPEG files, with one subfolder per epoch.
        count: number of images.
        draw: (image file, detections, ground truth, maximum pixels of the image) -> uint8 RGB (H, W, 3).
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
        """Draw the images of one of the first batches, except those in a tar shard or at a URL."""
        fitting = trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking
        if not fitting or batch_idx >= self.count:
            return
        images = zip(batch.paths, batch.regions, outputs["found"], batch.original_sizes, strict=True)
        for path, regions, detections, size in images:
            if not path.is_file():
                message = "%s: no overlay, since the image is not a local file"
                logging.getLogger(__name__).info(message, printable(str(path)))
                continue
            picture_HWC = self.draw(path, detections, regions, math.prod(size))
            self.save(picture_HWC, self.directory / f"epoch_{trainer.current_epoch:03d}" / f"{path.stem}.jpg")
            for logger in trainer.loggers:
                if isinstance(logger, TensorBoardLogger):
                    logger.experiment.add_image(path.stem, picture_HWC, trainer.global_step, dataformats="HWC")
