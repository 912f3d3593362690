"""Locate the files in an untrusted tar archive, without unpacking it."""

from __future__ import annotations

import io
import mmap
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, cast

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.names import check_name

AGAIN = "copy it again or create it again"
BROKEN = (tarfile.TarError, ValueError, OverflowError, RecursionError, MemoryError)
"""What tarfile raises at malformed headers."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        name: its path in the archive, without a leading ``./``.
        offset: position of its first byte in the archive.
        size: number of bytes.
    """

    name: str
    offset: int
    size: int


def tar_members(content: mmap.mmap | bytes, where: str) -> Iterator[Member]:
    """The files of an uncompressed archive, in order; folders are skipped.

    Args:
        content: the archive.
        where: its name, for messages.

    Raises:
        AnnotationError: it is not such an archive, is damaged or truncated, or a member is not a file, leads out of the
            folder or extends beyond the end.
    """
    place, length = 0, len(content)
    with opened(io.BytesIO(content) if isinstance(content, bytes) else content, where) as archive:
        while (found := next_member(archive, where)) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # else it keeps all of them in memory
            if found.size < 0 or not place < archive.offset <= length:
                raise AnnotationError(
                    f"{where}: {found.name!r} has {found.size} bytes, which do not lie in it; {AGAIN}"
                )
            place = archive.offset
            if found.isdir():
                continue
            check_name(found.name, f"{where}: {found.name!r}")
            if not found.isreg() or found.sparse is not None:
                raise AnnotationError(
                    f"{where}: {found.name!r} is a link, a device or a file with holes; make the shard of plain files"
                )
            yield Member(str(PurePosixPath(found.name)), found.offset_data, found.size)
        # tarfile stops at a damaged header as it does at the end, which is marked by two empty blocks.
        if content[archive.offset : archive.offset + tarfile.BLOCKSIZE] != bytes(tarfile.BLOCKSIZE):
            raise AnnotationError(f"{where}: is damaged or truncated at byte {archive.offset} of {length}; {AGAIN}")


def opened(stream: mmap.mmap | io.BytesIO, where: str) -> tarfile.TarFile:
    """The archive, its first header read."""
    try:
        return tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:")
    except BROKEN as error:
        raise AnnotationError(f"{where}: is not an uncompressed tar archive ({error}); {AGAIN}") from error


def next_member(archive: tarfile.TarFile, where: str) -> tarfile.TarInfo | None:
    """The next header; ``None`` at the end, and at a damaged one."""
    try:
        return archive.next()
    except BROKEN as error:
        raise AnnotationError(f"{where}: is damaged or truncated ({error}); {AGAIN}") from error
