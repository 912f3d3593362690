"""Worker processes that end with their parent, however it ends, and leave signals to it.

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
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from ocr.utils.interruption import STOP_SIGNALS, end_children

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Let the kernel kill this process when its parent ends, however it ends (Linux).

    Signals do not end workers: SIGINT and SIGTERM, which a terminal or a scheduler sends to the whole group, are meant
    for the process that has something to save, and workers inherit that they are blocked. On systems other than Linux a
    worker notices within five seconds that its parent is gone (torch checks).

    Args:
        parent: process id of the parent; ``None``: the one that multiprocessing reports.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is None and (known := multiprocessing.parent_process()) is not None:
        parent = known.pid
    if parent is not None and os.getppid() != parent:  # the parent ended before prctl was called
        os._exit(1)


class Worker(SpawnProcess):
    """A pool process, killed instead of terminated: it blocks SIGTERM, which a pool sends when another worker dies."""

    def terminate(self) -> None:
        """End it."""
        self.kill()


class WorkerContext(SpawnContext):
    """Spawns workers rather than forking them: the parent may have threads (a notebook, a trainer)."""

    Process = Worker


def start_worker(function: Callable[..., None], *arguments: Any) -> tuple[SpawnProcess, Connection]:
    """Start a process that runs ``function(connection, *arguments)``, with the stop signals blocked.

    It should call `end_with_parent` first; the kernel then ends it with the thread that calls this function.

    Returns:
        The process, and the other end of its connection.
    """
    context = WorkerContext()
    ours, theirs = context.Pipe()
    resource_tracker.ensure_running()  # it unblocks the signals once it has started its process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        process = context.Process(target=function, args=(theirs, *arguments), daemon=True)
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()  # so that the end of the process ends the connection
    return process, ours


def in_turn(function: Callable[..., Any], items: list[tuple[Any, ...]]) -> list[Any]:
    """Apply a function to a chunk of items, in a worker."""
    return [function(*arguments) for arguments in items]


def results(futures: deque[Future[list[Any]]]) -> Iterator[Any]:
    """The workers' results, in order.

    `Executor.map` cancels the rest when its reader stops, which breaks a pool that loses a worker.
    """
    while futures:
        yield from futures.popleft().result()


@contextlib.contextmanager
def spread(count: int, chunk: int = 1) -> Iterator[Callable[..., Iterator[Any]]]:
    """Yield a ``map`` over ``count`` processes until the block ends; with fewer than two, the builtin ``map``.

    If the block fails or is stopped, the processes are killed at once, in the middle of their work.

    Args:
        count: number of processes.
        chunk: items sent to a process at a time.

    Raises:
        BrokenProcessPool: a process was killed from outside.
    """
    if count <= 1:
        yield map
        return
    executor = ProcessPoolExecutor(count, mp_context=WorkerContext(), initializer=end_with_parent)
    resource_tracker.ensure_running()  # it unblocks the signals once it has started its process

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
