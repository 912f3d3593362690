"""The record in a run's folder of its start and its end. Standard library only.

It is written when a run begins to write to its folder, again by a run that continues there, and once more when the run
leaves it. A process that is killed, or a machine without power, writes nothing at its end: the record still says that
the run has begun, while nobody holds the folder's lock.
"""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ocr.utils.interruption import Stopped
from ocr.utils.printable import printable
from ocr.utils.whole_file import whole_file

RECORD = ".hydra/run.json"
BEGUN, FINISHED, STOPPED, FAILED = "begun", "finished", "stopped", "failed"
LONGEST = 2000
"""Characters of a reason that are kept."""


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if there is none, or if it is damaged."""
    with contextlib.suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return content
    return {}


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a run's folder; empty if there is none, as in folders of older versions, or if it is damaged."""
    return read_json(folder / RECORD)


def record_begin(folder: Path) -> None:
    """Record that a run writes to the folder from now on, and how long earlier parts of it took."""
    before = read_record(folder)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    content = {"state": BEGUN, "started": before.get("started", now), "begun": now}
    write_record(folder, {**content, "wall_time_s": before.get("wall_time_s", 0.0)})


def record_end(folder: Path, seconds: float, error: BaseException | None) -> None:
    """Record how a run ended.

    Args:
        folder: its folder.
        seconds: how long it ran, which is added to what earlier parts of it took.
        error: what ended it; ``None`` if it finished.
    """
    before = read_record(folder)
    state, status, reason = outcome(error)
    end = {"state": state, "status": status, "reason": printable(reason)[:LONGEST]}
    end["ended"] = datetime.now().astimezone().isoformat(timespec="seconds")
    write_record(folder, {**before, **end, "wall_time_s": round(float(before.get("wall_time_s", 0.0)) + seconds, 1)})


def write_record(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the record whole or not at all; a full disk does not hide what ended the run."""
    with contextlib.suppress(OSError), whole_file(folder / RECORD) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def outcome(error: BaseException | None) -> tuple[str, int, str]:
    """State, exit status and reason of a run that an error ended, or none."""
    if error is None:
        return FINISHED, 0, ""
    cause = error.__context__ if isinstance(error, SystemExit) and not isinstance(error.code, str) else error
    if isinstance(cause, Stopped):
        return STOPPED, cause.exit_status, f"{signal.Signals(cause.signum).name}: {cause.done}"
    if isinstance(cause, SystemExit) or cause is None:
        return FAILED, 1, str(error)
    return FAILED, 1, f"{type(cause).__name__}: {cause}"
