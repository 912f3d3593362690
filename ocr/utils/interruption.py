"""Stop on SIGINT and SIGTERM at points that the program chooses. Standard library only.

A signal handler runs between any two instructions, such as in the middle of an optimiser step or of a write. A program
that has state to save therefore installs none.
Instead, both signals are blocked before the first thread starts; every thread, loader worker and child process inherits
that. A signal then stays pending in the kernel until the program asks for it at a point where its state is consistent.
The kernel's set of pending signals is the only state.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from pathlib import Path

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
REPEAT_S = 5.0


class Stopped(BaseException):
    """The program was asked to stop and its state is consistent. Not an ``Exception``: nothing may swallow it.

    Attributes:
        signum: the signal.
        checkpoint: the checkpoint to resume from, or ``None`` if there is none.
        done: the state of the work so far, for the message.
        again: arguments to add to the same command in order to start again.
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
        """128 + the signal number, as shells and schedulers expect."""
        return 128 + self.signum

    def __str__(self) -> str:
        """``stopped by SIGINT: ...``."""
        return f"stopped by {signal.Signals(self.signum).name}: {self.done}"


def hold_signals() -> None:
    """Keep SIGINT and SIGTERM pending from now on; a signal that the parent ignored (``nohup``, ``&``) stays ignored.

    Call this before any other thread exists: a signal is delivered to any thread that does not block it.
    """
    wanted = {signum for signum in STOP_SIGNALS if signal.getsignal(signum) is not signal.SIG_IGN}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)


def raise_signals() -> None:
    """Let SIGINT and SIGTERM raise `Stopped` in the main thread; a signal that the parent ignored stays ignored.

    For programs that stage what they write, so that leaving discards it. A second signal during that time, which a
    terminal or make may send at once, is ignored; it counts again after `REPEAT_S` seconds.
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
    """Whether a process of a pool or of a training loader was killed from outside this program."""
    return type(error).__name__ == "BrokenProcessPool" or str(error).startswith("DataLoader worker (pid")


def end_children() -> None:
    """Kill the remaining loader workers before the program exits.

    They block SIGTERM, which multiprocessing sends them at exit, and it would then wait for them for ever.
    """
    children = multiprocessing.active_children()
    if children:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch's handler would report their end as an error
    for child in children:
        child.kill()
        child.join()


def pending_stop() -> int:
    """The number of a signal received since the last call; 0 if none was or `hold_signals` was not called."""
    pending = signal.sigpending() & STOP_SIGNALS
    return int(signal.sigwait(pending)) if pending else 0
