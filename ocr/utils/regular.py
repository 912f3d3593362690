"""Open untrusted files: regular files only, and none above a size limit."""

from __future__ import annotations

import codecs
import mmap
import os
import stat
from pathlib import Path
from typing import BinaryIO, TypeVar

MARKED = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Content = TypeVar("Content", bytes, mmap.mmap, bytes | mmap.mmap)


class NotReadableError(Exception):
    """Why a file cannot be read, and the remedy, to follow ``<file>: cannot be read: `` in a message."""


def open_regular(path: Path, limit: int) -> BinaryIO:
    """Open a file for reading, without blocking on pipes, sockets and devices.

    Args:
        path: the file; a link is followed.
        limit: maximum size in bytes.

    Raises:
        NotReadableError: the file does not exist, is not a regular file, is too large, or cannot be opened.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotReadableError(f"it is {kind_of(status.st_mode)}, not a file; remove it or give another")
        if status.st_size > limit:
            raise NotReadableError(
                f"it has {status.st_size} bytes, more than the limit of {limit}; split it or make it smaller"
            )
        # If it has become a pipe in the meantime, O_NONBLOCK does not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotReadableError(f"{error.strerror}; check the path and its permissions") from error
    return open(descriptor, "rb")  # noqa: PTH123 - a descriptor has no path


def read_regular(path: Path, limit: int) -> bytes:
    """A file's bytes.

    Raises:
        NotReadableError: as `open_regular`, or its disk fails.
    """
    with open_regular(path, limit) as stream:
        try:
            # read() allocates as much as it is asked for: ask for the file's size, not for the limit.
            return stream.read(min(limit, os.fstat(stream.fileno()).st_size))
        except OSError as error:
            raise NotReadableError(f"{error.strerror}; copy it again") from error


def as_utf8(content: Content) -> Content | bytes:
    """Convert content with a byte order mark (UTF-8, UTF-16, UTF-32) to UTF-8 without one; return other content as is.

    Raises:
        UnicodeDecodeError: it is not valid UTF-16 or UTF-32 despite its mark; UTF-8 is not validated.
    """
    if content[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8:
        return content[len(codecs.BOM_UTF8) :]
    encoding = next((encoding for mark, encoding in MARKED if content[: len(mark)] == mark), None)
    return content if encoding is None else content[:].decode(encoding).encode()


def kind_of(mode: int) -> str:
    """The type of a file that is not regular, in words, from its ``st_mode``."""
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((name for holds, name in kinds.items() if holds(mode)), "a device")
