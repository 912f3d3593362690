import itertools

from tools.pairs import interleaved, ratio


def test_the_ratio_of_pairs_is_the_median_of_their_ratios() -> None:
    found = ratio([(1.0, 2.0), (2.0, 2.0), (4.0, 12.0)])
    assert (found.median, found.n, found.a, found.b) == (2.0, 3, 2.0, 2.0)
    assert str(found) == "2.00 (1.50 to 2.50, n=3)"


def test_neither_is_always_first() -> None:
    clock = itertools.count(1.0)
    assert interleaved(lambda: next(clock), lambda: next(clock), 3) == [(1.0, 2.0), (4.0, 3.0), (5.0, 6.0)]
