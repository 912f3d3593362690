"""How many processor cores there are for this program."""

from __future__ import annotations

import os

from ocr.utils.errors import InputError
from ocr.utils.limits import check_counts


def available_cores() -> int:
    """Cores that this process may use, at least 1: fewer than the machine has where a scheduler says so (Linux)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(workers: int | str) -> int:
    """How many processes ``workers`` asks for; ``auto`` is one per available core.

    Raises:
        InputError: it is neither ``auto`` nor a whole number of at least 0.
    """
    if workers == "auto":
        return available_cores()
    if not str(workers).isdecimal():
        raise InputError(f"workers={workers}: must be auto, or a whole number of at least 0")
    check_counts({"workers": int(workers)})
    return int(workers)
