"""Choose and lock a run's output folder. Standard library only: Hydra asks for the folder before heavy imports."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from logging.handlers import MemoryHandler
from pathlib import Path

from ocr.utils.errors import InputError
from ocr.utils.printable import say
from ocr.utils.run_record import RECORD, record_begin, record_end

STAMPS = ("%Y-%m-%d_%H-%M-%S", "%Y-%m-%d/%H-%M-%S")
"""Formats of the start time that names a run's folder, and a sweep's."""
AHEAD = timedelta(hours=14)
"""How far in the future a folder may be dated: the clocks of one run may differ in time zone (containers)."""
POINTS = ("last.ckpt", "previous.ckpt")
LOCK = ".lock"
DESCRIPTION = ".hydra"
EVERYTHING = sys.maxsize
LOOKS, LOOK_S = 50, 0.02
"""How often a lock is tried, seconds apart: who only looks whether it is held (`is_locked`) has it for an instant."""


def hold(path: Path) -> int | None:
    """Lock a file, created if missing, until the result is closed or this process ends.

    If the file system does not support locks, a warning on stderr says that nothing is locked.

    Returns:
        The open file; ``None`` if another process, or another part of this one, holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    looks = 0
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The previous holder may have deleted the file in between: a lock on an unlinked file excludes nobody.
            if not path.exists() or not os.path.samestat(os.fstat(lock), path.stat()):
                os.close(lock)
                continue
        except BlockingIOError:
            os.close(lock)
            looks += 1
            if looks == LOOKS:
                return None
            time.sleep(LOOK_S)
            continue
        except OSError as error:
            reason = f"{path}: cannot be locked here ({error.strerror})"
            say(f"{reason}; make sure that nothing else writes to this folder", error=True)
        return lock


@contextlib.contextmanager
def checkpoint_held(path: Path) -> Iterator[None]:
    """Lock the run folder that a checkpoint belongs to, if any, while the block replaces the checkpoint.

    Raises:
        InputError: a training is writing there.
    """
    place = path.absolute().parent.parent / LOCK
    lock = None
    if path.absolute().parent.name == "checkpoints" and place.exists():
        lock = hold(place)
        if lock is None:
            raise InputError(
                f"{path}: a training is writing to its folder and would replace it; wait until it ends, or copy it"
            )
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def run_folder(parent: str, resume: str | None, stamp: str) -> str:
    """The folder of a new run, or of the run to resume.

    Args:
        parent: ``outputs/<exp_name>``.
        resume: ``None``; ``auto`` for the newest run below ``parent`` that has a checkpoint to resume from; a run's
            folder; or a checkpoint in a run's ``checkpoints`` folder.
        stamp: start time that names a new run's folder; if that exists, the next free second is taken.
    """
    if resume == "auto":
        found = newest_run(Path(parent), stamp)
        if found is not None:
            return str(found)
    elif resume is not None:
        path = Path(resume).absolute()
        if path.suffix != ".ckpt":
            return str(path)
        if path.parent.name == "checkpoints":  # elsewhere it belongs to no run, which `resume_point` reports
            return str(path.parent.parent)
    while os.path.lexists(f"{parent}/{stamp}") and (later := moved(stamp, timedelta(seconds=1))):
        stamp = later
    return f"{parent}/{stamp}"


def newest_run(parent: Path, now: str) -> Path | None:
    """The most recently started run below a folder that can be resumed.

    Runs are ordered by the start time in their names. A name that is not a time ranks last. A run dated in the future
    is skipped and reported.
    """
    runs = {path.parent.parent for name in POINTS for path in parent.glob(f"*/checkpoints/{name}")}
    latest = moved(now, AHEAD)
    ahead = sorted(run for run in runs if latest and moved(run.name) and run.name > latest)
    for run in ahead:
        say(f"resume=auto: skipped {run}, which is dated in the future; resume={run} continues it")
    return max(runs.difference(ahead), key=lambda run: (bool(moved(run.name)), run.name), default=None)


def moved(stamp: str, by: timedelta = timedelta()) -> str | None:
    """The stamp shifted to a later time; ``None`` if it is not a valid stamp."""
    for form in STAMPS:
        with contextlib.suppress(ValueError, OverflowError):
            return (datetime.strptime(stamp, form) + by).strftime(form)
    return None


class RunFolder:
    """The folder that a run writes to. Its content stays unchanged until `begin`, and for good if the run is refused.

    Args:
        first: whether this is the run's main process. Those of further devices create and write nothing.
    """

    def __init__(self, *, first: bool = True) -> None:
        self.first = first
        self.path: Path | None = None
        self._chosen: dict[tuple[str, str | None], str] = {}
        self._made: list[Path] = []  # folders that this run created, outer ones first
        self._new_lock = False
        self._lock: int | None = None
        self._texts: Mapping[str, str] = {}
        self._log: MemoryHandler | None = None
        self._log_name = ""
        self._begun = False
        self._since = time.monotonic()

    def choose(self, parent: str, resume: str | None, stamp: str) -> str:
        """Choose a folder (`run_folder`) and create it if missing, so that no other run gets it; repeatable.

        Raises:
            OSError: it cannot be created.
        """
        key = (parent, resume)
        while key not in self._chosen:
            folder = run_folder(parent, resume, stamp)
            with contextlib.suppress(FileExistsError):  # another start created it in the meantime: try the next one
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
        """Lock the folder for this run.

        Args:
            path: the folder.
            texts: files that `begin` writes, by path within the folder.
            log: name of the log file, which gets all that the program has logged so far and logs from then on.

        Returns:
            False if another run holds it.
        """
        self.path, self._texts, self._log_name, self._begun = path, texts, log, False
        self._since = time.monotonic()
        if not self.first:
            return True
        self._new_lock = not (path / LOCK).exists()
        self._lock = hold(path / LOCK)
        if self._lock is None:
            return False
        self._log = MemoryHandler(EVERYTHING, flushLevel=EVERYTHING)
        logging.getLogger().addHandler(self._log)
        # Nothing can be lost in a new folder, nor in one with nothing but the log of the program that made it for this
        # run; and a killed start leaves its log.
        present = {entry.suffix for entry in path.iterdir() if entry.name != LOCK}
        if path.absolute() in self._made or present == {".log"}:
            self.begin()
        return True

    def point(self) -> Path | None:
        """The checkpoint to resume from, if there is one yet."""
        paths = [self.path / "checkpoints" / name for name in POINTS] if self.path is not None else []
        return next((path for path in paths if path.exists()), None)

    def begin(self) -> None:
        """Write the run's initial files and remove leftovers of a killed run, once nothing can refuse the run."""
        if self._begun or self.path is None or self._log is None:
            return
        self._begun = True
        for leftover in (self.path / "checkpoints").glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        record_begin(self.path)
        for name, text in self._texts.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text, encoding="utf-8")
        file = logging.FileHandler(self.path / self._log_name, encoding="utf-8")
        file.setFormatter(logging.Formatter("[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"))
        self._log.setTarget(file)
        self._log.capacity = 1
        self._log.flush()

    def leave(self, *, refused: bool, error: BaseException | None = None) -> None:
        """Release the folder; a refused run removes the folders that it created if nothing else is in them.

        Args:
            refused: whether nothing was done.
            error: what ended the run, for its record; ``None`` if it finished.
        """
        if self._log is not None:
            logging.getLogger().removeHandler(self._log)
            self._log.close()
            self._log = None
        if refused and self.first:
            self._undo()
        if self._lock is not None:
            if self._begun and self.path is not None and (self.path / RECORD).exists():
                record_end(self.path, time.monotonic() - self._since, error)
            os.close(self._lock)
            self._lock = None

    def _undo(self) -> None:
        if self._new_lock and self._lock is not None and self.path is not None:
            (self.path / LOCK).unlink(missing_ok=True)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                if all(entry.name in {LOCK, DESCRIPTION} or entry.suffix == ".log" for entry in folder.iterdir()):
                    shutil.rmtree(folder)
