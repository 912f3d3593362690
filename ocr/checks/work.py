"""Call a function for many images in batches, so that processes communicate less often."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

BATCH = 8

Item = TypeVar("Item")
Done = TypeVar("Done")
Spread = Callable[[Callable[[Any, Any], Any], Iterable[Any], Iterable[Any]], Iterable[Any]]
"""A ``map`` over two iterables, in this or in other processes; in order, to the end of the shorter."""


def in_batches(spread: Spread, function: Callable[[Item], Done], items: Sequence[Item]) -> Iterator[Done]:
    """The function's value for each item, in order.

    Args:
        spread: runs the batches.
        function: picklable.
        items: picklable.
    """
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    return chain.from_iterable(spread(each, repeat(function, len(batches)), batches))


def each(function: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """The function's values, without Pillow's warnings about damaged files: the check reports those itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        return [function(item) for item in items]
