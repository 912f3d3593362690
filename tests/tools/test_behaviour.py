import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.proof.behaviour import NOT_THERE, Entry, difference, first_divergence, same, unsteady

numbers = st.floats(allow_nan=True, allow_infinity=False, width=32)
entries = st.lists(
    st.builds(Entry, st.sampled_from(["step 1", "step 2", "step 3"]), st.sampled_from("abc"), numbers), max_size=8
)


def steps(*values: float, what: str = "loss") -> list[Entry]:
    return [Entry(f"step {number}", what, value) for number, value in enumerate(values)]


@given(entries)
def test_a_record_does_not_diverge_from_itself(record: list[Entry]) -> None:
    assert first_divergence(record, list(record)) is None


@given(entries, st.integers(0, 7))
def test_any_single_change_is_found_where_it_is(record: list[Entry], place: int) -> None:
    if place >= len(record):
        return
    old = record[place]
    changed = [*record[:place], Entry(old.at, old.what, "another"), *record[place + 1 :]]
    found = first_divergence(record, changed)
    assert found is not None
    assert (found.at, found.what, found.tree) == (old.at, old.what, "another")


def test_the_first_of_several_is_told_with_both_values_and_their_difference() -> None:
    found = first_divergence(steps(1.0, 2.0, 3.0), steps(1.0, 2.5, 9.0))
    assert found is not None
    assert (found.at, found.ref, found.tree, found.difference) == ("step 1", 2.0, 2.5, 0.5)
    assert str(found) == "step 1, loss: 2.0 -> 2.5 (difference 0.5)"


def test_a_quantity_more_or_less_is_a_divergence() -> None:
    record = [*steps(1.0), *steps(2.0, what="rate")]
    less = first_divergence(record, record[:1])
    more = first_divergence(record[1:], record)
    assert less is not None
    assert more is not None
    assert (less.what, less.tree) == ("rate", NOT_THERE)
    assert (more.what, more.ref) == ("loss", NOT_THERE)


def test_a_tolerance_lets_numbers_and_bits_differ_but_nothing_else() -> None:
    ref = [Entry("step 1", "batch", "aa"), Entry("step 1", "weights", "bb"), Entry("step 1", "norm of weights", 10.0)]
    close = [ref[0], Entry("step 1", "weights", "cc"), Entry("step 1", "norm of weights", 10.0005)]
    other = [Entry("step 1", "batch", "ab"), *close[1:]]
    assert first_divergence(ref, close) is not None
    assert first_divergence(ref, close, tol=1e-4) is None
    found = first_divergence(ref, other, tol=1e-4)
    assert found is not None
    assert found.what == "batch"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1, 3.5, 2.5),
        (math.nan, math.nan, 0.0),
        ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.5]], 0.5),
        ([1.0], [1.0, 2.0], None),
        ("a", "b", None),
        (True, 1, None),
        ([1.0, math.nan], [1.0, 2.0], math.inf),
        (1.0, math.inf, math.inf),
        (None, 1.0, None),
    ],
)
def test_difference(a: Any, b: Any, expected: float | None) -> None:
    assert difference(a, b) == expected


def test_what_one_revision_gives_two_values_for_is_unsteady() -> None:
    once = [Entry("step 1", "loss", 1.0), Entry("step 1", "seconds", 0.3), Entry("step 2", "loss", 2.0)]
    again = [Entry("step 1", "loss", 1.0), Entry("step 1", "seconds", 0.4)]
    assert unsteady(once, again, 0.0) == {"seconds"}


@pytest.mark.parametrize(
    ("a", "b", "tol", "expected"),
    [
        (1.0, math.nextafter(1.0, 2.0), 0.0, False),
        (1, 1.0, 0.0, False),  # `limit_val_batches: 1` is one batch, `1.0` is all of them
        ([1.0, [math.nan, "a"]], [1.0, [math.nan, "a"]], 0.0, True),
        (1, True, 1e-4, False),
        ([1.0, math.nan], [1.0, 2.0], 1e-4, False),
        (math.inf, -math.inf, 1e-4, False),
        (1e-4, 2e-4, 1e-4, False),
        (100000, 100009, 1e-4, False),  # a count is no fraction
        ([0.0, 1000.0], [0.05, 1000.0], 1e-4, True),  # a share of the largest number
        ([0.0, 1000.0], [0.2, 1000.0], 1e-4, False),
        (1e-9, 0.0, 1e-2, True),
        ("loss 4.8425, step 3", "loss 4.8426, step 3", 1e-4, True),
        ("loss 4.8425, step 3", "loss 4.8426, step 3", 0.0, False),
        ("loss 4.8425, step 3", "loss 4.8425, step 4", 1e-4, False),
        ("loss 4.8425", "loss 4.9425", 1e-4, False),
        ("loss 0.0001", "loss 0.0002", 1e-4, True),
        ("loss 1.0", "rate 1.0", 1e-4, False),
    ],
)
def test_what_a_tolerance_makes_the_same(a: Any, b: Any, tol: float, expected: bool) -> None:
    assert same(a, b, tol) is expected
