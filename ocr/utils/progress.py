"""Long work with a bar, and an end where a signal comes."""

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
    """The items, with a bar on the terminal's error stream."""
    yield from track(items, escape(printable(title)), total, console=Console(stderr=True))


def until_stopped(items: Iterable[Item], done: str) -> Iterator[Item]:
    """The items.

    Args:
        items: the work.
        done: what the last line says of it where a signal ends it.

    Raises:
        Stopped: a signal came.
    """
    for item in items:
        signum = pending_stop()
        if signum:
            raise Stopped(signum, done=done)
        yield item
