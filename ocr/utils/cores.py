"""How many processor cores there are for this program."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Cores that this process may use, at least 1: fewer than the machine has where a scheduler says so (Linux)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
