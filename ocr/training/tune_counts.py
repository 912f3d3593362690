"""Counts of images for many postprocess settings, each computed once; for all tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

Settings = Mapping[str, Any]
"""Arguments of the postprocess by name: plain, hashable values."""
Case = TypeVar("Case")
"""What the postprocess and the metric need of one image."""
Counter = Callable[[Case, Sequence[Settings]], Sequence[Any]]
"""(image, points) -> its counts for each point."""
Spread = Callable[[Counter[Case], Iterable[Case], Iterable[Sequence[Settings]]], Iterable[Sequence[Any]]]
"""``map`` over two iterables, in this process or in workers."""


class Counts(Generic[Case]):
    """Cached counts of every image for every requested point.

    Args:
        cases: the images.
        counter: computes the counts of one image for several points.
        spread: calls the counter for each image, in order.
    """

    def __init__(self, cases: Sequence[Case], counter: Counter[Case], spread: Spread[Case] = map) -> None:
        self.cases = cases
        self._counter = counter
        self._spread = spread
        self._known: dict[tuple[int, frozenset[tuple[str, Any]]], Any] = {}

    def at(self, points: Sequence[Settings], images: Sequence[int]) -> Iterator[list[Any]]:
        """For each image in turn, its counts for every point.

        Args:
            points: the settings.
            images: indices of the images.
        """
        missing = {
            image: [point for point in points if (image, frozenset(point.items())) not in self._known]
            for image in images
        }
        asked = [image for image in images if missing[image]]
        made = iter(self._spread(self._counter, [self.cases[i] for i in asked], [missing[i] for i in asked]))
        for image in images:
            if missing[image]:
                for point, count in zip(missing[image], next(made), strict=True):
                    self._known[image, frozenset(point.items())] = count
            yield [self._known[image, frozenset(point.items())] for point in points]
