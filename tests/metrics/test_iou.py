import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.metrics import IoUCounts, iou_counts
from ocr.types import Word
from shapes import box

HALF = (0.5,)


def test_a_match_is_counted_up_to_its_iou() -> None:
    # 60 x 10 of 100 x 10 in common with an equal box: 600 / 1400 = 0.43; 80: 800 / 1200 = 0.67; all: 1.
    thresholds = (0.4, 0.5, 0.7)
    assert [c.matched for c in iou_counts([Word(box(0, 0, 100, 10))], [box(40, 0, 100, 10)], thresholds)] == [1, 0, 0]
    assert [c.matched for c in iou_counts([Word(box(0, 0, 100, 10))], [box(20, 0, 100, 10)], thresholds)] == [1, 1, 0]
    assert [c.matched for c in iou_counts([Word(box(0, 0, 100, 10))], [box(0, 0, 100, 10)], thresholds)] == [1, 1, 1]


def test_an_iou_at_the_threshold_does_not_match() -> None:
    assert iou_counts([Word(box(0, 0, 100, 10))], [box(0, 0, 50, 10)], HALF)[0].matched == 0


def test_one_detection_matches_one_region() -> None:
    twice = [box(0, 0, 100, 10), box(0, 0, 100, 10)]
    counts = iou_counts([Word(box(0, 0, 100, 10)), Word(box(0, 50, 100, 10))], twice, HALF)[0]

    assert counts == IoUCounts(matched=1, truth=2, detected=2)
    assert (counts.recall, counts.precision, counts.hmean) == (0.5, 0.5, 0.5)


def test_overlapping_regions_take_detections_in_the_order_given() -> None:
    """The first region fits both detections, the second only the first: the ICDAR script finds one pair or two."""
    regions = [Word(box(0, 0, 100, 10)), Word(box(0, 0, 75, 10))]
    fits_both, fits_first = box(0, 0, 85, 10), box(0, 0, 100, 14)

    assert iou_counts(regions, [fits_both, fits_first], (0.7,))[0].matched == 1
    assert iou_counts(regions, [fits_first, fits_both], (0.7,))[0].matched == 2


def test_ignored_regions_and_what_lies_in_them_do_not_count() -> None:
    regions = [Word(box(0, 0, 100, 10)), Word(box(0, 50, 100, 10), ignore=True)]
    inside, mostly_inside, half_inside = box(0, 50, 30, 10), box(0, 46, 30, 10), box(0, 45, 30, 10)

    assert iou_counts(regions, [inside, mostly_inside], HALF)[0] == IoUCounts(0, 1, 0)
    assert iou_counts(regions, [half_inside], HALF)[0] == IoUCounts(0, 1, 1)
    assert iou_counts(regions, [box(0, 50, 100, 10)], HALF)[0] == IoUCounts(0, 1, 0)


def test_a_detection_over_two_ignored_regions_counts() -> None:
    """Each holds just under half of it: the ICDAR script looks at one ignored region at a time."""
    regions = [Word(box(0, 0, 49, 10), ignore=True), Word(box(51, 0, 49, 10), ignore=True)]
    assert iou_counts(regions, [box(0, 0, 100, 10)], HALF)[0] == IoUCounts(0, 0, 1)


def test_nothing_scores_zero() -> None:
    assert iou_counts([], [], HALF) == (IoUCounts(),)
    assert iou_counts([Word(box(0, 0, 9, 9))], [], HALF) == (IoUCounts(0, 1, 0),)
    assert iou_counts([], [box(0, 0, 9, 9)], HALF) == (IoUCounts(0, 0, 1),)
    assert (IoUCounts().recall, IoUCounts().precision, IoUCounts().hmean) == (0.0, 0.0, 0.0)
    assert iou_counts([], [], ()) == ()


def test_crossing_and_flat_polygons_are_taken_by_the_even_odd_rule() -> None:
    bow = np.float32([[0, 0], [10, 10], [10, 0], [0, 10]])
    spiked = np.float32([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0], [-50, 0]])
    flat = np.float32([[0, 0], [10, 0], [5, 0]])

    assert iou_counts([Word(bow)], [bow], (0.99,))[0].matched == 1
    # The spike has no area of its own: the square of 100 is left.
    assert iou_counts([Word(spiked)], [box(0, 0, 10, 10)], (0.99,))[0].matched == 1
    assert iou_counts([Word(flat)], [flat], (0.0,))[0] == IoUCounts(0, 1, 1)


numbers = st.integers(0, 100)
boxes = st.builds(box, numbers, numbers, st.integers(1, 40), st.integers(1, 40))
corners = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=6).map(np.float32)


@given(st.lists(st.builds(Word, boxes | corners, st.none(), st.booleans()), max_size=6), st.lists(boxes | corners))
@settings(max_examples=100, deadline=None)
def test_figures_stay_in_range_and_fall_with_the_threshold(words: list[Word], found: list[np.ndarray]) -> None:
    counts = iou_counts(words, found, (0.3, 0.5, 0.7))

    for count in counts:
        assert 0 <= count.matched <= min(count.truth, count.detected)
        assert all(0.0 <= figure <= 1.0 for figure in (count.recall, count.precision, count.hmean))
        assert count.truth == sum(not word.ignore for word in words)
    assert [c.detected for c in counts] == [counts[0].detected] * 3
    assert counts[1].matched >= counts[2].matched


def apart(polygons: list[np.ndarray]) -> bool:
    """Whether no two of them overlap."""
    shapes = [shapely.Polygon(points) for points in polygons]
    return all(a.intersection(b).area == 0 for i, a in enumerate(shapes) for b in shapes[:i])


@given(st.lists(boxes, max_size=5), st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), max_size=5), st.data())
@settings(max_examples=100, deadline=None)
def test_order_does_not_matter_where_nothing_overlaps_its_like(
    regions: list[np.ndarray], moves: list[tuple[int, int]], data: st.DataObject
) -> None:
    found = [region + np.float32(move) for region, move in zip(regions, moves, strict=False)]
    assume(apart(regions) and apart(found))
    forwards = iou_counts([Word(region) for region in regions], found, HALF)[0]
    shuffled = iou_counts(
        [Word(r) for r in data.draw(st.permutations(regions))], data.draw(st.permutations(found)), HALF
    )
    swapped = iou_counts([Word(points) for points in found], regions, HALF)[0]

    assert shuffled[0] == forwards
    assert (swapped.recall, swapped.precision) == (forwards.precision, forwards.recall)


@pytest.mark.parametrize("count", [1, 40])
def test_what_equals_the_ground_truth_is_found(count: int) -> None:
    regions = [Word(box(0, 12 * row, 50, 10)) for row in range(count)]
    assert iou_counts(regions, [region.points_N2 for region in regions], (0.99,))[0].hmean == 1.0
