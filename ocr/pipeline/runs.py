"""List the runs of a folder with their state, figures and origin, from what their folders hold and nothing else."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ocr.pipeline.run_files import (
    CONFIG,
    FIGURES,
    HISTORY,
    LOG,
    TAIL,
    flat_figures,
    has_closing_validation,
    is_starting,
    progress,
    read_text,
    run_folders,
    stamp,
)
from ocr.report.runs import print_runs, write_runs
from ocr.types import InputError
from ocr.utils.holders import is_locked, writers_began
from ocr.utils.run_record import BEGUN, FINISHED, RECORD, read_json, read_record
from ocr.utils.runs import LOCK, POINTS, STAMPS
from ocr.utils.whole_file import new_file

State = Literal["running", "finished", "stopped", "failed", "killed"]
STATES: tuple[State, ...] = ("running", "finished", "stopped", "failed", "killed")
FILES = (CONFIG, RECORD, FIGURES, HISTORY, LOG, *(f"checkpoints/{name}" for name in POINTS))
"""The files that a row of the table is made from."""
SCALAR = re.compile(r"^(exp_name|task|seed|skip_test): (.*)$", re.MULTILINE)
EPOCHS = re.compile(r"^trainer:\n(?:  .*\n)*?  max_epochs: (-?\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder describes it.

    Attributes:
        folder: its folder.
        state: running: its lock is held, or will be; finished: all figures are written; stopped: by SIGINT or SIGTERM,
            what was done is saved; failed: an error ended it; killed: it ended without a word (SIGKILL, memory, power),
            or a version that kept no record left it.
        reason: what stopped or failed it.
        status: its exit status, if it could record one.
        started: local time of its first start.
        begun: local time of the start of its last part.
        wall_time_s: seconds that it ran, all parts together, without those of parts that were killed.
        epochs: epochs done.
        max_epochs: epochs asked for; ``None``: not limited.
        task: detection, recognition, extraction or a variant.
        seed: its seed.
        figures: figures by name (``val/cleval/hmean``); those of the last validation where the run has not finished.
        data_md5: digest of the data, once it has finished.
        git_revision: commit of the code, once it has finished.
        resumable: whether it has a checkpoint to continue from.
        starting: it is running and does not hold its lock yet.
    """

    folder: Path
    state: State
    reason: str = ""
    status: int | None = None
    started: datetime | None = None
    begun: datetime | None = None
    wall_time_s: float | None = None
    epochs: int = 0
    max_epochs: int | None = None
    task: str = ""
    seed: int | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    data_md5: str | None = None
    git_revision: str | None = None
    resumable: bool = False
    starting: bool = False


class RunReader:
    """Reads runs; what has been read of a folder is kept until one of its files changes.

    Attributes:
        reads: how many folders have been read so far.
    """

    def __init__(self) -> None:
        self.reads = 0
        self._kept: dict[Path, tuple[tuple[tuple[int, int], ...], Run]] = {}

    def runs(self, parent: Path) -> list[Run]:
        """The trainings below a folder, the latest first; empty if there is no such folder."""
        begun = writers_began(LOG)
        every = (self.run(folder, begun) for folder in run_folders(parent))
        # Other programs describe themselves in `.hydra` too; a start that came to nothing is described nowhere.
        found = [run for run in every if run.task or not (run.folder / CONFIG).is_file()]
        return sorted(
            found, key=lambda run: (run.started.timestamp() if run.started else 0.0, run.folder), reverse=True
        )

    def run(self, folder: Path, begun: Mapping[tuple[int, int], float] | None = None) -> Run:
        """The run of a folder.

        Args:
            folder: the folder.
            begun: `writers_began` of the runs' logs; ``None``: to be found.
        """
        held = is_locked(folder / LOCK)  # before its files: those of a run that has ended do not change
        stamps = tuple(map(stamp, (folder / name for name in FILES)))
        kept = self._kept.get(folder)
        if kept is None or kept[0] != stamps:
            self.reads += 1
            kept = self._kept[folder] = (stamps, read_run(folder))
        run = kept[1]
        if held or (run.state == "killed" and is_locked(folder / LOCK)):  # or continued in the meantime
            now = datetime.now().astimezone()
            # One that ended, and was continued just now, has not recorded its new beginning yet.
            since = (now - run.begun).total_seconds() if run.begun and run.state == "killed" else 0.0
            return replace(run, state="running", reason="", status=None, wall_time_s=(run.wall_time_s or 0.0) + since)
        if is_starting(folder, writers_began(LOG) if begun is None else begun):
            return replace(run, state="running", reason="", status=None, starting=True)
        return run


def read_run(folder: Path) -> Run:
    """Read a run whose lock nobody holds."""
    record, figures = read_record(folder), read_json(folder / FIGURES)
    text = read_text(folder / CONFIG)
    settings = dict(SCALAR.findall(text))
    limit = int(found[1]) if (found := EPOCHS.search(text)) else -1
    epochs, last_figures = progress(folder / HISTORY, closing=has_closing_validation(record, figures))
    state, reason = ended(folder, record, finished=bool(figures))
    seed = settings.get("seed", "")
    return Run(
        folder=folder,
        state=state,
        reason=reason,
        status=record.get("status"),
        started=first_start(folder, record),
        begun=recorded(record, "begun"),
        wall_time_s=record.get("wall_time_s") or figures.get("wall_time_s"),
        epochs=min(epochs, limit) if limit > 0 else epochs,
        max_epochs=limit if limit > 0 else None,
        task=settings.get("task", ""),
        seed=int(seed) if seed.lstrip("-").isdecimal() else None,
        figures=(state == FINISHED and flat_figures(figures)) or last_figures,
        data_md5=(figures.get("data") or {}).get("md5"),
        git_revision=figures.get("git_revision"),
        resumable=any((folder / "checkpoints" / name).exists() for name in POINTS),
    )


def ended(folder: Path, record: Mapping[str, Any], *, finished: bool) -> tuple[State, str]:
    """State and reason of a run that is not running."""
    state = record.get("state")
    if state == BEGUN or (not state and not finished and (folder / CONFIG).is_file()):
        return "killed", "it ended without a word: killed, out of memory, or without power"
    if state in STATES:
        return state, str(record.get("reason", ""))
    if finished:
        return "finished", ""
    said = [line for line in read_text(folder / LOG, TAIL).splitlines() if line.strip()]
    return "failed", said[-1].strip() if said else "it did not start"


def recorded(record: Mapping[str, Any], name: str) -> datetime | None:
    """A time of the record."""
    with contextlib.suppress(KeyError, TypeError, ValueError):
        return datetime.fromisoformat(record[name])
    return None


def first_start(folder: Path, record: Mapping[str, Any]) -> datetime | None:
    """When a run was started first: as recorded, else as its folder's name says."""
    if (started := recorded(record, "started")) is not None:
        return started
    for name, form in zip((folder.name, f"{folder.parent.name}/{folder.name}"), STAMPS, strict=True):
        with contextlib.suppress(ValueError):
            return datetime.strptime(name, form).astimezone()
    about = folder / CONFIG
    return datetime.fromtimestamp(about.stat().st_mtime).astimezone() if about.exists() else None


def as_row(run: Run, parent: Path) -> dict[str, Any]:
    """A run as a row of plain values; figures under ``figures``."""
    values = {name: getattr(run, name) for name in Run.__slots__ if name not in {"folder", "begun", "starting"}}
    started = run.started.isoformat(timespec="seconds") if run.started else None
    return {"run": os.path.relpath(run.folder, parent), **values, "started": started, "figures": dict(run.figures)}


def report_runs(folder: str, output: str | None, *, overwrite: bool = False) -> None:
    """Print the runs of a folder as a table, or write them to a file.

    Args:
        folder: folder of the runs.
        output: a ``.csv`` or ``.json`` file to write instead.
        overwrite: whether it may exist.

    Raises:
        InputError: the folder does not exist, the file exists, or it has another ending.
    """
    parent = Path(folder)
    if not parent.is_dir():
        raise InputError(
            f"input={folder}: no such folder: there is no run yet (`make train` makes one), or they are elsewhere"
        )
    rows = [as_row(run, parent) for run in RunReader().runs(parent)]
    if output is None:
        print_runs(rows)
    else:
        write_runs(rows, new_file(Path(output), overwrite=overwrite))
