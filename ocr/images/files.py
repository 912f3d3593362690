"""Read the bytes of untrusted image files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ocr.images.header import ImageError
from ocr.images.kinds import IMAGE_ENDINGS, START, is_image, is_side_file, no_image, says_enough
from ocr.utils.regular import NotReadableError, open_regular, read_regular

MAX_BYTES = 1 << 31
"""Limit of an image file. No format needs more for `MAX_PIXELS`, except for data beside the picture."""
NO_LIMIT = 1 << 63


def read_bytes(path: Path, within: Path | None = None, limit: int = MAX_BYTES) -> bytes:
    """A file's bytes, at least one. Only regular files are opened: a pipe or a device would block.

    Args:
        path: the file.
        within: the folder that it must lie in, links resolved; ``None``: anywhere.
        limit: maximal number of bytes.

    Raises:
        ImageError: it is missing, empty, elsewhere, not a regular file, too large, or cannot be opened.
    """
    check_within(path, within)
    try:
        encoded = read_regular(path, limit)
    except NotReadableError as error:
        raise ImageError(f"{path}: cannot be read: {error}") from error
    if not encoded:
        raise ImageError(f"{path}: the file is empty; copy it again or remove it")
    return encoded


def open_file(path: Path, within: Path | None = None) -> BinaryIO:
    """Open a file of any size whose content is not needed as a whole.

    Raises:
        ImageError: as for `read_bytes`, except for an empty file.
    """
    check_within(path, within)
    try:
        return open_regular(path, NO_LIMIT)
    except NotReadableError as error:
        raise ImageError(f"{path}: cannot be read: {error}") from error


def check_within(path: Path, within: Path | None) -> None:
    """Refuse a file that a link leads to out of its folder."""
    if within is None:
        return
    real = os.path.realpath(path)
    if not Path(real).is_relative_to(os.path.realpath(within)):
        raise ImageError(f"{path}: a link leads out of {within}, to {real}; copy the file there")


def start_of(path: Path) -> bytes | None:
    """A file's first bytes, to recognise it by; ``None`` if it cannot be opened or its name is sufficient."""
    if says_enough(path.name):
        return None
    try:
        with open_regular(path, NO_LIMIT) as stream:
            return stream.read(START)
    except (NotReadableError, OSError, ValueError):
        return None


@dataclass(slots=True)
class SortedFiles:
    """Files sorted by their content.

    Attributes:
        images: files that are images, or have an image's extension.
        meant: files that may have been intended as images but are not read, such as PDFs, with the reason.
        others: other files: annotations, notes, files of operating systems (`is_side_file`).
    """

    images: list[Path] = field(default_factory=list)
    meant: dict[Path, str] = field(default_factory=dict)
    others: list[Path] = field(default_factory=list)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> SortedFiles:
        """Sort files by their first bytes."""
        files = cls()
        for path in paths:
            start = start_of(path)
            if is_side_file(path.name, start):
                files.others.append(path)
            elif path.suffix.lower() in IMAGE_ENDINGS or (start is not None and is_image(start)):
                files.images.append(path)
            else:
                files.meant[path] = no_image(start or b"", "its first bytes match no known format")
        return files


def counted(others: Sequence[Path]) -> str:
    """The number of files that are not images, by extension."""
    endings = Counter(path.suffix.lower() or path.name for path in others)
    return f"{len(others)} other files: " + ", ".join(f"{count} {ending}" for ending, count in endings.most_common())
