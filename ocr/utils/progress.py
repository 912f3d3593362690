"""Progress bars, and stopping long work at a signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track

from ocr.utils.interruption import Stopped, pending_stop
from ocr.utils.printable import printable

Item = TypeVar("Item")


def progress(items: Iterable[Item], title: str, total: int) -> Iterator[Item]:
    """Iterate over the items with a progress bar on stderr."""
    yield from track(items, escape(printable(title)), total, console=Console(stderr=True))


def until_stopped(items: Iterable[Item], title: str, total: int, done: str) -> Iterator[Item]:
    """Iterate over the items with a progress bar until a signal arrives.

    Args:
        items: the work.
        title: of the bar.
        total: number of the items.
        done: the state of the work, for the last line if a signal stops it.

    Raises:
        Stopped: a signal arrived.
    """
    for item in progress(items, title, total):
        signum = pending_stop()
        if signum:
            raise Stopped(signum, done=done)
        yield item
