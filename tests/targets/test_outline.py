"""Areas, perimeters and kinds of outlines."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.targets.outline import Outline


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 50, width=32), st.floats(-50, 50, width=32)), min_size=3, max_size=6))
def test_equals_shapely_for_any_points(points):
    outline = Outline.of(points)
    if outline is not None:
        shape = shapely.Polygon(outline.points)
        assert shape.area > 0
        assert outline.area == pytest.approx(shape.area, rel=1e-6, abs=1e-9)
        assert outline.perimeter == pytest.approx(shape.length, rel=1e-6)
        assert outline.shorter_side() <= max(np.ptp(np.array(outline.points), axis=0)) + 1e-3


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("points", [[[0, 0], [9, 1], [8, 5], [1, 4]], [[0, 0], [6, 0], [6, 3], [3, 1], [0, 3]]])
def test_runs_clockwise_on_the_screen(points, step):
    outline = Outline.of(points[::step])
    assert not shapely.LinearRing([(x, -y) for x, y in outline.points]).is_ccw
    assert outline.bounds == (0, 0, max(x for x, _ in points), max(y for _, y in points))


@pytest.mark.parametrize(
    "points", [[[0, 0], [9, 0]], [[0, 0], [4, 0], [9, 0], [5, 0]], [[1, 1]] * 4, [[0, 0], [1, 0], [np.nan, 1]]]
)
def test_nothing_to_repair(points):
    assert Outline.of(np.array(points, np.float32)) is None


def test_shorter_side_is_that_of_the_turned_rectangle():
    assert Outline.of([[0, 0], [8, 8], [6, 10], [-2, 2]]).shorter_side() == pytest.approx(np.hypot(2, 2), rel=1e-5)
    assert Outline.of([[0, 0], [30, 1], [31, 12], [0, 9]]).shorter_side() == pytest.approx(11.5, abs=0.6)
