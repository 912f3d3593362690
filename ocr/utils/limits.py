"""Limits of settings: what sizes a program's loops, memory or processes, shares, and what is on or off."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
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
    "long_side": (32, 32_767),
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
SWITCHES = frozenset(
    [
        "channels_last",
        "csv",
        "dirty",
        "enable_progress_bar",
        "enabled",
        "fast",
        "fix",
        "follow_links",
        "full",
        "half",
        "held_out",
        "keep_going",
        "mark",
        "overwrite",
        "per_image",
        "pretrained",
        "push",
        "record",
        "repair",
        "skip_test",
        "stored",
        "table",
        "visualize",
        "whole",
        "without_key",
        "write",
    ]
)
"""By the last part of a setting's name, in any program: what is on or off."""
SHARES = frozenset({"korean", "latin_kept", "lost", "misread_share", "worst"})
"""By the last part of a setting's name, in any program of ``runners/``: numbers from 0 to 1."""


def check_settings(config: Any) -> None:
    """Check counts, shares, and what is on or off, before any work starts.

    Args:
        config: the program's configuration as nested dictionaries and lists.

    Raises:
        InputError: a number is out of range, or a switch is neither true, false nor null: to Hydra, ``no`` and ``off``
            are texts, which would count as on.
    """
    for key, value in named(config, {*COUNTS, *SWITCHES, *SHARES}):
        name = key.rsplit(".", 1)[-1]
        if value is None or (name in WORDS and isinstance(value, str)):
            continue
        if name in SWITCHES:
            fits, wanted = isinstance(value, bool), "true or false"
        elif name in SHARES:
            fits, wanted = type(value) in (int, float) and 0 <= value <= 1, "a number from 0 to 1"
        else:
            low, high = COUNTS[name]
            fits, wanted = type(value) is int and low <= value <= high, f"a whole number from {low} to {high}"
        if not fits:
            raise InputError(f"{key}={str(value)[:50]}: must be {wanted}")


def named(config: Any, names: Collection[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The settings with the given last parts of their names, by dotted name; sections and lists are walked."""
    for name, value in config.items() if isinstance(config, dict) else enumerate(config):
        if isinstance(value, dict | list):
            yield from named(value, names, f"{prefix}{name}.")
        elif name in names:
            yield f"{prefix}{name}", value


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
    check_settings({"workers": int(workers)})
    return int(workers)
