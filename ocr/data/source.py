"""Where training receipts come from: files that were annotated, or a generator that draws each anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ocr.data.regions import Granularity, with_regions
from ocr.images.files import read_bytes
from ocr.types import Record

Draw = Callable[[int], tuple[bytes, Record]]
"""Number of a receipt, from 0, to its encoded image and its record; a pure function."""

ReadImage = Callable[[int, Path], bytes]
"""Number of a record and its image's path to the encoded image."""


class Source(Protocol):
    """Receipts by epoch and index; a pure function of the two."""

    def __len__(self) -> int:
        """Receipts an epoch."""

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:
        """The encoded image, and the record, whose words are the regions."""


def read_file(number: int, path: Path) -> bytes:  # noqa: ARG001 - a path says all
    """The encoded image of a record whose image is a file of its own.

    Raises:
        ImageError: the file cannot be read.
    """
    return read_bytes(path)


class StoredReceipts:
    """The same files every epoch.

    Args:
        records: what to learn from; their words are the regions.
        read: reads their images.
    """

    def __init__(self, records: Sequence[Record], read: ReadImage = read_file) -> None:
        self.records = records
        self.read = read

    def __len__(self) -> int:
        """Number of records."""
        return len(self.records)

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:  # noqa: ARG002 - the same in each epoch
        """An image's bytes and its record.

        Raises:
            ImageError: the image cannot be read.
        """
        record = self.records[index]
        return self.read(index, record.image_path), record


class DrawnReceipts:
    """Receipts that are drawn when they are needed: none comes twice in a training.

    Receipt ``index`` of epoch ``epoch`` is number ``epoch * per_epoch + index``, whoever draws it: the number of
    workers changes nothing, and a training that was stopped goes on with the same ones.

    Args:
        draw: draws one.
        per_epoch: how many make an epoch.
        granularity: ``word`` (each annotated polygon) or ``line`` (words of one line number joined).

    Raises:
        ValueError: ``per_epoch`` is not positive.
    """

    def __init__(self, draw: Draw, *, per_epoch: int, granularity: Granularity) -> None:
        if per_epoch < 1:
            raise ValueError(f"data.drawn_per_epoch is {per_epoch}; draw at least 1 receipt an epoch")
        self.draw = draw
        self.per_epoch = per_epoch
        self.granularity: Granularity = granularity

    def __len__(self) -> int:
        """Receipts an epoch."""
        return self.per_epoch

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:
        """A receipt that this training has not seen."""
        encoded, record = self.draw(epoch * self.per_epoch + index)
        return encoded, with_regions(record, self.granularity)
