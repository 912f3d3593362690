"""Files and folders that are whole or not there. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ocr.utils.errors import InputError

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
    temporary = path.with_name(f".{shortened(path.name)}.{os.getpid()}.tmp")
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


def shortened(name: str) -> str:
    """A file's name as its temporary name begins."""
    return os.fsdecode(os.fsencode(name)[:LONGEST])


def remove_leftovers(path: Path) -> None:
    """Delete what writes of this file left that a power cut or SIGKILL ended."""
    for leftover in path.parent.glob(PATTERN.format(name=glob.escape(shortened(path.name)))):
        leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def staged_folder(place: Path, parent: Path | None = None) -> Iterator[Path]:
    """An empty hidden folder for what is to take a place, gone at the end; one that a killed process left goes first.

    What stands at the place is to be moved to ``old`` in there before it is replaced: from there a process that was
    killed between the two gets it back.

    Args:
        place: where the finished folder is to be.
        parent: folder of the hidden one, on the same file system; ``None``: beside the place.

    Raises:
        OSError: it cannot be made.
    """
    parent = place.parent if parent is None else parent
    for left in parent.glob(PATTERN.format(name=glob.escape(place.name))):
        if left.is_dir() and left.name.split(".")[-2].isdecimal() and not in_use(left):
            give_back(left / "old", place)
            shutil.rmtree(left)
    staging = parent / f".{place.name}.{os.getpid()}.tmp"
    staging.mkdir(parents=True)
    lock = os.open(staging, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # no locks here: the number of the process says whether it is alive
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(lock)


def exchange(new: Path, place: Path, old: Path) -> None:
    """Put a finished folder into its place, and what stood there, if anything, to a place of the staged folder."""
    if os.path.lexists(place):
        place.rename(old)
    try:
        new.rename(place)
    except BaseException:  # an interruption too
        give_back(old, place)
        raise


def give_back(old: Path, place: Path) -> None:
    """Undo the first half of an `exchange` whose second half has not come."""
    if os.path.lexists(old) and not os.path.lexists(place):
        old.rename(place)


def in_use(staging: Path) -> bool:
    """The process that staged a folder is alive, in whatever container; where nothing can be locked, in this one."""
    try:
        lock = os.open(staging, os.O_RDONLY)
    except FileNotFoundError:
        return True  # gone in the meantime: no leftover
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        with contextlib.suppress(OSError):
            os.kill(int(staging.name.split(".")[-2]), 0)
            return True
    finally:
        os.close(lock)
    return False


def new_file(path: Path, *, overwrite: bool, setting: str = "output") -> Path:
    """The path, where nothing is lost by writing there.

    Args:
        path: where to.
        overwrite: what is there may be lost.
        setting: name of the one that the path comes from.

    Raises:
        InputError: the file exists and ``overwrite`` is off, or it is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder, where a file is to be written; choose another {setting}=")
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists; choose another {setting}= or give overwrite=true to replace it")
    return path
