"""Find the process that holds a lock or has a file open, and signal it. Standard library only; Linux.

Nothing is written for this that could be out of date: the kernel is asked which process has the file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from ocr.utils.errors import InputError

PROCESSES = Path("/proc")
STDOUT = "1"
ENDING = 1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1
"""The signals that ask a process to end, as in its sets of pending signals."""


def is_locked(path: Path) -> bool:
    """Whether a process, in any container, holds the lock of `ocr.utils.runs.hold` on a file."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that look do not see each other
    except BlockingIOError:
        return True
    except OSError:
        return False  # no locks on this file system
    finally:
        os.close(file)
    return False


def descriptors() -> Iterator[tuple[int, Path]]:
    """The open files of the other processes that may be asked: process id, and its entry in ``fd``."""
    for process in PROCESSES.glob("[0-9]*"):
        if int(process.name) != os.getpid():
            with contextlib.suppress(OSError):
                for entry in (process / "fd").iterdir():
                    yield int(process.name), entry


def info_of(entry: Path) -> Path:
    """The entry in ``fdinfo`` of one in ``fd``."""
    return entry.parents[1] / "fdinfo" / entry.name


def opened_by(path: Path) -> Iterator[tuple[int, Path]]:
    """The other processes that have a file open and may be asked: process id, and its entry in ``fdinfo``."""
    try:
        wanted = path.stat()
    except OSError:
        return
    for process, entry in descriptors():
        with contextlib.suppress(OSError):
            if os.path.samestat(entry.stat(), wanted):
                yield process, info_of(entry)


def is_written(path: Path) -> bool:
    """Whether another process has a file open for writing."""
    for _, info in opened_by(path):
        with contextlib.suppress(OSError):
            if for_writing(info):
                return True
    return False


def for_writing(info: Path) -> bool:
    """Whether a process's open file is open for writing.

    Args:
        info: its entry in ``/proc/<process>/fdinfo``.

    Raises:
        OSError: the process has closed it, or ended.
    """
    flags = int(re.findall(r"^flags:\s*(\d+)$", info.read_text(encoding="ascii"), re.MULTILINE)[0], 8)
    return flags & os.O_ACCMODE != os.O_RDONLY


def writers_began(name: str) -> dict[tuple[int, int], float]:
    """When the last started of the other processes that have a file open for writing began.

    Args:
        name: of the files that are asked for, without their folders.

    Returns:
        Seconds of the epoch, by the file's device and inode.
    """
    begun: dict[tuple[int, int], float] = {}
    for process, entry in descriptors():
        with contextlib.suppress(OSError):
            if entry.readlink().name == name and for_writing(info_of(entry)):
                file, since = file_id(entry), began(process)
                begun[file] = max(since, begun.get(file, since))
    return begun


def began(process: int) -> float:
    """When a process began, in seconds of the epoch.

    Raises:
        OSError: it has ended.
    """
    boot = int(re.findall(r"^btime (\d+)$", (PROCESSES / "stat").read_text(encoding="ascii"), re.MULTILINE)[0])
    about = (PROCESSES / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
    ticks = int(about.rpartition(")")[2].split()[19])  # the 22nd field; the second, a name, may have blanks
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def file_id(path: Path) -> tuple[int, int]:
    """What a file is known by whatever its name is: device and inode.

    Raises:
        OSError: there is none.
    """
    about = path.stat()
    return about.st_dev, about.st_ino


def lock_holder(path: Path) -> int | None:
    """The process that took the lock on a file and lives; its children, which inherit the open file, are not meant."""
    for process, info in opened_by(path):
        with contextlib.suppress(OSError):
            for line in info.read_text(encoding="ascii").splitlines():
                if line.startswith("lock:") and "FLOCK" in line and "WRITE" in line and str(process) in line.split():
                    return process
    return None


def stopping_holder(path: Path, asked: int | None = None) -> int | None:
    """The process that holds the lock on a file and has been asked to end.

    A training leaves SIGINT and SIGTERM pending until it can save its state (`ocr.utils.interruption`); the kernel
    tells which signals are pending.

    Args:
        path: the file.
        asked: a process that is known to have been asked; its signal is not pending any more while it saves.
    """
    process = lock_holder(path)
    if process is None or process == asked:
        return process
    with contextlib.suppress(OSError):
        status = (PROCESSES / str(process) / "status").read_text(encoding="utf-8", errors="replace")
        sets = re.findall(r"^(?:Sig|Shd)Pnd:\s*([0-9a-f]+)$", status, re.MULTILINE)
        if any(int(each, 16) & ENDING for each in sets):
            return process
    return None


def signal_holder(path: Path, signum: signal.Signals) -> int:
    """Signal the process that holds the lock on a file, and no other, even if its number is given away meanwhile.

    Returns:
        Its process id.

    Raises:
        InputError: nobody holds it, or the holder cannot be seen or signalled from here.
    """
    process = signal_found(lock_holder, path, signum)
    if process is not None:
        return process
    if is_locked(path):
        raise InputError(
            f"{path}: held by a process that cannot be seen from here (another user's, machine's or container's); "
            "stop it there"
        )
    raise InputError(f"{path}: no process holds it: the run is not running")


def signal_writer(path: Path, signum: signal.Signals) -> int:
    """Signal the process that leads a session and prints to a file, as one that was started apart.

    Returns:
        Its process id.

    Raises:
        InputError: there is none, or it cannot be signalled from here.
    """
    process = signal_found(leading_writer, path, signum)
    if process is None:
        raise InputError(f"{path}: no process that can be seen from here writes it: it has ended")
    return process


def leading_writer(path: Path) -> int | None:
    """The process that leads a session and prints to a file.

    Neither its children, which inherit the file, are meant, nor the program that is just starting it.
    """
    for process, info in opened_by(path):
        with contextlib.suppress(OSError):
            if info.name == STDOUT and os.getsid(process) == process and for_writing(info):
                return process
    return None


def signal_found(find: Callable[[Path], int | None], path: Path, signum: signal.Signals) -> int | None:
    """Signal the process that is found for a file, and no other, even if its number is given away meanwhile.

    Returns:
        Its process id; ``None`` if there is none.

    Raises:
        InputError: it cannot be signalled.
    """
    process = find(path)
    if process is None:
        return None
    try:
        handle = os.pidfd_open(process)
        try:
            if find(path) != process:  # the handle may be another's
                return None
            signal.pidfd_send_signal(handle, signum)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"{path}: process {process} cannot be signalled ({error.strerror})") from error
    return process
