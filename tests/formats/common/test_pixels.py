"""Polygons that are made to fit into rows of whole numbers."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocr.formats.common.rounding import as_written, box, hundredths, quad, shape_losses, whole, whole_quad
from ocr.types import FloatArray, Record, Word

RECORD = Record(Path("a.png"), {}, 60, 40)
IMAGE = shapely.box(0, 0, 60, 40)


def polygon(*points: tuple[float, float]) -> FloatArray:
    return np.array(points, np.float32)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (polygon((2, 3), (12.4, 3), (12.4, 8.6), (2, 8.6)), [[2, 3], [12, 3], [12, 9], [2, 9]]),
        (polygon((2.4, 3), (12, 5.2), (1, 9)), [[2, 3], [12, 5], [1, 9]]),
        (polygon((2, 3.1), (12, 3.1), (12, 3.4), (2, 3.4)), [[2, 3], [12, 3], [12, 4], [2, 4]]),  # would be a line
    ],
)
def test_corners_are_rounded_unless_that_leaves_nothing(points: FloatArray, expected: list[list[int]]) -> None:
    assert whole(points).tolist() == expected


def test_four_corners_stay_and_others_get_a_rectangle_in_the_image() -> None:
    slanted = polygon((2, 3), (12, 5), (11, 12), (1, 9))
    assert quad(slanted, RECORD) is slanted
    turned = shapely.Polygon([(30, 10), (40, 20), (30, 30), (20, 20)])
    five = polygon((30, 10), (40, 20), (30, 30), (20, 20), (25, 15))
    assert shapely.Polygon(quad(five, RECORD)).symmetric_difference(turned).area < 0.01
    # The smallest rectangle around this triangle stands on a corner, five pixels above the image.
    assert quad(polygon((20, 0), (30, 0), (25, 6)), RECORD).tolist() == [[20, 0], [30, 0], [30, 6], [20, 6]]
    # And the one around this sliver is half a hundredth high: in hundredths nothing would be left of it.
    assert quad(polygon((1, 1), (21, 1.01), (11, 1.01)), RECORD).tolist() == [[1, 1], [21, 1], [21, 2], [1, 2]]
    in_hundredths = quad(polygon((20, 10), (30, 13), (26, 20)), RECORD)
    assert np.array_equal(in_hundredths, hundredths(in_hundredths))


coordinates = st.tuples(st.integers(0, 600).map(lambda x: x / 10), st.integers(0, 400).map(lambda y: y / 10))


@settings(max_examples=200, deadline=None)
@given(st.lists(coordinates, min_size=3, max_size=8))
def test_what_is_written_is_whole_and_lies_in_the_image(points: list[tuple[float, float]]) -> None:
    clean_N2 = as_written(polygon(*points))
    assume(clean_N2 is not None)
    for written in (whole(clean_N2), box(clean_N2), whole_quad(clean_N2, RECORD)):
        assert np.array_equal(written, np.rint(written))
        shape = shapely.Polygon(written)
        assert shape.is_valid
        assert shape.area > 0
        assert IMAGE.covers(shape)
    assert whole_quad(clean_N2, RECORD).shape == box(clean_N2).shape == (4, 2)
    around = shapely.Polygon(quad(clean_N2, RECORD))
    assert around.buffer(1e-2).covers(shapely.Polygon(clean_N2))


def test_a_new_shape_is_told_for_each_and_rounding_for_all() -> None:
    square = polygon((2, 3), (12, 3), (12, 9), (2, 9))
    points = {"1": square, "2": square + np.float32(0.25), "3": square + np.float32(0.25), "4": square[:3]}
    words = {key: Word(points_N2) for key, points_N2 in points.items()}
    told = shape_losses([Record(Path("a.png"), words, 60, 40)], whole_quad)
    assert [line.split("[")[0] for line in told] == [
        "a.png, word 4: ",
        "corners in whole pixels: 2 words, such as a.png, word 2: ",
    ]
