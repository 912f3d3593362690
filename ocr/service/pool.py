"""The worker processes, and the requests that wait for one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from ocr.pipeline.one_file import Answer
from ocr.pipeline.read_settings import ReadSettings
from ocr.service.errors import RequestError
from ocr.service.settings import ServiceSettings
from ocr.service.worker import Fault, Job, Outcome, Refused, Worker

RESTART_S = 1.0
"""Pause before a worker that could not be started is started again."""
CLOSED_REQUEST = 499
"""Status, in logs alone, of a request whose client has gone."""
logger = logging.getLogger("ocr.service")


class Pool:
    """Worker processes that are replaced when they end. Its methods are called in the event loop's thread.

    Args:
        settings: how to read.
        service: how many workers there are, how many requests may wait, and for how long.

    Attributes:
        taken: admitted requests: being uploaded, waiting or being worked on.
        alive: workers that run and have loaded the networks.
        busy: those of them that read.
        replaced: workers that ended and were, or are being, replaced.
        cut_off: admitted requests that got no answer, as the service ended before.
    """

    def __init__(self, settings: ReadSettings, service: ServiceSettings) -> None:
        self.settings, self.service = settings, service
        self.taken = self.alive = self.busy = self.replaced = self.cut_off = 0
        self.pace_s = 1.0
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        # One thread per worker, which waits for its answer.
        self._threads = ThreadPoolExecutor(service.processes)
        self._workers: list[Worker] = []

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        """Start the workers, outside the event loop, and wait until all are ready; end them after the block.

        Raises:
            InputError: the networks cannot be loaded.
        """
        try:
            for _ in range(self.service.processes):
                self._start()
            for worker in self._workers:
                worker.wait_ready()
            yield
        finally:
            while self._workers:
                self._end(self._workers[-1])
            self._threads.shutdown(cancel_futures=True)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Give out the workers, and replace those that end, until the block ends."""
        keepers = [asyncio.create_task(self._keep(worker)) for worker in self._workers]
        try:
            yield
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue, from before a request's body is read until it is answered.

        Raises:
            RequestError: 429, all places are taken.
        """
        if self.taken >= self.service.processes + self.service.queue:
            seconds = max(1, math.ceil(self.pace_s * self.taken / self.service.processes))
            raise RequestError.later(429, f"{self.taken} requests are waiting or being read, as many as may", seconds)
        self.taken += 1
        try:
            yield
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        finally:
            self.taken -= 1

    async def work(self, job: Job, gone: Callable[[], Awaitable[bool]]) -> Answer:
        """Let a worker read a file.

        Args:
            job: the file.
            gone: tells whether the client has gone, so that nobody needs the answer.

        Raises:
            RequestError: 422, the file cannot be read; 503, no worker was free in time, or it died; 504, it took too
                long.
        """
        for _ in range(self.service.processes + 1):  # all may have ended at the same time
            worker = await self._free()
            if await gone():
                self._idle.put_nowait(worker)
                raise RequestError(CLOSED_REQUEST, "the client closed the connection")
            started = time.monotonic()
            outcome = await self._outcome(worker, job)
            if outcome is not None:
                break
        else:
            raise RequestError.later(503, "the processes that should read this file ended")
        self.pace_s = 0.9 * self.pace_s + 0.1 * (time.monotonic() - started)
        if isinstance(outcome, Refused):
            raise RequestError(422, outcome.message)
        if isinstance(outcome, Fault):
            raise RuntimeError(outcome.trace)
        return outcome

    async def _outcome(self, worker: Worker, job: Job) -> Outcome | None:
        """What comes of a file in a worker, which is free again afterwards, or killed.

        Returns:
            ``None``: the worker ended before it began.

        Raises:
            RequestError: 503, it ended while it read the file; 504, it took too long.
        """
        loop = asyncio.get_running_loop()
        async with worker.busy:
            if worker.ended.is_set():  # while it was asked whether the client has gone
                return None
            timer = loop.call_later(self.service.timeout_s, worker.expire)
            self.busy += 1
            try:
                outcome = await loop.run_in_executor(self._threads, worker.ask, job)
            except Exception as error:
                worker.process.kill()  # if it still runs: half a message may be left in its pipe
                if worker.expired:
                    late = f"reading took longer than timeout_s={self.service.timeout_s:g} s"
                    raise RequestError(504, late) from error
                if not isinstance(error, EOFError | OSError):
                    raise
                if worker.begun:
                    raise RequestError.later(503, "the process that read this file ended unexpectedly") from error
                return None
            finally:
                timer.cancel()
                self.busy -= 1
        if not worker.expired:
            self._idle.put_nowait(worker)
        return outcome

    async def _free(self) -> Worker:
        """A worker that has nothing to do, first come, first served."""
        try:
            async with asyncio.timeout(self.service.timeout_s):
                while True:
                    worker = await self._idle.get()
                    if not worker.ended.is_set():
                        return worker
        except TimeoutError as error:
            raise RequestError.later(
                503, f"no process was free within timeout_s={self.service.timeout_s:g} s"
            ) from error

    def _start(self) -> Worker:
        """Start a worker, in the main thread: the kernel ends it together with the thread that started it."""
        worker = Worker(self.settings, self.service.max_pixels)
        self._workers.append(worker)
        return worker

    def _end(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.close()

    async def _keep(self, worker: Worker) -> None:
        """Give out a worker, and a new one each time it ends."""
        loop = asyncio.get_running_loop()
        while True:
            sentinel = worker.process.sentinel
            loop.add_reader(sentinel, worker.ended.set)
            self.alive += 1
            self._idle.put_nowait(worker)
            try:
                await worker.ended.wait()
            finally:
                loop.remove_reader(sentinel)
                self.alive -= 1
            self.replaced += 1
            worker.process.join()
            facts = {"status": worker.process.exitcode, "timed_out": worker.expired}
            logger.error("worker ended", extra={"facts": facts})
            async with worker.busy:  # until its request has seen the end
                self._end(worker)
            worker = await self._restarted()

    async def _restarted(self) -> Worker:
        """A new worker that is ready; tried until it succeeds, whatever the reason is that it does not."""
        while True:
            worker = None
            try:
                worker = self._start()
                await asyncio.get_running_loop().run_in_executor(self._threads, worker.wait_ready)
            except Exception as error:
                logger.error("worker cannot be started", extra={"facts": {"reason": str(error)}})
                if worker is not None:
                    self._end(worker)
                await asyncio.sleep(RESTART_S)
            else:
                return worker
