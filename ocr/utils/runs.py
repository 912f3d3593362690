"""Which folder a run writes to, and that it is alone there. Standard library only: Hydra asks before all imports."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from logging.handlers import MemoryHandler
from pathlib import Path

from ocr.utils.errors import InputError
from ocr.utils.printable import say

STAMPS = ("%Y-%m-%d_%H-%M-%S", "%Y-%m-%d/%H-%M-%S")
"""How a run's folder, and that of a sweep, is named by its start."""
AHEAD = timedelta(hours=14)
"""A folder may be dated so far in the future: clocks of one run may be of different time zones (a container's)."""
POINTS = ("last.ckpt", "previous.ckpt")
LOCK = ".lock"
DESCRIPTION = ".hydra"
EVERYTHING = sys.maxsize


def hold(path: Path) -> int | None:
    """Lock a file, made where it is missing, until the result is closed or this process ends.

    Where the file system knows no locks, a line on the error stream says that nothing is locked.

    Returns:
        The open file; ``None`` where another process, or another part of this one, holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had it may have deleted it between the two: a lock on a file without a name keeps nobody out.
            if not path.exists() or not os.path.samestat(os.fstat(lock), path.stat()):
                os.close(lock)
                continue
        except BlockingIOError:
            os.close(lock)
            return None
        except OSError as error:
            reason = f"{path}: cannot be locked here ({error.strerror})"
            say(f"{reason}; see to it that nothing else writes to this folder", error=True)
        return lock


@contextlib.contextmanager
def checkpoint_held(path: Path) -> Iterator[None]:
    """Keep trainings out of the folder of the run that a checkpoint belongs to, if any, while the block replaces it.

    Raises:
        InputError: one writes there.
    """
    place = path.absolute().parent.parent / LOCK
    lock = None
    if path.absolute().parent.name == "checkpoints" and place.exists():
        lock = hold(place)
        if lock is None:
            raise InputError(
                f"{path}: a training writes to its folder and would replace it; wait for its end, or copy it"
            )
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def run_folder(parent: str, resume: str | None, stamp: str) -> str:
    """The folder of a new run, or of the one to go on with.

    Args:
        parent: ``outputs/<exp_name>``.
        resume: ``None``; ``auto`` for the newest run below ``parent`` that has a point to continue from; a run's
            folder; or a checkpoint in a run's ``checkpoints`` folder.
        stamp: name of a new run's folder, its start; where that is taken, the next second that is not.
    """
    if resume == "auto":
        found = newest_run(Path(parent), stamp)
        if found is not None:
            return str(found)
    elif resume is not None:
        path = Path(resume).absolute()
        if path.suffix != ".ckpt":
            return str(path)
        if path.parent.name == "checkpoints":  # elsewhere it belongs to no run, which the run will say
            return str(path.parent.parent)
    while os.path.lexists(f"{parent}/{stamp}") and (later := moved(stamp, timedelta(seconds=1))):
        stamp = later
    return f"{parent}/{stamp}"


def newest_run(parent: Path, now: str) -> Path | None:
    """The run below a folder that was started last and can be continued.

    The names say when. One that is no time comes after those that are. One that lies in the future says nothing, and
    is told.
    """
    runs = {path.parent.parent for name in POINTS for path in parent.glob(f"*/checkpoints/{name}")}
    latest = moved(now, AHEAD)
    ahead = sorted(run for run in runs if latest and moved(run.name) and run.name > latest)
    for run in ahead:
        say(f"resume=auto: passed over {run}, which is dated in the future; resume={run} continues it")
    return max(runs.difference(ahead), key=lambda run: (bool(moved(run.name)), run.name), default=None)


def moved(stamp: str, by: timedelta = timedelta()) -> str | None:
    """The stamp of a later time; ``None`` where it is none."""
    for form in STAMPS:
        with contextlib.suppress(ValueError, OverflowError):
            return (datetime.strptime(stamp, form) + by).strftime(form)
    return None


class RunFolder:
    """Where a run writes. What was there before is as it was until `begin`, and stays so where the run is refused.

    Args:
        first: this process speaks for the run. The others, of further devices, make and write nothing.
    """

    def __init__(self, *, first: bool = True) -> None:
        self.first = first
        self.path: Path | None = None
        self._chosen: dict[tuple[str, str | None], str] = {}
        self._made: list[Path] = []  # folders that were not there, outer ones first
        self._new_lock = False
        self._lock: int | None = None
        self._texts: Mapping[str, str] = {}
        self._log: MemoryHandler | None = None
        self._log_name = ""
        self._begun = False

    def choose(self, parent: str, resume: str | None, stamp: str) -> str:
        """`run_folder`, made where it is missing: no other run gets the same. Asked again it is the same.

        Raises:
            OSError: it cannot be made.
        """
        key = (parent, resume)
        while key not in self._chosen:
            folder = run_folder(parent, resume, stamp)
            with contextlib.suppress(FileExistsError):  # made by another start in the meantime: the next one
                if self.first and not Path(folder).is_dir():
                    self._make(Path(folder))
                self._chosen[key] = folder
        return self._chosen[key]

    def _make(self, folder: Path) -> None:
        for outer in reversed(folder.absolute().parents):
            if not outer.is_dir():
                outer.mkdir(exist_ok=True)
                self._made.append(outer)
        folder.mkdir()
        self._made.append(folder.absolute())

    def enter(self, path: Path, texts: Mapping[str, str], log: str) -> bool:
        """Take the folder for this run alone.

        Args:
            path: the folder.
            texts: what `begin` writes there, by its path within.
            log: name of the file that then gets what the program has logged, and logs from there on.

        Returns:
            False where another run has it.
        """
        self.path, self._texts, self._log_name, self._begun = path, texts, log, False
        if not self.first:
            return True
        self._new_lock = not (path / LOCK).exists()
        self._lock = hold(path / LOCK)
        if self._lock is None:
            return False
        self._log = MemoryHandler(EVERYTHING, flushLevel=EVERYTHING)
        logging.getLogger().addHandler(self._log)
        if path.absolute() in self._made:  # there is nothing that could be lost, and a killed start can be looked into
            self.begin()
        return True

    def point(self) -> Path | None:
        """A checkpoint to continue from, if there is one yet."""
        paths = [self.path / "checkpoints" / name for name in POINTS] if self.path is not None else []
        return next((path for path in paths if path.exists()), None)

    def begin(self) -> None:
        """Nothing can refuse the run any more: write what it begins with, once, and clear what a kill left."""
        if self._begun or self.path is None or self._log is None:
            return
        self._begun = True
        for leftover in (self.path / "checkpoints").glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        for name, text in self._texts.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text, encoding="utf-8")
        file = logging.FileHandler(self.path / self._log_name, encoding="utf-8")
        file.setFormatter(logging.Formatter("[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"))
        self._log.setTarget(file)
        self._log.capacity = 1
        self._log.flush()

    def leave(self, *, refused: bool) -> None:
        """Let others have the folder; a refused run takes away what it made, where nothing but that is there."""
        if self._log is not None:
            logging.getLogger().removeHandler(self._log)
            self._log.close()
            self._log = None
        if refused and self.first:
            self._undo()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _undo(self) -> None:
        if self._new_lock and self._lock is not None and self.path is not None:
            (self.path / LOCK).unlink(missing_ok=True)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                if all(entry.name in {LOCK, DESCRIPTION} or entry.suffix == ".log" for entry in folder.iterdir()):
                    shutil.rmtree(folder)
