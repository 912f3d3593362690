"""Polygons in hundredths of a pixel."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocr.formats.common.rounding import as_written, hundredths, plain_points
from ocr.geometry import order_clockwise

# Close points make polygons that rounding bends.
close = st.tuples(st.sampled_from([0, 25, 590]), st.integers(0, 40)).map(lambda parts: parts[0] + parts[1] / 1000)
anywhere = st.floats(0, 600, width=32)
any_points = st.lists(st.tuples(close | anywhere, close | anywhere), min_size=3, max_size=9).map(np.float32)


ROUNDED_ONTO_ITS_START = np.float32([(0.035, 25.0), (0.035, 25.036), (0.0, 25.0), (590.0, 542.0), (0.0, 26.0)])


@given(any_points)
@example(ROUNDED_ONTO_ITS_START)
@settings(max_examples=500, deadline=None)
def test_what_comes_out_is_whole_in_hundredths_or_nothing(points: np.ndarray) -> None:
    written = as_written(points)
    before = shapely.make_valid(shapely.Polygon(hundredths(points)))
    if written is None:
        assert before.area <= 0.01 * before.length  # thinner than two hundredths
        return
    polygon = shapely.Polygon(written)
    assert polygon.is_valid
    assert polygon.area > 0
    assert np.array_equal(hundredths(written), written)
    assert np.array_equal(np.float32(plain_points(written)), written)
    assert np.array_equal(as_written(written), written)
    assert shapely.MultiPoint(points).convex_hull.buffer(0.03).covers(polygon)


def test_a_polygon_that_is_whole_in_hundredths_keeps_its_points() -> None:
    points = np.float32([[50, 30], [50, 10.123456], [10, 10], [10, 30]])
    assert plain_points(as_written(points)) == [[10, 10], [50, 10.12], [50, 30], [10, 30]]
    # The corner that is top left after rounding comes first, though it was not before.
    tied = np.float32([[5, 1], [9, 1], [9, 9], [1.001, 5]])
    assert np.array_equal(as_written(tied), order_clockwise(hundredths(tied)))
    assert as_written(tied)[0].tolist() == [5, 1]


@pytest.mark.parametrize(
    ("points", "area"),
    [
        # The notch from below ends 0.004 pixels before the upper edge; rounded it ends on it and parts the polygon.
        ([[0, 0], [20, 0.02], [20, 10], [10.004, 0.0142], [0, 10]], 50),
        ([[0, 0], [9, 9], [9, 0], [0, 5]], 26.05),
    ],
)
def test_what_crosses_itself_in_hundredths_becomes_its_largest_part(points: list[list[float]], area: float) -> None:
    assert not shapely.Polygon(hundredths(np.float32(points))).is_valid
    written = shapely.Polygon(as_written(np.float32(points)))
    assert written.is_valid
    assert written.area == pytest.approx(area, rel=0.02)


@pytest.mark.parametrize("points", [[[5, 5], [5.004, 5], [5.004, 20], [5, 20]], [[1, 1], [1, 1], [1, 1]], [[1, 1]]])
def test_what_has_no_area_in_hundredths_is_nothing(points: list[list[float]]) -> None:
    assert as_written(np.float32(points)) is None
