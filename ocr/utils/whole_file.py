"""Atomic writes of files and folders. Standard library only."""

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
"""Bytes of a file's name that its temporary name keeps: file systems allow 255."""
PATTERN = ".{name}.*.tmp"
"""Glob of the leftovers of killed writes, next to their file."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to the file; then flush it to disk and move it into place.

    The temporary file is on the same file system, where a move is atomic. If the block fails, the previous file stays
    intact and nothing else is left.

    Args:
        path: the file; its folder is created if missing.

    Raises:
        OSError: the folder cannot be written.
    """
    temporary = path.with_name(f".{shortened(path.name)}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # never write through a link that was planted there
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):  # the folder itself may be the problem
            temporary.unlink(missing_ok=True)


def shortened(name: str) -> str:
    """A file's name, shortened for its temporary name."""
    return os.fsdecode(os.fsencode(name)[:LONGEST])


def remove_leftovers(path: Path) -> None:
    """Delete the temporary files of writes of this file that a power cut or SIGKILL ended."""
    for leftover in path.parent.glob(PATTERN.format(name=glob.escape(shortened(path.name)))):
        leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def staged_folder(place: Path, parent: Path | None = None) -> Iterator[Path]:
    """Yield an empty hidden folder in which to build ``place``; remove it at the end, and leftovers at the start.

    Before replacing an existing ``place``, move it to ``old`` in the hidden folder: if the process is killed between
    the two moves, the next call restores it from there.

    Args:
        place: path of the finished folder.
        parent: where to create the hidden folder, on the same file system; ``None``: next to ``place``.

    Raises:
        OSError: it cannot be created.
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
        with contextlib.suppress(
            OSError
        ):  # no locks on this file system: the process id in the name tells whether it is alive
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(lock)


def exchange(new: Path, place: Path, old: Path) -> None:
    """Move a finished folder into place, and the previous one, if any, to ``old`` in the staged folder."""
    if os.path.lexists(place):
        place.rename(old)
    try:
        new.rename(place)
    except BaseException:  # including an interruption
        give_back(old, place)
        raise


def give_back(old: Path, place: Path) -> None:
    """Undo the first half of an `exchange` whose second half did not happen."""
    if os.path.lexists(old) and not os.path.lexists(place):
        old.rename(place)


def in_use(staging: Path) -> bool:
    """Whether the process that staged a folder is alive, in any container; without locks, in this one only."""
    try:
        lock = os.open(staging, os.O_RDONLY)
    except FileNotFoundError:
        return True  # removed in the meantime: not a leftover
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
    """Check that writing to a path loses nothing, and return the path.

    Args:
        path: the file to write.
        overwrite: whether an existing file may be replaced.
        setting: name of the setting that the path comes from.

    Raises:
        InputError: the file exists and ``overwrite`` is off, it is a folder, or a file is where its folder should be.
    """
    if file := next((place for place in path.parents if place.exists() and not place.is_dir()), None):
        raise InputError(f"{file} is a file, not a folder; choose another {setting}=")
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a file; choose another {setting}=")
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists; choose another {setting}= or give overwrite=true to replace it")
    return path
