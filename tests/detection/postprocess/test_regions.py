"""Regions of hand-made maps."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr.detection.postprocess.regions import find_regions, pixel_corners, region_scores


def test_rectangle():
    probability = np.zeros((20, 30), np.float32)
    probability[5:9, 10:25] = 0.8
    regions = find_regions(probability, 0.3, 0.0, 10)
    assert len(regions) == 1
    assert regions.areas_N.tolist() == [60.0]
    assert regions.lower_N2.tolist() == [[10.0, 5.0]]
    assert regions.upper_N2.tolist() == [[25.0, 9.0]]
    assert region_scores(probability, regions)[0] == pytest.approx(0.8)
    lower, upper = pixel_corners(regions).bounds()
    assert (lower.tolist(), upper.tolist()) == ([[10.0, 5.0]], [[25.0, 9.0]])


def test_diagonal_neighbours_are_one_region():
    probability = np.zeros((10, 10), np.float32)
    probability[2:5, 2:5] = probability[5:8, 5:8] = 1.0
    assert len(find_regions(probability, 0.5, 0.0, 10)) == 1


@settings(max_examples=150, deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(2, 16), st.integers(2, 16)), elements=st.integers(0, 1)))
def test_areas_and_scores_equal_a_count_of_pixels(binary):
    """Against OpenCV's component labels; holes are filled, and what lies in them is a region of its own."""
    probability = binary * np.linspace(0.4, 1.0, binary.size, dtype=np.float32).reshape(binary.shape)
    regions = find_regions(probability, 0.3, 0.0, 1000)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    assert len(regions) == count - 1
    scores = region_scores(probability, regions)
    for index, contour in enumerate(regions.contours):
        column, row = contour[0, 0]
        label = labels[row, column]
        outside = np.pad((labels != label).astype(np.uint8), 1, constant_values=1)
        _, parts = cv2.connectedComponents(outside, connectivity=4)
        filled = (parts != parts[0, 0])[1:-1, 1:-1]
        assert stats[label, cv2.CC_STAT_AREA] <= filled.sum()
        if filled.sum() > 1:
            assert scores[index] == pytest.approx(probability[filled].mean(), abs=1e-5)
        # Pick's theorem counts once more a pixel at which the outline touches itself.
        assert regions.areas_N[index] >= filled.sum() - 1e-9


def test_narrow_regions_are_left_out_and_the_largest_come_first():
    probability = np.zeros((40, 40), np.float32)
    probability[2:4, 2:30] = probability[10:14, 2:10] = probability[20:30, 5:15] = 1.0
    regions = find_regions(probability, 0.5, 3.0, 10)
    assert regions.areas_N.tolist() == [100.0, 32.0]
    assert find_regions(probability, 0.5, 0.0, 1).areas_N.tolist() == [100.0]
    assert regions.pick(np.array([1])).areas_N.tolist() == [32.0]


def test_nothing_above_the_threshold():
    regions = find_regions(np.full((8, 8), 0.3, np.float32), 0.3, 0.0, 10)
    assert len(regions) == 0
    assert region_scores(np.zeros((8, 8), np.float32), regions).shape == (0,)
