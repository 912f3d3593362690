"""Paired ratios of times: on a shared machine they are meaningful where seconds are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ratios b / a of pairs that were measured in succession.

    Attributes:
        median: of the ratios of the pairs.
        low: their lower quartile.
        high: their upper quartile.
        n: number of pairs.
        a: median of the first of each pair, in its unit.
        b: median of the second.
    """

    median: float
    low: float
    high: float
    n: int
    a: float
    b: float

    def __str__(self) -> str:
        """``1.03 (1.01 to 1.05, n=10)``."""
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f}, n={self.n})"


def ratio(pairs: Sequence[tuple[float, float]]) -> Ratio:
    """Summarise pairs (a, b) of positive measurements.

    Raises:
        ValueError: there is no pair.
    """
    if not pairs:
        raise ValueError("a ratio needs at least one pair of measurements")
    a, b = np.asarray(pairs, dtype=np.float64).T
    low, median, high = np.quantile(b / a, (0.25, 0.5, 0.75))
    return Ratio(float(median), float(low), float(high), len(pairs), float(np.median(a)), float(np.median(b)))


def interleaved(a: Callable[[], float], b: Callable[[], float], pairs: int) -> list[tuple[float, float]]:
    """Measure a, b, b, a, a, b, ..., so that drift over time affects both equally."""
    measured = []
    for number in range(pairs):
        if number % 2:
            second = b()
            measured.append((a(), second))
        else:
            measured.append((a(), b()))
    return measured
