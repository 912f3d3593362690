"""How long a test waits: for as long as a busy machine needs, not for ever."""

import time
from collections.abc import Callable
from subprocess import Popen

PATIENCE_S = 1800.0
"""Seconds after which something hangs. No test measures anything with it: what works takes a hundredth of it."""


def wait_until(there: Callable[[], object], process: Popen[str] | None = None, every_s: float = 0.01) -> None:
    """Wait until something is there that another process makes.

    Raises:
        AssertionError: the process ended before, or `PATIENCE_S` are over.
    """
    until = time.monotonic() + PATIENCE_S
    while not there():
        assert process is None or process.poll() is None, f"status {process.returncode} before it got there"
        assert time.monotonic() < until, f"not there after {PATIENCE_S:.0f} s"
        time.sleep(every_s)
