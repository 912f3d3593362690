"""Random numbers of one receipt."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """Random choices that depend only on (seed, split, index).

    Floats are computed by separate Python operations on NumPy's 53-bit uniform numbers, so that no compiler can fuse
    them into operations that round differently.

    Attributes:
        generator: the underlying NumPy generator, for arrays of integers.
    """

    def __init__(self, seed: int, split: str, index: int) -> None:
        if seed < 0 or index < 0:
            raise ValueError(f"seed and index must not be negative, got seed={seed}, index={index}")
        entropy = [seed, zlib.crc32(split.encode()), index]
        self.generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * float(self.generator.random())

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.generator.integers(low, high + 1))

    def coin(self, probability: float) -> bool:
        """True with the given probability."""
        return float(self.generator.random()) < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self.generator.integers(len(options)))]

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """One of ``(option, weight)``, with whole-number weights."""
        ticket = self.integer(1, sum(weight for _, weight in options))
        for option, weight in options:
            ticket -= weight
            if ticket <= 0:
                return option
        raise ValueError("weighted() needs options with positive weights")

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Options in random order, repeated only once all have been used."""
        order = self.generator.permutation(len(options))
        return [options[int(order[number % len(options)])] for number in range(count)]

    def digits(self, count: int) -> str:
        """A string of decimal digits."""
        return "".join(str(digit) for digit in self.generator.integers(0, 10, size=count))
