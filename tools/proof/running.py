"""The jobs of a proof, run in both revisions: in turn where a cost is measured, else side by side."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence

from ocr.utils.interruption import Stopped, pending_stop
from tools.proof.jobs import Job
from tools.proof.side import Side

Told = Callable[[Side, Job], None]
Ended = queue.Queue[tuple[Side, Job | Exception | None]]
POLL_S = 0.2


def run_paired(ref: Side, tree: Side, jobs: Sequence[Job], told: Told) -> None:
    """Run what is measured, REF and the tree in turn.

    Raises:
        InputError: REF fails where it must not.
    """
    for job in jobs:
        for side in (ref, tree):
            side.run(job)
            told(side, job)
            if side is ref:
                side.check(job)
    if ref.checkpoint.exists():
        shutil.copy(ref.checkpoint, ref.given / "best.ckpt")


def run_beside(ref: Side, tree: Side, jobs: Sequence[Job], told: Told) -> None:
    """Run the other jobs, a thread for each revision.

    Raises:
        InputError: REF fails where it must not.
        Stopped: a signal asked this program to end; the commands were killed.
    """
    ended: Ended = queue.Queue()
    threads = [threading.Thread(target=work, args=(side, jobs, ended), daemon=True) for side in (ref, tree)]
    for thread in threads:
        thread.start()
    try:
        for side, job in listen(ended, len(threads)):
            told(side, job)
            if side is ref:
                side.check(job)
    finally:
        for side in (ref, tree):
            side.close()


def work(side: Side, jobs: Sequence[Job], ended: Ended) -> None:
    """Run the jobs of one revision; put each that has ended into a queue, then what ended them all."""
    try:
        for job in jobs:
            side.run(job)
            ended.put((side, job))
        ended.put((side, None))
    except Exception as error:  # it is raised again where somebody listens
        ended.put((side, error))


def listen(ended: Ended, running: int) -> Iterator[tuple[Side, Job]]:
    """What has ended, until all threads are through.

    Raises:
        Stopped: a signal asked this program to end.
        Exception: what ended a thread.
    """
    while running:
        if signum := pending_stop():
            raise Stopped(signum)
        try:
            side, job = ended.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if isinstance(job, Exception):
            raise job
        if job is None:
            running -= 1
        else:
            yield side, job
