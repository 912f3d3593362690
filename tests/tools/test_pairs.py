from __future__ import annotations

import pytest

from tools.pairs import interleaved, ratio


def test_the_ratio_of_pairs_is_the_median_of_their_ratios() -> None:
    found = ratio([(1.0, 2.0), (2.0, 2.0), (4.0, 12.0)])
    assert (found.median, found.n, found.a, found.b) == (2.0, 3, 2.0, 2.0)
    assert (found.low, found.high) == (1.5, 2.5)
    assert str(found) == "2.00 (1.50 to 2.50, n=3)"


def test_there_is_no_ratio_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        ratio([])


def test_neither_is_always_first() -> None:
    calls: list[str] = []

    def measured(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    pairs = interleaved(lambda: measured("a"), lambda: measured("b"), 3)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert pairs == [(1.0, 2.0), (4.0, 3.0), (5.0, 6.0)]
