"""Where receipts come from: files that were annotated, wherever they are, or a generator that draws each anew."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ocr.data.files import Files
from ocr.data.regions import Granularity, with_regions
from ocr.formats.common.names import spellings
from ocr.formats.common.tar_members import Member
from ocr.images.files import MAX_BYTES, read_bytes
from ocr.images.header import ImageError
from ocr.types import InputError, Record

Draw = Callable[[int], tuple[bytes, Record]]
"""Number of a receipt, from 0, to its encoded image and its record; a pure function."""

ReadImage = Callable[[int, Path], bytes]
"""Number of a record and its image's path to the encoded image."""


class MissingError(ImageError):
    """There is no such file."""


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


class RemoteImages:
    """Images that are files of their own below an address.

    Args:
        files: the data folder.
        folder: the images' folder in it.
        images_dir: what the records' paths begin with.
    """

    def __init__(self, files: Files, folder: str, images_dir: Path) -> None:
        self.files = files
        self.folder = folder
        self.images_dir = images_dir

    def __call__(self, number: int, path: Path) -> bytes:  # noqa: ARG002 - a path says all
        """The encoded image of a record.

        Raises:
            ImageError: it cannot be read.
        """
        name = f"{self.folder}/{path.relative_to(self.images_dir).as_posix()}"
        for form in spellings(name)[:-1]:  # a web server does not tell what it has
            with contextlib.suppress(MissingError):
                return encoded_image(self.files, form, str(path))
        return encoded_image(self.files, spellings(name)[-1], str(path))


class ShardedImages:
    """Images in tar shards, found by where they begin: any of them is read alone, in any order.

    Args:
        files: the data folder.
        shards: the shards' paths in it.
    """

    def __init__(self, files: Files, shards: list[str]) -> None:
        self.files = files
        self.shards = shards
        self._places = array("q")  # of each image its shard, its first byte, the one behind its last

    def add(self, shard: int, image: Member) -> None:
        """The next record's image."""
        self._places.extend((shard, image.offset, image.offset + image.size))

    def __call__(self, number: int, path: Path) -> bytes:
        """The encoded image of a record.

        Raises:
            ImageError: it cannot be read.
        """
        shard, start, end = self._places[3 * number : 3 * number + 3]
        where = f"{path} in {self.shards[shard]}"
        return encoded_image(self.files, self.shards[shard], where, start, end)


def encoded_image(files: Files, name: str, where: str, start: int | None = None, end: int | None = None) -> bytes:
    """A file's bytes, or a part of them, at least one.

    Raises:
        ImageError: they cannot be read, there are none, or too many.
    """
    if start is not None and end is not None and end - start > MAX_BYTES:
        raise ImageError(f"{where}: has {end - start} bytes, more than the {MAX_BYTES} that are read; make it smaller")
    try:
        encoded = files.read(name, start, end)
    except FileNotFoundError as error:
        raise MissingError(f"{where}: is missing; add it or remove its entry") from error
    except InputError as error:
        raise ImageError(f"{where}: {error}") from error
    if not encoded or (start is not None and end is not None and len(encoded) != end - start):
        raise ImageError(
            f"{where}: came with {len(encoded)} bytes; an empty or shortened file is to be copied again, and a server "
            "that sends whole files where a part was asked for (Range) cannot be used for shards"
        )
    return encoded


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
