"""Write what a recogniser reads in a test, for `ocr.pipeline.evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from ocr.formats.native_writing import write_native
from ocr.training.distributed import gather
from ocr.types import Batch, Reading, Record, Word


class WriteReadings(pl.Callback):
    """Writes the lines of a test with what was read, in the native format; does nothing for other results.

    Args:
        path: the file.
        images_dir: folder that the images' paths begin with.
    """

    def __init__(self, path: Path, images_dir: Path) -> None:
        self.path = path
        self.images_dir = images_dir
        self._records: list[Record] = []

    def on_test_batch_end(
        self,
        trainer: pl.Trainer,  # noqa: ARG002
        pl_module: pl.LightningModule,  # noqa: ARG002
        outputs: Any,
        batch: Batch,
        batch_idx: int,  # noqa: ARG002
        dataloader_idx: int = 0,  # noqa: ARG002
    ) -> None:
        """Keep the lines of a batch, which are those of one receipt."""
        found = outputs["found"]
        if not found or not isinstance(found[0], Reading):
            return
        words = {
            f"{number:04d}": Word(region.points_N2, reading.text, line=region.line, confidence=reading.confidence)
            for number, ((region,), reading) in enumerate(zip(batch.regions, found, strict=True), start=1)
        }
        self._records.append(Record(batch.paths[0], words, *batch.original_sizes[0]))

    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Write the lines of all processes."""
        records = gather(self._records)
        if records and trainer.is_global_zero:
            write_native(records, self.path, self.images_dir)
