"""A loader's workers: what they do first, and whether there is shared memory enough for the batches they hand over.

Linux takes it from ``/dev/shm``, and a container has 64 MB of it by default. Where that is full, the
worker dies of a bus error, or, under a torch that allocates first, drops its batch and the training waits for ever.
"""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.data.dataset import TargetBuilder
from ocr.data.geometry_transforms import FitLongSide, round_up
from ocr.types import InputError, Record
from ocr.utils.workers import end_with_parent

SHARED_MEMORY = Path("/dev/shm")

PREFETCH_FACTOR = 2
"""Batches that torch lets each worker make ahead (its default)."""

PROBE = 32
"""Side of the image, in pixels, on which a target builder is tried: how many bytes of maps does it make."""


def start_loader_worker(worker: int) -> None:  # noqa: ARG001 - torch hands a worker its number
    """What a worker does first: it ends with its parent, and leaves the objects that it was forked with alone.

    A collection of all generations writes to the header of every object, and the kernel copies each page for it: a
    hundred megabytes a worker, at any time in a run. Frozen objects are passed over.
    """
    end_with_parent()
    gc.freeze()


def bytes_per_pixel(targets: TargetBuilder | None) -> int:
    """Bytes of a sample for each of its pixels: the image's three and what the training maps take."""
    maps = targets([], [], PROBE, PROBE) if targets is not None else {}
    return 3 + math.ceil(sum(map_HW.nbytes for map_HW in maps.values()) / PROBE**2)


def largest_input(records: Sequence[Record], transform: FitLongSide) -> int:
    """Pixels of the largest network input that evaluation makes of any record; a square where a size is not stated."""
    return max((fitted_pixels(record.width, record.height, transform) for record in records), default=0)


def fitted_pixels(width: int | None, height: int | None, transform: FitLongSide) -> int:
    """Pixels of the network input that an image of a size becomes."""
    side = transform.long_side
    long, short = max(width or 1, height or 1), min(width or 1, height or 1)
    shorter = max(round(short * side / long), 1) if width and height else side
    return round_up(side, transform.multiple) * round_up(shorter, transform.multiple)


def loader_need(num_workers: int, batch_bytes: int) -> int:
    """Bytes that lie in shared memory at most: what the workers make ahead, and the batch that is being used."""
    return (num_workers * PREFETCH_FACTOR + 1) * batch_bytes if num_workers else 0


def check_shared_memory(needs: Mapping[str, int], *, num_workers: int, setting: str, processes: int = 1) -> None:
    """Stop before a worker dies of too little shared memory. Nothing is checked where there is no ``/dev/shm``.

    Args:
        needs: bytes that each loader needs at most, by its name.
        num_workers: loader processes; 0 needs no shared memory.
        setting: the key that sets them.
        processes: training processes on this machine, each with loaders of its own.

    Raises:
        InputError: less is free than what the loaders need.
    """
    if not num_workers or not SHARED_MEMORY.is_dir():
        return
    file_system = os.statvfs(SHARED_MEMORY)
    size, free = (blocks * file_system.f_frsize for blocks in (file_system.f_blocks, file_system.f_bavail))
    need = sum(needs.values()) * processes
    if need > free:
        parts = ", ".join(f"{name} {megabytes(value)}" for name, value in needs.items())
        times = f" in each of {processes} processes" if processes > 1 else ""
        raise InputError(
            f"{SHARED_MEMORY}: {megabytes(free)} of {megabytes(size)} are free, {setting}={num_workers} needs up to "
            f"{megabytes(need)} of shared memory ({parts}{times}); in a container give `docker run "
            f"--shm-size={max(1, -(-need // 2**30))}g`, else use a smaller {setting} (0 needs none)"
        )


def megabytes(count: int) -> str:
    """Bytes in words, rounded up."""
    return f"{-(-count // 2**20)} MB"
