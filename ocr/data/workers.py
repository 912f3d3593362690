"""Start loader workers, and check that there is enough shared memory for their batches.

Linux provides it in ``/dev/shm``, of which a container has 64 MB by default. When it is full, the worker dies of a bus
error, or, with a torch that allocates first, drops its batch and the training waits for ever.
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
"""Batches that torch lets each worker prefetch (its default)."""

PROBE = 32
"""Side in pixels of the image on which a target builder is tried, to measure the bytes of its maps."""


def start_loader_worker(worker: int) -> None:  # noqa: ARG001 - torch hands a worker its number
    """Initialise a worker: it ends with its parent, and does not touch the objects that it was forked with.

    A garbage collection of all generations writes to the header of every object, so the kernel copies each page: a
    hundred megabytes per worker, at any time in a run. Frozen objects are skipped.
    """
    end_with_parent()
    gc.freeze()


def bytes_per_pixel(targets: TargetBuilder | None) -> int:
    """Bytes of a sample per pixel: three of the image and those of the training maps."""
    maps = targets([], [], PROBE, PROBE) if targets is not None else {}
    return 3 + math.ceil(sum(map_HW.nbytes for map_HW in maps.values()) / PROBE**2)


def largest_input(records: Sequence[Record], transform: FitLongSide) -> int:
    """Pixels of the largest network input in evaluation; a square for a record without a stated size."""
    return max((fitted_pixels(record.width, record.height, transform) for record in records), default=0)


def fitted_pixels(width: int | None, height: int | None, transform: FitLongSide) -> int:
    """Pixels of the network input for an image of this size."""
    side = transform.long_side
    long, short = max(width or 1, height or 1), min(width or 1, height or 1)
    shorter = max(round(short * side / long), 1) if width and height else side
    return round_up(side, transform.multiple) * round_up(shorter, transform.multiple)


def loader_need(num_workers: int, batch_bytes: int) -> int:
    """Maximal bytes in shared memory: the batches that the workers prefetch, and the one in use."""
    return (num_workers * PREFETCH_FACTOR + 1) * batch_bytes if num_workers else 0


def check_shared_memory(needs: Mapping[str, int], *, num_workers: int, setting: str, processes: int = 1) -> None:
    """Check that the loaders have enough shared memory. Does nothing without ``/dev/shm``.

    Args:
        needs: maximal bytes that each loader needs, by its name.
        num_workers: loader processes; 0 needs no shared memory.
        setting: the key that sets them.
        processes: training processes on this machine, each with its own loaders.

    Raises:
        InputError: less memory is free than the loaders need.
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
    """Bytes as text in MB, rounded up."""
    return f"{-(-count // 2**20)} MB"
