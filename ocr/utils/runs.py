"""Which folder a run writes to, and that it is alone there. Standard library only: Hydra asks before all imports."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def hold(path: Path) -> int | None:
    """Lock a file, made where it is missing, until the result is closed or this process ends.

    Returns:
        The open file; ``None`` where another process, or another part of this one, holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def run_folder(parent: str, resume: str | None, stamp: str) -> str:
    """The folder of a new run, or of the one to go on with.

    Args:
        parent: ``outputs/<exp_name>``.
        resume: ``None``; ``auto`` for the newest run below ``parent`` that has a checkpoint; a run's folder; or a
            checkpoint in a run's ``checkpoints`` folder.
        stamp: name of a new run's folder.
    """
    if resume == "auto":
        runs = sorted({path.parent.parent for path in Path(parent).glob("*/checkpoints/*.ckpt")}, reverse=True)
        return str(runs[0]) if runs else f"{parent}/{stamp}"
    if resume is not None:
        path = Path(resume).absolute()
        if path.suffix != ".ckpt":
            return str(path)
        if path.parent.name == "checkpoints":  # elsewhere it belongs to no run, which the run will say
            return str(path.parent.parent)
    return f"{parent}/{stamp}"
