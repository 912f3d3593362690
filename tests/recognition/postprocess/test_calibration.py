"""Beta calibration: by hand, against the model that made the data, and what must hold for any confidences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics.calibration import calibration_error, reliability_bins
from ocr.recognition.postprocess.beam import BeamCTC
from ocr.recognition.postprocess.calibration import BetaCalibration, fit, logistic, sigmoid
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.sequence import GreedySequence
from ocr.types import InputError, Reading

NUMBERS = st.tuples(st.floats(0, 10), st.floats(0, 10), st.floats(-10, 10))
SURE = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_the_map_by_hand() -> None:
    """c^low / (c^low + (1 - c)^high / e^offset), and the identity for 1, 1, 0."""
    calibrated = BetaCalibration((2.0, 1.0, np.log(3.0)))
    assert calibrated.mapped([0.5]) == pytest.approx([0.25 / (0.25 + 0.5 / 3)])
    assert BetaCalibration((1.0, 1.0, 0.0)).mapped([0.01, 0.5, 0.99]) == pytest.approx([0.01, 0.5, 0.99])


def test_without_numbers_a_reading_is_the_same_object() -> None:
    reading = Reading("ab", (0.9, 0.8), (0.1, 0.5))
    assert BetaCalibration()(reading) is reading


@settings(deadline=None)
@given(NUMBERS, SURE)
def test_order_stays_and_nothing_else_of_a_reading_changes(
    numbers: tuple[float, float, float], sure: list[float]
) -> None:
    text, places = "x" * len(sure), tuple(np.linspace(0, 1, len(sure)).tolist())
    before = Reading(text, tuple(sure), places)
    after = BetaCalibration(numbers)(before)
    assert (after.text, after.places, after.uncalibrated, len(after.confidences)) == (
        text,
        places,
        tuple(sure),
        len(sure),
    )
    assert all(0.0 <= each <= 1.0 for each in after.confidences)
    order = np.argsort(sure, kind="stable")
    assert (np.diff(np.array(after.confidences)[order]) >= 0).all()
    assert after.confidence == pytest.approx(BetaCalibration(numbers).mapped([before.confidence])[0])


@pytest.mark.parametrize("numbers", [(1.0, 1.0), (-0.1, 1.0, 0.0), (1.0, -0.1, 0.0), (1.0, 1.0, float("nan"))])
def test_other_numbers_are_refused(numbers: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"calibration=.*runners/calibrate\.py"):
        BetaCalibration(numbers)


@pytest.mark.parametrize("numbers", [(2.5, 0.8, 0.2), (1.0, 1.0, 0.0), (0.5, 2.0, -1.0)])
def test_the_fit_finds_the_numbers_that_made_the_data(numbers: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(0)
    sure_N = rng.beta(1.5, 0.8, 60_000)
    right_N = rng.random(len(sure_N)) < BetaCalibration(numbers).mapped(sure_N)
    found = fit(sure_N, right_N)
    assert found == pytest.approx(numbers, abs=0.08)
    other_N = rng.beta(1.5, 0.8, 60_000)
    true_N = rng.random(len(other_N)) < BetaCalibration(numbers).mapped(other_N)
    assert calibration_error(reliability_bins(BetaCalibration(found).mapped(other_N), true_N)) < 0.01


def test_what_would_turn_the_order_round_is_left_out() -> None:
    """The surer, the more often wrong: no map that keeps the order helps, and the share of right ones remains."""
    sure_N = np.repeat([0.1, 0.9], 100)
    right_N = np.concatenate([np.arange(100) < 80, np.arange(100) < 40])
    low, high, offset = fit(sure_N, right_N)
    assert (low, high) == (0.0, 0.0)
    assert sigmoid(np.array([offset])) == pytest.approx([0.6], abs=0.01)


@pytest.mark.parametrize("overlap", [0, 30])
def test_a_fit_is_finite_even_where_confidence_parts_right_from_wrong(overlap: int) -> None:
    sure_N = np.concatenate([np.full(50, 1.0), np.full(50, 0.0)])
    right_N = np.arange(100) < 50 + overlap
    numbers = fit(sure_N, right_N)
    assert np.isfinite(numbers).all()
    assert BetaCalibration(numbers).mapped([1.0])[0] > 0.9


def test_a_logistic_regression_meets_the_shares_of_each_group() -> None:
    """With an indicator for each group, the most likely probabilities are the groups' own."""
    group_N = np.repeat([0, 1, 2], (10, 20, 70))
    target_N = np.concatenate([np.full(10, 0.02), np.full(20, 0.5), np.full(70, 0.97)])
    assert sigmoid(logistic(np.eye(3)[group_N], target_N)) == pytest.approx([0.02, 0.5, 0.97])


@pytest.mark.parametrize(("right", "wrong"), [(19, 500), (500, 19), (0, 0)])
def test_too_few_of_a_kind_are_refused(right: int, wrong: int) -> None:
    with pytest.raises(InputError, match=f"of {right + wrong} lines {right} are read right and {wrong} wrong"):
        fit([0.5] * (right + wrong), [True] * right + [False] * wrong)


def test_every_decoding_reads_the_same_text_with_calibrated_confidences() -> None:
    numbers = (2.0, 0.7, 0.3)
    rng = np.random.default_rng(1)
    for _ in range(20):
        probability_TK = rng.dirichlet(np.full(4, 0.3), 12).astype(np.float32)
        for build in (
            lambda **how: GreedyCTC(" ab", **how),
            lambda **how: GreedySequence(" ab", **how),
            lambda **how: BeamCTC(" ab", pattern="[ab ]+", **how),
        ):
            before, after = build()(probability_TK), build(calibration=numbers)(probability_TK)
            assert (after.text, after.places) == (before.text, before.places)
            assert after.confidences == pytest.approx(tuple(BetaCalibration(numbers).mapped(before.confidences)))
