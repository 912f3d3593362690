"""Limits of settings that size a program's loops, memory or processes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
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
    "lines": (0, 100_000),
    "lines_per_receipt": (1, 65_536),
    "long_side": (1, 32_767),
    "max_bytes": (1, 2**31),
    "max_candidates": (1, 1_000_000),
    "max_pages": (1, 1_000_000),
    "max_pixels": (1, 2**40),
    "multiple": (1, 32_767),
    "num_nodes": (1, 100_000),
    "num_workers": (0, 1024),
    "pictures": (0, 100_000),
    "pool": (1, 65_536),
    "port": (0, 65_535),
    "queue": (0, 100_000),
    "size": (1, 32_767),
    "start_up_pairs": (0, 1000),
    "test": (0, 1_000_000),
    "threads": (1, 1024),
    "train": (0, 1_000_000),
    "val": (0, 1_000_000),
    "workers": (0, 1024),
}
"""By the last part of a setting's name, in any program: its minimum and maximum."""
WORDS = frozenset({"devices", "workers"})
"""Settings that may also be a word, such as ``auto``, or a list; their reader checks those."""


def check_counts(config: Any) -> None:
    """Check all counts of a configuration before any work starts.

    Args:
        config: the program's configuration as nested dictionaries and lists.

    Raises:
        InputError: a number is out of range.
    """
    for key, value in numbers(config):
        low, high = COUNTS[key.rsplit(".", 1)[-1]]
        if type(value) is not int or not low <= value <= high:
            raise InputError(f"{key}={str(value)[:50]}: must be a whole number from {low} to {high}")


def check_switches(settings: Mapping[str, Any]) -> None:
    """Check settings that are on or off, so that ``no`` or ``off``, which are texts, do not count as on.

    Args:
        settings: by name.

    Raises:
        InputError: one is neither true nor false.
    """
    for name, value in settings.items():
        if not isinstance(value, bool):
            raise InputError(f"{name}={str(value)[:50]}: must be true or false")


def numbers(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The settings that are listed in `COUNTS`, by dotted name."""
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
    """Cores that this process may use, at least 1; a scheduler may allow fewer than the machine has (Linux)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(workers: int | str) -> int:
    """The number of processes that ``workers`` asks for; ``auto`` is one per available core.

    Raises:
        InputError: it is neither ``auto`` nor a whole number of at least 0.
    """
    if workers == "auto":
        return available_cores()
    if not str(workers).isdecimal():
        raise InputError(f"workers={workers}: must be auto, or a whole number of at least 0")
    check_counts({"workers": int(workers)})
    return int(workers)
