"""Where the best setting is known, it is found; where there is nothing to gain, nothing moves."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.detection.postprocess.db import DBPostprocessor
from ocr.detection.postprocess.unclip import Unclip
from ocr.detection.tuning.counting import Case, Counter, grids_in_use
from ocr.metrics import DetectionEvaluator
from ocr.training.tune_counts import Counts
from ocr.training.tune_search import Tuner, grids_with_values
from ocr.types import InputError, Word

START = {
    "mode": "upright",
    "binary_thresh": 0.3,
    "box_thresh": 0.3,
    "unclip_ratio": None,
    "shrink_ratio": 0.4,
    "min_size": 3.0,
}
GRIDS = {
    "binary_thresh": [0.2, 0.4, 0.5],
    "shrink_ratio": [0.2, 0.6, 0.8],
    "min_size": [1.0, 6.0],
    "box_thresh": [0.5, 0.75, 0.95],
}


def tuner(cases: Sequence[Case], objective: Sequence[str] = ("iou50/hmean", "iou90/hmean")) -> Tuner:
    evaluator = DetectionEvaluator((0.5, 0.9))
    return Tuner(Counts(cases, Counter(DBPostprocessor, evaluator)), evaluator, objective)


def known_case(offset: int = 0) -> Case:
    """A map whose best settings are known: 0.4 < binary < 0.9 parts two words, shrink 0.6 is what it was made with,
    box 0.75 leaves out a stain that is less likely than the words.
    """
    probability_HW = np.zeros((160, 240), np.float32)
    words = []
    for left, top, width, height in ((20, 20, 80, 24), (20, 46, 80, 24), (20, 100 + offset, 80, 24)):
        corners = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
        words.append(Word(corners.astype(np.float32)))
        # The targets move each side inwards by area (1 - r^2) / perimeter.
        inset = round(width * height * (1 - 0.6**2) / (2 * (width + height)))
        probability_HW[top + inset : top + height - inset, left + inset : left + width - inset] = 0.9
    probability_HW[24:66, 40:60] = np.maximum(probability_HW[24:66, 40:60], 0.35)  # a bridge
    probability_HW[130:150, 150:230] = 0.6  # a stain
    return Case(probability_HW.astype(np.float16), np.eye(3), (240, 160), tuple(words))


def test_the_known_best_settings_are_found_and_every_point_is_noted() -> None:
    tuned = tuner([known_case(), known_case(4)])
    best = tuned.descend(START, GRIDS, [0, 1], "val")
    assert best == {**START, "binary_thresh": 0.4, "shrink_ratio": 0.6, "box_thresh": 0.75}
    (figures,) = tuned.figures([best], [0, 1], "best")
    assert figures["iou90/hmean"] == 1.0
    assert {row["images"] for row in tuned.tried} == {"val"}
    assert tuned.tried[0].items() >= START.items()
    assert max(row["objective"] for row in tuned.tried) == 1.0
    assert tuned.tried[0]["objective"] < 0.5


def test_images_that_agree_give_the_same_figure_held_out() -> None:
    figures, chosen = tuner([known_case(number) for number in range(4)]).held_out(START, GRIDS, 2)
    assert figures["iou90/hmean"] == 1.0
    assert [each["box_thresh"] for each in chosen] == [0.75, 0.75]


def test_each_fold_is_measured_with_the_settings_of_the_others() -> None:
    """Images of one fold want a box threshold that loses the other's words: tuned on one, nothing is found in it."""
    sure, unsure = known_case(), known_case()
    unsure = Case((unsure.probability_HW * np.float16(0.7)).astype(np.float16), np.eye(3), (240, 160), unsure.regions)
    start = {**START, "binary_thresh": 0.4, "shrink_ratio": 0.6}
    folds = tuner([sure, unsure, sure, unsure], ["iou50/recall"])
    _, chosen = folds.held_out(start, {"box_thresh": [0.7]}, 2)
    assert [each["box_thresh"] for each in chosen] == [0.3, 0.3], "of equal values the start is kept"
    figures, chosen = tuner([sure, unsure, sure, unsure]).held_out(start, {"box_thresh": [0.7]}, 2)
    assert [each["box_thresh"] for each in chosen] == [0.3, 0.7]
    assert figures["iou90/recall"] == 0.5


def test_equal_values_leave_the_start_as_it_is() -> None:
    empty = Case(np.zeros((32, 32), np.float16), np.eye(3), (32, 32), known_case().regions)
    assert tuner([empty]).descend(START, GRIDS, [0], "val") == START


class Heights:
    """A landscape given as a table: the counts of a point are its height, whatever the image."""

    def __init__(self, heights: dict[tuple[int, int], float]) -> None:
        self.heights = heights
        self.cases = [None]

    def at(self, points: Sequence[Any], images: Sequence[int]) -> Iterable[list[float]]:
        return [[self.heights[point["a"], point["b"]] for point in points] for _ in images]

    def summarise(self, counts: Sequence[float]) -> dict[str, float]:
        return {"height": sum(counts) / len(counts)}


@given(st.lists(st.integers(0, 20), min_size=16, max_size=16), st.integers(0, 3), st.integers(0, 3))
def test_what_is_found_cannot_be_bettered_in_one_setting(heights: list[int], a: int, b: int) -> None:
    table = Heights(dict(zip(itertools.product(range(4), range(4)), map(float, heights), strict=True)))
    search = Tuner(table, table, ["height"])  # type: ignore[arg-type]
    best = search.descend({"a": a, "b": b}, {"a": range(4), "b": range(4)}, [0], "all")
    reached = table.heights[best["a"], best["b"]]
    assert reached >= table.heights[a, b]
    assert reached == max(table.heights[other, best["b"]] for other in range(4))
    assert reached == max(table.heights[best["a"], other] for other in range(4))


def test_only_the_rule_to_grow_by_that_is_in_use_is_tuned() -> None:
    grids = {"unclip_ratio": [1.5], "shrink_ratio": [0.4], "box_thresh": [0.6]}
    assert grids_in_use(START, grids).keys() == {"shrink_ratio", "box_thresh"}
    assert grids_in_use({**START, "unclip_ratio": 2.0}, grids).keys() == {"unclip_ratio", "box_thresh"}
    assert Unclip(1.5, 0.4).distances(np.array([100.0]), np.array([40.0])) == 100 * 1.5 / 40


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(InputError, match=r"grids\.box_thres: the postprocess has no such setting; it has mode, "):
        grids_with_values(START, {"box_thres": [0.5]})
    assert grids_with_values(START, {"box_thresh": [0.5], "mode": []}) == {"box_thresh": [0.5]}
    with pytest.raises(InputError, match=r"objective=\['hmean'\]: must name one or more of cleval/hmean, "):
        tuner([known_case()], ["hmean"]).descend(START, GRIDS, [0], "val")
    for folds in (1, 3):
        with pytest.raises(InputError, match=f"folds={folds}: must be 0, or between 2 and the number of images, 2"):
            tuner([known_case(), known_case()]).held_out(START, GRIDS, folds)
