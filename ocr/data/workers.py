"""What a loader's worker does first."""

from __future__ import annotations

import gc

from ocr.utils.workers import end_with_parent


def start_loader_worker(worker: int) -> None:  # noqa: ARG001 - torch hands a worker its number
    """What a loader's worker does first: it ends with its parent, and leaves the objects that it was forked with alone.

    A collection of all generations writes to the header of every object, and the kernel copies each page for it: a
    hundred megabytes a worker, at any time in a run. Frozen objects are passed over.
    """
    end_with_parent()
    gc.freeze()
