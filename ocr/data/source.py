"""Sources of receipts: annotated files, local or remote, or a generator of synthetic receipts."""

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
"""(number of a receipt, from 0) -> its encoded image and its record; a pure function."""

ReadImage = Callable[[int, Path], bytes]
"""(number of a record, its image's path) -> the encoded image."""


class MissingError(ImageError):
    """The file is missing."""


class Source(Protocol):
    """Receipts as a pure function of epoch and index."""

    def __len__(self) -> int:
        """Receipts per epoch."""

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:
        """The encoded image, and the record, whose words are the regions."""


def read_file(number: int, path: Path) -> bytes:  # noqa: ARG001 - a path says all
    """The encoded image of a record whose image is a single file.

    Raises:
        ImageError: the file cannot be read.
    """
    return read_bytes(path)


class RemoteImages:
    """Images that are single files below a remote address.

    Args:
        files: the data folder.
        folder: the images' folder in it.
        images_dir: folder that the records' paths begin with.
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
        for form in spellings(name)[:-1]:  # a web server may not list its files
            with contextlib.suppress(MissingError):
                return encoded_image(self.files, form, str(path))
        return encoded_image(self.files, spellings(name)[-1], str(path))


class ShardedImages:
    """Images in tar shards, read individually by their position, in any order.

    Args:
        files: the data folder.
        shards: the shards' paths in it.
    """

    def __init__(self, files: Files, shards: list[str]) -> None:
        self.files = files
        self.shards = shards
        self._places = array("q")  # for each image its shard, its first byte, the byte after its last

    def add(self, shard: int, image: Member) -> None:
        """Add the next record's image."""
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
        ImageError: they cannot be read, are empty, or exceed the limit.
    """
    if start is not None and end is not None and end - start > MAX_BYTES:
        raise ImageError(f"{where}: has {end - start} bytes, more than the limit of {MAX_BYTES}; make it smaller")
    try:
        encoded = files.read(name, start, end)
    except FileNotFoundError as error:
        raise MissingError(f"{where}: is missing; add it or remove its entry") from error
    except InputError as error:
        raise ImageError(f"{where}: {error}") from error
    if not encoded or (start is not None and end is not None and len(encoded) != end - start):
        raise ImageError(
            f"{where}: came with {len(encoded)} bytes; copy an empty or truncated file again; a server that ignores "
            "Range and sends whole files cannot be used for shards"
        )
    return encoded


class StoredReceipts:
    """The same files every epoch.

    Args:
        records: the records, whose words are the regions.
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


class ChosenReceipts:
    """Some of a source's receipts.

    Args:
        receipts: the source.
        numbers: of those to take.
    """

    def __init__(self, receipts: Source, numbers: Sequence[int]) -> None:
        self.receipts = receipts
        self.numbers = numbers

    def __len__(self) -> int:
        """Receipts per epoch."""
        return len(self.numbers)

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:
        """An image's bytes and its record.

        Raises:
            ImageError: the image cannot be read.
        """
        return self.receipts(epoch, self.numbers[index])


class DrawnReceipts:
    """Receipts that are synthesised on demand: none is repeated in a training.

    Receipt ``index`` of epoch ``epoch`` is number ``epoch * per_epoch + index`` in any process: the number of workers
    has no effect, and a resumed training continues with the same receipts.

    Args:
        draw: synthesises one.
        per_epoch: receipts per epoch.
        granularity: ``word`` (each annotated polygon) or ``line`` (words of the same line number joined).

    Raises:
        ValueError: ``per_epoch`` is not positive.
    """

    def __init__(self, draw: Draw, *, per_epoch: int, granularity: Granularity) -> None:
        if per_epoch < 1:
            raise ValueError(f"data.drawn_per_epoch is {per_epoch}; give at least 1 receipt per epoch")
        self.draw = draw
        self.per_epoch = per_epoch
        self.granularity: Granularity = granularity

    def __len__(self) -> int:
        """Receipts an epoch."""
        return self.per_epoch

    def __call__(self, epoch: int, index: int) -> tuple[bytes, Record]:
        """A receipt that this training has not seen before."""
        encoded, record = self.draw(epoch * self.per_epoch + index)
        return encoded, with_regions(record, self.granularity)
