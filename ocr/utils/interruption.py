"""Stopping on SIGINT and SIGTERM at points of the program's own choosing. Standard library only.

A signal handler runs between any two instructions: in the middle of an optimiser step or of a write. A program with a
state to save has none.
The two signals are blocked before the first thread starts; every thread, loader worker and child process inherits that.
A signal then stays pending in the kernel until the program asks, where its state is whole. The kernel's list of pending
signals is all the state there is.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from pathlib import Path

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
REPEAT_S = 5.0


class Stopped(BaseException):
    """The program was asked to stop and its state is whole. Not an ``Exception``: nothing may swallow it.

    Attributes:
        signum: the signal.
        checkpoint: where the run can be continued from, ``None`` where there is nothing to continue.
        done: what the line says of the work so far.
        again: what the same command needs besides to start again.
    """

    def __init__(
        self,
        signum: int,
        checkpoint: Path | None = None,
        done: str = "nothing to save yet",
        again: tuple[str, ...] = (),
    ) -> None:
        super().__init__(signum, checkpoint, done, again)
        self.signum = signum
        self.checkpoint = checkpoint
        self.done = done
        self.again = again

    @property
    def exit_status(self) -> int:
        """What shells and schedulers expect of a program that a signal ended: 128 + its number."""
        return 128 + self.signum

    def __str__(self) -> str:
        """``stopped by SIGINT: ...``."""
        return f"stopped by {signal.Signals(self.signum).name}: {self.done}"


def hold_signals() -> None:
    """Keep SIGINT and SIGTERM pending from here on; one that the parent had ignored (``nohup``, ``&``) stays ignored.

    Call it before any other thread exists: a signal is given to whichever thread does not block it.
    """
    wanted = {signum for signum in STOP_SIGNALS if signal.getsignal(signum) is not signal.SIG_IGN}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)


def raise_signals() -> None:
    """Let SIGINT and SIGTERM raise `Stopped` in the main thread, wherever it is; one that the parent ignored stays so.

    For programs whose work is undone by leaving it: what they write is staged. While it is, a second signal, which a
    terminal or make may send at once, is passed over; after some seconds it counts again.
    """
    raised_at = -REPEAT_S

    def stop(signum: int, _: object) -> None:
        nonlocal raised_at
        if time.monotonic() - raised_at > REPEAT_S:
            raised_at = time.monotonic()
            raise Stopped(signum, done="nothing is left half written")

    for signum in STOP_SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, stop)


def lost_worker(error: RuntimeError) -> bool:
    """A process of a pool, or of a training's loader, was ended by somebody else than this program."""
    return type(error).__name__ == "BrokenProcessPool" or str(error).startswith("DataLoader worker (pid")


def end_children() -> None:
    """End the loader workers that are left, before the program does.

    They hold SIGTERM, with which multiprocessing would end them at exit before it waits for them, for ever.
    """
    children = multiprocessing.active_children()
    if children:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch's handler would take their end for an error
    for child in children:
        child.kill()
        child.join()


def pending_stop() -> int:
    """The number of a signal that came since the last call, 0 where none did or `hold_signals` was not called."""
    pending = signal.sigpending() & STOP_SIGNALS
    return int(signal.sigwait(pending)) if pending else 0
