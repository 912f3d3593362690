"""A function called for many images, a few at a time, so that processes exchange less often."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

BATCH = 8

Item = TypeVar("Item")
Done = TypeVar("Done")
Spread = Callable[[Callable[[Any, Any], Any], Iterable[Any], Iterable[Any]], Iterable[Any]]
"""A ``map`` over two iterables, here or in other processes; in order, to the end of the shorter."""


def in_batches(spread: Spread, function: Callable[[Item], Done], items: Sequence[Item]) -> Iterator[Done]:
    """What the function gives for each of the items, in order.

    Args:
        spread: does the work.
        function: picklable.
        items: picklable.
    """
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    return chain.from_iterable(spread(each, repeat(function, len(batches)), batches))


def each(function: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """The function's values, without what Pillow says of damaged files beside it: a check reports that itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        return [function(item) for item in items]
