"""What a process that serves another does first."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(worker: int = 0) -> None:  # noqa: ARG001 - torch hands a loader's worker its number
    """Let the kernel end this process when the one that started it ends, however it ends (Linux).

    Signals do not end workers: SIGINT and SIGTERM, which a terminal or a scheduler sends to the whole group, are for
    the process that can save something, and workers inherit that they are blocked. Elsewhere than on Linux a worker
    finds out within five seconds that its parent is gone (torch looks).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
