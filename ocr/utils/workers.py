"""Processes that serve this one: they end with it, however it ends, and leave the signals to it.

Standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from ocr.utils.interruption import STOP_SIGNALS, end_children

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Let the kernel end this process when the one that started it ends, however it ends (Linux).

    Signals do not end workers: SIGINT and SIGTERM, which a terminal or a scheduler sends to the whole group, are for
    the process that can save something, and workers inherit that they are blocked. Elsewhere than on Linux a worker
    finds out within five seconds that its parent is gone (torch looks).

    Args:
        parent: the process that started this one; ``None``: as multiprocessing knows it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is None and (known := multiprocessing.parent_process()) is not None:
        parent = known.pid
    if parent is not None and os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(1)


class Worker(SpawnProcess):
    """A process of a pool: it holds SIGTERM, with which the pool would end it where another has died."""

    def terminate(self) -> None:
        """End it."""
        self.kill()


class WorkerContext(SpawnContext):
    """Spawned, not forked: the process that asks for them may have threads (a notebook, a trainer)."""

    Process = Worker


def in_turn(function: Callable[..., Any], items: list[tuple[Any, ...]]) -> list[Any]:
    """What a worker does with some items."""
    return [function(*arguments) for arguments in items]


def results(futures: deque[Future[list[Any]]]) -> Iterator[Any]:
    """What the workers make of all items, in order.

    `Executor.map` cancels what is left when its reader stops; a pool that loses a worker then trips over that.
    """
    while futures:
        yield from futures.popleft().result()


@contextlib.contextmanager
def spread(count: int, chunk: int = 1) -> Iterator[Callable[..., Iterator[Any]]]:
    """A ``map`` in so many processes, until the block ends; in this one where they are not two.

    Where the block fails or is stopped they are ended at once, in the middle of their work.

    Args:
        count: processes.
        chunk: items that one gets at a time.

    Raises:
        BrokenProcessPool: one of them was ended from outside.
    """
    if count <= 1:
        yield map
        return
    executor = ProcessPoolExecutor(count, mp_context=WorkerContext(), initializer=end_with_parent)
    resource_tracker.ensure_running()  # lets the signals through when it has started its process

    def spread_map(function: Callable[..., Any], *items: Any) -> Iterator[Any]:
        given = zip(*items, strict=False)
        chunks = iter(lambda: list(islice(given, chunk)), [])
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            return results(deque(executor.submit(in_turn, function, arguments) for arguments in chunks))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield spread_map
    except BaseException:
        end_children()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
