"""Polygons: order, clip, transform, repair, merge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from ocr.geometry import (
    clip_points,
    largest_polygon,
    merge_line,
    order_clockwise,
    repair,
    signed_area,
    transform_points,
)

coordinates = st.integers(-50, 50)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8).map(lambda p: np.array(p, np.float32))


def box(x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def test_clockwise_on_the_screen_is_positive() -> None:
    assert signed_area(box(0, 0, 4, 3)) == 12
    assert signed_area(box(0, 0, 4, 3)[::-1]) == -12


@given(polygons, st.integers(0, 7), st.booleans())
def test_order_does_not_depend_on_where_and_how_a_polygon_starts(
    points: np.ndarray, start: int, backwards: bool
) -> None:
    assume(signed_area(points) != 0)
    assume(len(np.unique(points, axis=0)) == len(points))
    ordered = order_clockwise(points)
    turned = np.roll(points[::-1] if backwards else points, start, axis=0)
    np.testing.assert_array_equal(order_clockwise(turned), ordered)
    np.testing.assert_array_equal(order_clockwise(ordered), ordered)
    assert signed_area(ordered) == abs(signed_area(points))
    assert ordered[0].sum() == points.sum(axis=1).min()


def test_of_two_top_left_corners_the_higher_starts() -> None:
    diamond = [[5, 0], [10, 5], [5, 10], [0, 5]]
    assert order_clockwise(diamond).tolist()[0] == [5, 0]


@given(polygons, st.floats(-3, 3), st.floats(0.5, 2), st.floats(-100, 100))
def test_a_homography_and_its_inverse_leave_points_where_they_are(
    points: np.ndarray, angle: float, scale: float, shift: float
) -> None:
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cosine, -sine, shift], [sine, cosine, -shift], [1e-4, -1e-4, 1.0]])
    back = transform_points(transform_points(points, matrix), np.linalg.inv(matrix))
    np.testing.assert_allclose(back, points, atol=1e-2)


def test_transform_divides_by_the_third_coordinate() -> None:
    assert transform_points([[2, 4]], [[1, 0, 2], [0, 1, 4], [0, 0, 2]]).tolist() == [[2, 4]]


def test_the_right_and_bottom_edges_belong_to_the_image() -> None:
    assert clip_points([[-1, 5], [30, 20], [31, 21]], 30, 20).tolist() == [[0, 5], [30, 20], [30, 20]]


@given(polygons)
def test_repair_gives_a_simple_polygon_inside_the_hull_or_none(points: np.ndarray) -> None:
    repaired = repair(points)
    hull = shapely.MultiPoint(points).convex_hull
    if repaired is None:
        made = largest_polygon(shapely.make_valid(shapely.Polygon(points)))
        assert made is None or made.area == 0
        return
    polygon = shapely.Polygon(repaired)
    assert polygon.is_valid
    assert signed_area(repaired) > 0
    assert hull.buffer(1e-3).covers(polygon)
    if shapely.Polygon(points).is_valid:
        np.testing.assert_array_equal(repaired, order_clockwise(points))


@pytest.mark.parametrize(
    "points",
    [[], [[0, 0]], [[0, 0], [1, 1]], [[0, 0], [1, 1], [2, 2]], [[0, 0], [1, 0], [np.nan, 1]], [[3, 3]] * 4],
)
def test_what_has_no_area_cannot_be_repaired(points: list[list[float]]) -> None:
    assert repair(points) is None


def test_of_a_bow_tie_the_larger_half_remains() -> None:
    repaired = repair([[0, 0], [4, 4], [4, 0], [0, 12]])
    assert repaired is not None
    # The edges (0, 0)-(4, 4) and (4, 0)-(0, 12) cross at (3, 3): triangles of area 18 and 2.
    assert signed_area(repaired) == pytest.approx(18)
    assert sorted(repaired.tolist()) == [[0, 0], [0, 12], [3, 3]]


def test_a_line_goes_along_the_tops_and_back_along_the_bottoms() -> None:
    left, right = box(0, 0, 10, 4), box(12, 1, 20, 5)
    merged = merge_line([right, left])
    assert merged.tolist() == [[0, 0], [10, 0], [12, 1], [20, 1], [20, 5], [12, 5], [10, 4], [0, 4]]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5), st.integers(5, 30)), min_size=1, max_size=6))
def test_a_line_covers_its_words(words: list[tuple[int, int, int]]) -> None:
    boxes, right = [], 0
    for gap, top, width in words:
        boxes.append(box(right + gap, top, right + gap + width, top + 10))
        right += gap + width
    merged = shapely.Polygon(merge_line(boxes))
    assert merged.is_valid
    for one in boxes:
        assert merged.buffer(1e-3).covers(shapely.Polygon(one))


def test_words_of_odd_outlines_become_their_hull() -> None:
    triangle = np.array([[0, 0], [4, 0], [2, 3]], np.float32)
    merged = shapely.Polygon(merge_line([triangle, box(6, 0, 8, 3)]))
    assert merged.equals(shapely.MultiPoint([[0, 0], [4, 0], [2, 3], [6, 0], [8, 0], [8, 3], [6, 3]]).convex_hull)
