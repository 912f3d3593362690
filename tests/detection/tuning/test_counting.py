"""Counting at many settings at once is counting at each of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection.postprocess.db import DBPostprocessor
from ocr.detection.tuning.counting import Case, Counter
from ocr.metrics import DetectionEvaluator
from ocr.training.tune_counts import Counts
from ocr.types import Detection, Word

EVALUATOR = DetectionEvaluator((0.5,))
COUNTER = Counter(DBPostprocessor, EVALUATOR)
POINT = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["polygon", "box", "upright"]),
        "binary_thresh": st.sampled_from([0.2, 0.4]),
        "box_thresh": st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]),
        "min_size": st.sampled_from([0.0, 4.0]),
    }
)


def drawn_case(seed: int) -> Case:
    """Six rectangles of different probabilities, every second of them annotated."""
    rng = np.random.default_rng(seed)
    probability_HW = np.zeros((96, 96), np.float32)
    words = []
    for row in range(6):
        left, width, height = (int(n) for n in rng.integers((4, 3, 2), (40, 40, 9)))
        top = 4 + 15 * row
        probability_HW[top : top + height, left : left + width] = rng.uniform(0.1, 1.0)
        if row % 2:
            corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
            words.append(Word(np.array(corners, np.float32)))
    return Case(probability_HW.astype(np.float16), np.eye(3), (96, 96), tuple(words))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), points=st.lists(POINT, min_size=1, max_size=6))
def test_counts_at_many_points_are_those_of_each_point_alone(seed: int, points: list[dict[str, Any]]) -> None:
    case = drawn_case(seed)
    maps = case.probability_HW.astype(np.float32)
    plain = [
        EVALUATOR.evaluate_image(case.regions, DBPostprocessor(**point)(maps, case.matrix_33, case.original_size))
        for point in points
    ]
    assert COUNTER(case, points) == plain


def test_nothing_is_counted_twice_and_only_what_is_asked_for() -> None:
    asked: list[tuple[int, int]] = []
    cases = [drawn_case(seed) for seed in range(3)]

    def count(case: Case, points: Sequence[Any]) -> list[int]:
        number = next(place for place, each in enumerate(cases) if each is case)
        asked.append((number, len(points)))
        return [number * 100 + point["box_thresh"] for point in points]

    counts = Counts(cases, count)
    one, two, three = ({"box_thresh": value} for value in (1, 2, 3))
    assert list(counts.at([one, two], [0, 2])) == [[1, 2], [201, 202]]
    assert list(counts.at([two, three], [2, 1])) == [[202, 203], [102, 103]]
    assert list(counts.at([one], [2, 0])) == [[201], [1]]
    assert asked == [(0, 2), (2, 2), (2, 1), (1, 2)]


@pytest.mark.parametrize("limit", [0.0, 0.6, 1.0])
def test_detections_at_the_limit_are_kept(limit: float) -> None:
    word = Word(np.array([[0, 0], [9, 0], [9, 9], [0, 9]], np.float32))

    def postprocess(box_thresh: float) -> Any:
        assert box_thresh == 0.0
        return lambda *_: [Detection(word.points_N2, 0.6)]

    case = Case(np.zeros((32, 32), np.float16), np.eye(3), (32, 32), (word,))
    (counts,) = Counter(postprocess, EVALUATOR)(case, [{"box_thresh": limit}])
    assert counts.iou[0].matched == (limit <= 0.6)
