"""Areas, perimeters and repair of outlines."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection.targets.outline import Outlines, repaired, touching
from ocr.geometry import repair

SQUARE = np.array([[0, 0], [8, 0], [8, 8], [0, 8]], np.float32)
coordinates = st.floats(-50, 50, width=32)
point_lists = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=0, max_size=6).map(
        lambda points: np.array(points, np.float32).reshape(-1, 2)
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(point_lists)
def test_equals_shapely_for_any_points(polygons):
    kept = [points for points in repaired(polygons) if points is not None]
    outlines = Outlines.of(kept)
    assert len(outlines) == len(kept)
    for number, shape in enumerate(shapely.Polygon(points) for points in kept):
        assert shape.is_valid
        assert abs(outlines.area_N[number]) == pytest.approx(shape.area, rel=1e-6, abs=1e-9)
        assert outlines.perimeter_N[number] == pytest.approx(shape.length, rel=1e-6)
        assert (*outlines.low_N2[number], *outlines.high_N2[number]) == shape.bounds
        edges = outlines.owner_E == number
        assert (outlines.start_E2[edges] == np.roll(outlines.end_E2[edges], 1, axis=0)).all()


@settings(max_examples=150, deadline=None)
@given(point_lists)
def test_repairs_what_a_look_at_each_polygon_alone_would(polygons):
    for points, found in zip(polygons, repaired(polygons), strict=True):
        alone = repair(points)
        assert (found is None) == (alone is None)
        if alone is not None:
            assert shapely.Polygon(found).equals(shapely.Polygon(alone))


def test_simple_polygons_are_kept_as_they_are():
    concave = np.array([[0, 0], [6, 0], [6, 3], [3, 1], [0, 3]], np.float32)
    bow_tie = np.array([[0, 0], [9, 9], [9, 0], [0, 8]], np.float32)
    first, second, third, fourth = repaired([SQUARE, concave, bow_tie, SQUARE[::-1]])
    assert np.array_equal(first, SQUARE)
    assert np.array_equal(second, concave)
    assert shapely.Polygon(third).is_valid
    assert np.array_equal(fourth, SQUARE[::-1])


@pytest.mark.parametrize(
    "points",
    [
        np.empty((0, 2)),
        [[0, 0], [9, 0]],
        [[0, 0], [4, 0], [9, 0], [5, 0]],
        [[1, 1]] * 4,
        [[0, 0], [1, 0], [np.nan, 1]],
        [[0, 0], [9, 0], [9, 9], [0, np.inf]],
    ],
)
def test_one_beyond_repair_leaves_the_others(points):
    found = repaired([SQUARE, np.array(points, np.float32), SQUARE + 1])
    assert found[1] is None
    assert shapely.Polygon(found[0]).equals(shapely.Polygon(SQUARE))
    assert shapely.Polygon(found[2]).equals(shapely.Polygon(SQUARE + 1))


def test_direction_is_the_sign_of_the_area():
    assert Outlines.of([SQUARE, SQUARE[::-1]]).area_N.tolist() == [64, -64]


def test_an_edge_without_length_is_none():
    doubled = np.insert(SQUARE, 1, SQUARE[1], axis=0)
    outlines = Outlines.of([doubled, SQUARE])
    assert outlines.owner_E.tolist() == [0] * 4 + [1] * 4
    assert outlines.perimeter_N.tolist() == [32, 32]


def test_some_of_the_outlines():
    outlines = Outlines.of([SQUARE, SQUARE[:3], SQUARE * 2])
    some, expected = outlines.where(np.array([True, False, True])), Outlines.of([SQUARE, SQUARE * 2])
    for name in Outlines.__slots__:
        assert np.array_equal(getattr(some, name), getattr(expected, name)), name
    assert len(outlines.where(np.zeros(3, bool))) == 0


def test_thin_is_measured_on_the_turned_rectangle():
    turned = np.array([[0, 0], [8, 8], [6, 10], [-2, 2]], np.float32)  # sides 8 sqrt(2) and 2 sqrt(2)
    outlines = Outlines.of([turned, SQUARE])
    assert outlines.thinner_than(2.8).tolist() == [False, False]
    assert outlines.thinner_than(2.9).tolist() == [True, False]
    assert outlines.thinner_than(8.1).tolist() == [True, True]


def test_touching_is_having_a_part_of_a_pixel_in_common():
    polygons = [SQUARE + shift for shift in ([-8, 0], [-7.9, 0], [0, 20], [0, 19.9], [30, 0], [29.9, 0], [5, 5])]
    polygons += [np.empty((0, 2), np.float32), np.array([[np.nan, 9]], np.float32)]
    assert touching(polygons, 20, 30).tolist() == [False, True, False, True, False, True, True, True, True]
    assert touching([], 20, 30).shape == (0,)
