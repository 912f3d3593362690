"""Calibration error, Brier score and bins: by hand, and what must hold whatever the confidences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.metrics.calibration import Bin, brier_score, calibration_error, calibration_figures, reliability_bins
from ocr.types import InputError

READINGS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_five_readings_in_two_bins_by_hand() -> None:
    sure, right = [0.2, 0.4, 0.5, 0.9, 1.0], [False, True, False, True, True]
    low, high = reliability_bins(sure, right, bins=2)
    assert (low.confidence, low.accuracy, low.count) == pytest.approx((1.1 / 3, 1 / 3, 3)), "0.5 is in the lower bin"
    assert (high.confidence, high.accuracy, high.count) == pytest.approx((0.95, 1.0, 2))
    assert calibration_error([low, high]) == pytest.approx((3 * (1.1 / 3 - 1 / 3) + 2 * 0.05) / 5)
    assert brier_score(sure, right) == pytest.approx((0.04 + 0.36 + 0.25 + 0.01 + 0.0) / 5)


def test_the_edges_of_fifteen_bins_are_those_of_guo_et_al() -> None:
    """Bin m of M holds ((m - 1) / M, m / M]; the first one 0 as well."""
    edges = [number / 15 for number in range(16)]
    counts = [each.count for each in reliability_bins(edges, [True] * 16)]
    assert counts == [2] + [1] * 14
    assert [each.count for each in reliability_bins(np.nextafter(edges[1:15], 1), [True] * 14)] == [0] + [1] * 14


def test_nothing_read_has_no_error() -> None:
    assert calibration_figures([], []) == {"ece": 0.0, "brier": 0.0}
    assert set(reliability_bins([], [])) == {Bin(0.0, 0.0, 0)}


@given(st.integers(1, 30), st.data())
def test_confidences_that_come_true_have_no_error(parts: int, data: st.DataObject) -> None:
    """Of ``parts`` readings with the confidence k / parts, k are right."""
    chosen = data.draw(st.lists(st.integers(0, parts), min_size=1, max_size=4))
    sure = [k / parts for k in chosen for _ in range(parts)]
    right = [place < k for k in chosen for place in range(parts)]
    assert calibration_error(reliability_bins(sure, right)) == pytest.approx(0.0, abs=1e-12)


@given(READINGS, st.randoms())
def test_the_order_of_readings_changes_nothing_and_figures_stay_in_range(readings, random) -> None:
    shuffled = random.sample(readings, len(readings))
    figures, again = (
        calibration_figures([sure for sure, _ in each], [right for _, right in each]) for each in (readings, shuffled)
    )
    assert figures == pytest.approx(again)
    assert all(0.0 <= value <= 1.0 for value in figures.values())
    accuracy = sum(right for _, right in readings) / max(len(readings), 1)
    mean = sum(sure for sure, _ in readings) / max(len(readings), 1)
    assert figures["ece"] >= abs(accuracy - mean) - 1e-9, "bins can only add to the difference of the means"
    assert (
        sum(each.count for each in reliability_bins(*zip(*readings, strict=True))) == len(readings)
        if readings
        else True
    )


@pytest.mark.parametrize("sure", [[1.1], [-0.1], [float("nan")], [0.5, 0.5], [[0.5]]])
def test_what_is_no_probability_of_each_reading_is_refused(sure: list[float]) -> None:
    with pytest.raises(InputError, match=r"must be 0 to 1|one each"):
        calibration_figures(sure, [True])


def test_no_bins_are_refused() -> None:
    with pytest.raises(InputError, match="bins=0: must be 1 or more"):
        reliability_bins([0.5], [True], bins=0)
