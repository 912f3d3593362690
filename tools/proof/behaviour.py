"""Compare the behaviour of two revisions value by value, up to the first divergence."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BITS = frozenset({"weights", "weights in use", "values found", "SHA-256 of the weights"})
"""Digests of what floating point may round otherwise on a GPU, as is all whose name ends in ``bits``; a tolerance
compares the norms beside them instead."""
FRACTION = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")

NOT_THERE = "(not there)"
SMALL = 1e-6
"""Numbers below that are compared as if they were that large: next to 0 nothing is small in proportion."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one revision.

    Attributes:
        at: where it occurred: ``training step 3``, ``train.yaml experiment=smoke``, an image.
        what: the quantity.
        value: number, text, or nested lists of them.
    """

    at: str
    what: str
    value: Any


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first value that differs.

    Attributes:
        at: where it occurred.
        what: the quantity.
        ref: the value of REF.
        tree: the value of the working tree.
        difference: largest absolute difference of numbers, ``None`` where the values are not numbers of equal shape.
    """

    at: str
    what: str
    ref: Any
    tree: Any
    difference: float | None = None

    def __str__(self) -> str:
        """One line, long values cut."""
        apart = f" (difference {self.difference:.3g})" if self.difference is not None else ""
        return f"{self.at}, {self.what}: {short(self.ref)} -> {short(self.tree)}{apart}"


def short(value: Any) -> str:
    """A value as text of at most 80 characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def read_entries(path: Path) -> list[Entry]:
    """The lines that a recorder wrote; none if it did not get that far."""
    if not path.exists():
        return []
    return [Entry(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def equal(a: Any, b: Any) -> bool:
    """The same type and value, in nested lists too: 1, 1.0 and true are three values, and NaN equals itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b) or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def difference(a: Any, b: Any) -> float | None:
    """Largest absolute difference of two numbers or equally nested lists of them; ``None`` where they are neither.

    A number that is not finite lies infinitely far from every other.
    """
    if isinstance(a, bool | str) or isinstance(b, bool | str):
        return None
    if isinstance(a, int | float) and isinstance(b, int | float):
        if a == b or (math.isnan(a) and math.isnan(b)):
            return 0.0
        return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        inner = [difference(x, y) for x, y in zip(a, b, strict=True)]
        return None if any(value is None for value in inner) else max((v for v in inner if v is not None), default=0.0)
    return None


def largest(value: Any) -> float:
    """Largest absolute number in nested lists."""
    if isinstance(value, list):
        return max((largest(inner) for inner in value), default=0.0)
    return abs(value) if isinstance(value, int | float) else 0.0


def has_fractions(value: Any) -> bool:
    """A floating point number, or nested lists with one in them."""
    return any(map(has_fractions, value)) if isinstance(value, list) else isinstance(value, float)


def same(a: Any, b: Any, tol: float) -> bool:
    """Equal, or floating point numbers that lie apart by at most ``tol`` times the largest of them.

    Counts, texts and what is not finite are the same where they are equal, whatever the tolerance.
    """
    if equal(a, b):
        return True
    if tol and isinstance(a, str) and isinstance(b, str):
        return same_text(a, b, tol)
    if not tol or not (has_fractions(a) or has_fractions(b)):
        return False
    apart = difference(a, b)
    return apart is not None and math.isfinite(apart) and apart <= tol * max(largest(a), largest(b), SMALL)


def same_text(a: str, b: str, tol: float) -> bool:
    """Equal but for fractions, which lie no farther apart than a tolerance or their last digit allows."""
    if FRACTION.split(a) != FRACTION.split(b):
        return False
    for mine, other in zip(FRACTION.findall(a), FRACTION.findall(b), strict=True):
        last = 1.01 * 10.0 ** -len(mine.partition(".")[2].partition("e")[0])
        if not same(float(mine), float(other), tol) and abs(float(mine) - float(other)) > last:
            return False
    return True


def is_bits(what: str) -> bool:
    """A digest that no tolerance holds for."""
    return what in BITS or what.endswith("bits")


def first_divergence(ref: Sequence[Entry], tree: Sequence[Entry], *, tol: float = 0.0) -> Divergence | None:
    """Walk two records side by side to the first value that differs.

    Args:
        ref: what REF did, in order.
        tree: what the working tree did.
        tol: 0 compares bit by bit; above, floating point numbers may lie so far apart (`same`) and digests of bits are
            left out.
    """
    a, b = ([entry for entry in entries if not (tol and is_bits(entry.what))] for entries in (ref, tree))
    for mine, other in zip(a, b, strict=False):
        if (mine.at, mine.what) != (other.at, other.what):
            return misplaced(mine, other, b)
        if not same(mine.value, other.value, tol):
            return Divergence(mine.at, mine.what, mine.value, other.value, difference(mine.value, other.value))
    if len(a) > len(b):
        return Divergence(a[len(b)].at, a[len(b)].what, a[len(b)].value, NOT_THERE)
    if len(b) > len(a):
        return Divergence(b[len(a)].at, b[len(a)].what, NOT_THERE, b[len(a)].value)
    return None


def misplaced(mine: Entry, other: Entry, tree: Sequence[Entry]) -> Divergence:
    """The value that exists on one side only, where the two records diverge."""
    if any((entry.at, entry.what) == (mine.at, mine.what) for entry in tree):
        return Divergence(other.at, other.what, NOT_THERE, other.value)
    return Divergence(mine.at, mine.what, mine.value, NOT_THERE)


def unsteady(once: Sequence[Entry], again: Sequence[Entry], tol: float) -> frozenset[str]:
    """Quantities that one revision gives two values for at the same place: clocks, or a training without a seed.

    Args:
        once: a record.
        again: another record of the same revision and settings; it may end earlier.
        tol: as in `first_divergence`.
    """
    known = {(entry.at, entry.what): entry.value for entry in once}
    return frozenset(
        entry.what
        for entry in again
        if (entry.at, entry.what) in known
        and not (tol and is_bits(entry.what))
        and not same(known[entry.at, entry.what], entry.value, tol)
    )
