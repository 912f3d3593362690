"""Opening files that anybody may have made: nothing but files is opened, and none that is too large."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotReadableError(Exception):
    """Why a file cannot be read and what to do, to follow ``<file>: cannot be read: `` in a message."""


def open_regular(path: Path, limit: int) -> BinaryIO:
    """Open a file for reading. Pipes, sockets and devices are not waited for.

    Args:
        path: the file; a link is followed.
        limit: bytes that it may have.

    Raises:
        NotReadableError: there is no such file, it is something else, larger, or cannot be opened.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotReadableError(f"it is {kind_of(status.st_mode)}, not a file; remove it or give another")
        if status.st_size > limit:
            raise NotReadableError(
                f"it has {status.st_size} bytes, more than the {limit} that are read; split it or make it smaller"
            )
        # Should it have become a pipe by now: with O_NONBLOCK nobody waits for who writes to it.
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
            # As much memory is taken as is asked for, whatever comes: not for the limit, but for the file.
            return stream.read(min(limit, os.fstat(stream.fileno()).st_size))
        except OSError as error:
            raise NotReadableError(f"{error.strerror}; copy it again") from error


def kind_of(mode: int) -> str:
    """What a path leads to, in words, of its ``st_mode``."""
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((name for holds, name in kinds.items() if holds(mode)), "a device")
