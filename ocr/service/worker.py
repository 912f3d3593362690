"""A worker process: it loads the networks once and reads file after file, each from a pipe and its result into it."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection

from ocr.pipeline.one_file import Answer, OneFile
from ocr.pipeline.read_settings import ReadSettings
from ocr.types import InputError
from ocr.utils.workers import end_with_parent, start_worker

START_S = 300.0
"""Seconds in which a worker has to load the networks."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read.

    Attributes:
        task: ``read`` or ``detect``.
        name: of the file.
        kind: of `ocr.pipeline.one_file.KINDS`.
        encoded: its bytes.
    """

    task: str
    name: str
    kind: str
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The message for a file, or for settings, that cannot be used."""

    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The traceback of a fault of this program."""

    trace: str


Outcome = Answer | Refused | Fault


def work(connection: Connection, settings: ReadSettings, max_pixels: int) -> None:
    """Read files until the other end of the pipe is closed.

    ``None`` is sent when all is loaded, otherwise why nothing can be read; then for each file ``None`` when it has
    arrived, and what came of it.
    """
    end_with_parent()
    try:
        reader = OneFile(settings, max_pixels)
    except InputError as error:
        connection.send(Refused(str(error)))
        return
    except Exception:
        connection.send(Fault(traceback.format_exc()))
        return
    connection.send(None)
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        connection.send(None)
        connection.send(outcome_of(reader, job))
        del job  # while waiting for the next one, its bytes are not needed


def outcome_of(reader: OneFile, job: Job) -> Outcome:
    """What comes of a file."""
    try:
        if job.task == "detect":
            return reader.detect(job.encoded, job.name)
        return reader.read(job.encoded, job.name, job.kind)
    except InputError as error:
        return Refused(str(error))
    except Exception:
        return Fault(traceback.format_exc())


class Worker:
    """The parent's side of a worker process, which is started at once.

    Args:
        settings: how to read.
        max_pixels: pages with more pixels are not decoded.

    Attributes:
        busy: held while the pipe is in use.
        ended: set when the process has ended.
        begun: whether it had all of the last file, which may have been what ended it.
        expired: whether it was killed because it took too long.
    """

    def __init__(self, settings: ReadSettings, max_pixels: int) -> None:
        self.process, self.connection = start_worker(work, settings, max_pixels)
        self.busy, self.ended = asyncio.Lock(), asyncio.Event()
        self.begun = self.expired = False

    def wait_ready(self) -> None:
        """Wait until it has loaded the networks.

        Raises:
            InputError: they cannot be loaded.
            RuntimeError: it ended, or took too long.
        """
        try:
            said = self.connection.recv() if self.connection.poll(START_S) else Fault("it takes too long to start")
        except (EOFError, OSError):
            said = Fault(f"it ended while it was starting, with status {self.process.exitcode}")
        if isinstance(said, Refused):
            raise InputError(said.message)
        if isinstance(said, Fault):
            raise RuntimeError(f"a worker process cannot be started: {said.trace}")

    def ask(self, job: Job) -> Outcome:
        """Let it read a file.

        Raises:
            EOFError, OSError: it ended before it answered; `begun` tells whether the file can have to do with that.
        """
        self.begun = False
        self.connection.send(job)
        self.connection.recv()
        self.begun = True
        outcome: Outcome = self.connection.recv()
        return outcome

    def expire(self) -> None:
        """Kill it because it takes too long."""
        self.expired = True
        self.process.kill()

    def close(self) -> None:
        """Kill it if it runs, and free what it holds."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        self.process.close()
