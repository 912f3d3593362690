"""Inside and deep inside, against shapely's."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection.targets.fill import fill
from ocr.detection.targets.outline import Outlines, repaired

HEIGHT, WIDTH = 52, 57
XS, YS = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)


def drawn(filled, found_HW):
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[filled.place] = found_HW
    return whole


def check(polygons, margins):
    outlines = Outlines.of(polygons)
    for points, margin, filled in zip(polygons, margins, fill(outlines, np.array(margins), HEIGHT, WIDTH), strict=True):
        shape = shapely.Polygon(points)
        away = shapely.distance(shape.exterior, shapely.points(XS, YS))
        inside = shapely.contains_xy(shape, XS, YS)
        clear = away > 1e-6
        assert (drawn(filled, filled.inside()) == inside)[clear].all()
        clear = np.abs(away - margin) > 1e-6
        assert (drawn(filled, filled.deep()) == (inside & (away >= margin)))[clear].all()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(-20, 80), st.integers(-20, 80)), min_size=3, max_size=8), max_size=3),
    st.lists(st.sampled_from([0.0, 0.3, 2.0, 7.5]), min_size=3, max_size=3),
    st.sampled_from([1, -1]),
)
def test_equals_shapely_for_any_polygons(polygons, margins, step):
    found = repaired([np.array(points, np.float32) for points in polygons])
    simple = [points[::step] for points in found if points is not None]
    check(simple, margins[: len(simple)])


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 360), st.floats(4, 60), st.floats(2, 30), st.floats(0, 9))
def test_equals_shapely_for_turned_rectangles(degrees, width, height, margin):
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    check([(corners @ turn.T + (25, 30)).astype(np.float32)], [margin])


def test_rectangle_by_hand():
    box = np.array([[10, 10], [30, 10], [30, 20], [10, 20]], np.float32)
    (filled,) = fill(Outlines.of([box]), np.array([2.6]), HEIGHT, WIDTH)
    assert filled.place == (slice(10, 20), slice(10, 30))
    assert filled.inside().all()
    rows, columns = np.nonzero(filled.deep())
    # Centres from 12.6 to 27.4, and from 12.6 to 17.4.
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (3, 16, 3, 6)
    assert len(rows) == 14 * 4


@pytest.mark.parametrize("shift", [(-100, 0), (0, 100), (60, -5)])
def test_outside_the_map_there_is_nothing(shift):
    box = np.array([[10, 10], [30, 10], [30, 20], [10, 20]], np.float32)
    outside, inside = fill(Outlines.of([box + shift, box]), np.zeros(2), HEIGHT, WIDTH)
    assert outside.inside().size == 0
    assert inside.inside().all()


def test_no_outlines():
    assert fill(Outlines.of([]), np.zeros(0), HEIGHT, WIDTH) == []
