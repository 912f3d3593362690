"""Where the encoded images of a split's records are read from that are no files of their own on this machine."""

from __future__ import annotations

import contextlib
from array import array
from pathlib import Path

from ocr.data.files import Files
from ocr.formats.names import spellings
from ocr.formats.tar_members import Member
from ocr.images.files import MAX_BYTES
from ocr.images.header import ImageError
from ocr.types import InputError


class MissingError(ImageError):
    """There is no such file."""


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
