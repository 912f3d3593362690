"""Which regions and detections are at fault: by hand, and as many as CLEval counts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics import cleval_counts
from ocr.metrics.errors import Outcome, outcomes_of
from ocr.types import Word
from shapes import box

FOUND, MISSED, FALSE = Outcome.FOUND, Outcome.MISSED, Outcome.FALSE
SPLIT, MERGED, PARTIAL, IGNORED = Outcome.SPLIT, Outcome.MERGED, Outcome.PARTIAL, Outcome.IGNORED


def test_each_fault_by_hand() -> None:
    regions = [
        Word(box(0, 0, 100), "0123456789"),
        Word(box(0, 40, 100), "missed"),
        Word(box(0, 80, 100), "0123456789"),
        Word(box(0, 120, 40), "left"),
        Word(box(60, 120, 40), "right"),
        Word(box(0, 160, 100), "0123456789"),
        Word(box(0, 200, 100), "not to be read", ignore=True),
    ]
    detections = [
        box(0, 0, 100),
        box(0, 80, 48),
        box(50, 80, 50),
        box(0, 120, 100),
        box(0, 160, 62),
        box(0, 200, 100),
        box(0, 300, 50),
    ]
    outcomes = outcomes_of(regions, detections)
    assert outcomes.regions == (FOUND, MISSED, SPLIT, MERGED, MERGED, PARTIAL, IGNORED)
    assert outcomes.detections == (FOUND, SPLIT, SPLIT, MERGED, FOUND, IGNORED, FALSE)
    assert outcomes.faults == {MISSED: 1, SPLIT: 1, PARTIAL: 1, FALSE: 1, MERGED: 1}


def test_split_goes_before_merged_for_a_region_and_after_it_for_a_detection() -> None:
    regions = [Word(box(0, 0, 100), "0123456789"), Word(box(110, 0, 60), "abcdef")]
    outcomes = outcomes_of(regions, [box(0, 0, 50), box(50, 0, 120)])
    assert outcomes.regions == (SPLIT, MERGED)
    assert outcomes.detections == (SPLIT, MERGED)


def test_nothing_on_either_side() -> None:
    word = Word(box(0, 0, 50), "abc")
    assert outcomes_of([], []).regions == ()
    assert outcomes_of([word], []).regions == (MISSED,)
    assert outcomes_of([], [box(0, 0, 50)]).detections == (FALSE,)


boxes = st.builds(box, *[st.integers(0, 120)] * 2, st.integers(4, 120), st.integers(4, 40))
words = st.builds(Word, boxes, st.one_of(st.none(), st.text("ab", max_size=12)), st.booleans())


@settings(max_examples=200, deadline=None)
@given(st.lists(words, max_size=6), st.lists(boxes, max_size=6))
def test_there_are_as_many_faults_as_cleval_counts(regions: list[Word], detections: list[np.ndarray]) -> None:
    outcomes, counts = outcomes_of(regions, detections), cleval_counts(regions, detections)
    assert outcomes.faults[SPLIT] == counts.split
    assert outcomes.faults[MERGED] == counts.merge
    assert len(outcomes.regions) == len(regions)
    assert len(outcomes.detections) == len(detections)
    assert not {FALSE} & set(outcomes.regions)
    assert not {MISSED, PARTIAL} & set(outcomes.detections)
    # Where no region is missed or partial, all characters are found, and only then; split or merged ones may lack some.
    if not {MISSED, PARTIAL, SPLIT, MERGED} & set(outcomes.regions):
        assert counts.found == counts.truth
    if counts.found == counts.truth:
        assert not {MISSED, PARTIAL} & set(outcomes.regions)
    if FALSE not in outcomes.detections:
        assert counts.false_positive == 0
