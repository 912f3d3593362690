"""Settings that size a loop, the memory or the processes of a program: what they may be at most."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ocr.utils.errors import InputError

COUNTS = {
    "batch_size": (1, 65_536),
    "copies": (1, 10_000),
    "count": (0, 10_000),
    "devices": (-1, 1024),
    "drawn_per_epoch": (0, 100_000_000),
    "every_n_steps": (1, 10**9),
    "examples": (0, 100_000),
    "folds": (0, 10_000),
    "long_side": (1, 32_767),
    "max_candidates": (1, 1_000_000),
    "multiple": (1, 32_767),
    "num_nodes": (1, 100_000),
    "num_workers": (0, 1024),
    "pictures": (0, 100_000),
    "size": (1, 32_767),
    "start_up_pairs": (0, 1000),
    "test": (0, 1_000_000),
    "threads": (1, 1024),
    "train": (0, 1_000_000),
    "val": (0, 1_000_000),
    "workers": (0, 1024),
}
"""By the last part of a setting's name, in whichever program: its least and its greatest number."""
WORDS = frozenset({"devices", "workers"})
"""Those that may be a word, as ``auto``, or a list, which who reads the setting checks."""


def check_counts(config: Any) -> None:
    """Find a number out of range before a program does what it says.

    Args:
        config: a program's configuration as nested dictionaries and lists.

    Raises:
        InputError: there is one.
    """
    for key, value in numbers(config):
        low, high = COUNTS[key.rsplit(".", 1)[-1]]
        if type(value) is not int or not low <= value <= high:
            raise InputError(f"{key}={str(value)[:50]}: must be a whole number from {low} to {high}")


def numbers(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What stands for the numbers in `COUNTS`, with the settings' names."""
    if isinstance(config, dict):
        for name, value in config.items():
            if isinstance(value, dict | list):
                yield from numbers(value, f"{prefix}{name}.")
            elif name in COUNTS and value is not None and not (name in WORDS and isinstance(value, str)):
                yield f"{prefix}{name}", value
    elif isinstance(config, list):
        for place, value in enumerate(config):
            yield from numbers(value, f"{prefix}{place}.")


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
