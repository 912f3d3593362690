"""Files that are whole or not there. Standard library only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

LONGEST = 230
"""Bytes of a name that the temporary name begins with: a file system takes 255."""
PATTERN = ".{name}.*.tmp"
"""Glob of what a killed write leaves beside its file."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a place beside the file to write to; then flush it to the disk and move it into the file's place.

    The place is on the file's own file system, where moving is one step. Where the block fails, what was there before
    is intact and nothing else is left.

    Args:
        path: the file; its folder is made where it is missing.

    Raises:
        OSError: the folder cannot be written.
    """
    name = os.fsdecode(os.fsencode(path.name)[:LONGEST])
    temporary = path.with_name(f".{name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # a link that somebody put there would be written through
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):  # the folder itself may be the fault
            temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path) -> None:
    """Delete what writes of this file left that a power cut or SIGKILL ended."""
    for leftover in path.parent.glob(PATTERN.format(name=path.name)):
        leftover.unlink(missing_ok=True)
