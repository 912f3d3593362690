"""What a process that serves another does first."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys

PR_SET_PDEATHSIG = 1


def start_loader_worker(worker: int) -> None:  # noqa: ARG001 - torch hands a worker its number
    """What a loader's worker does first: it ends with its parent, and leaves the objects that it was forked with alone.

    A collection of all generations writes to the header of every object, and the kernel copies each page for it: a
    hundred megabytes a worker, at any time in a run. Frozen objects are passed over.
    """
    end_with_parent()
    gc.freeze()


def end_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends, however it ends (Linux).

    Signals do not end workers: SIGINT and SIGTERM, which a terminal or a scheduler sends to the whole group, are for
    the process that can save something, and workers inherit that they are blocked. Elsewhere than on Linux a worker
    finds out within five seconds that its parent is gone (torch looks).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
