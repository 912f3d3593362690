"""Distances and coverage against shapely's."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.targets.distance import covered, signed_distance
from ocr.targets.outline import Outline
from ocr.targets.window import Window

POLYGONS = {
    "rectangle": [[10, 10], [50, 10], [50, 30], [10, 30]],
    "turned rectangle": [[20, 10], [50, 25], [42, 41], [12, 26]],
    "quad": [[10.3, 12.2], [51, 8], [60, 41.5], [5, 30]],
    "concave quad": [[10, 10], [60, 10], [25, 20], [10, 45]],
    "triangle": [[10, 10], [60, 20], [30, 45]],
    "zigzag": [[5, 5], [20, 15], [40, 4], [60, 18], [58, 40], [40, 26], [22, 38], [6, 26]],
}


def shapely_distance(points, window):
    shape = shapely.Polygon(points)
    xs, ys = np.meshgrid(np.arange(window.left, window.right) + 0.5, np.arange(window.top, window.bottom) + 0.5)
    away = shapely.distance(shape.exterior, shapely.points(xs, ys))
    return np.where(shapely.contains_xy(shape, xs, ys), -away, away)


@pytest.mark.parametrize("window", [Window(0, 0, 70, 50), Window(15, 12, 40, 33)])
@pytest.mark.parametrize("name", POLYGONS)
def test_equals_shapely_up_to_the_limit(name, window):
    outline = Outline.of(POLYGONS[name])
    expected, limit = shapely_distance(POLYGONS[name], window), 6.0
    found = signed_distance(outline, window, limit)
    near = np.abs(expected) <= limit
    np.testing.assert_allclose(found[near], expected[near], atol=2e-4)
    assert (np.abs(found[~near]) > limit).all()
    assert (np.sign(found[~near]) == np.sign(expected[~near])).all()


@pytest.mark.parametrize("name", ["rectangle", "turned rectangle", "quad"])
def test_convex_quads_are_recognised(name):
    assert Outline.of(POLYGONS[name]).is_convex
    assert Outline.of(POLYGONS[name]).is_rectangle == ("rectangle" in name)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 80), st.integers(-20, 80)), min_size=3, max_size=8))
def test_covered_equals_shapely(points):
    outline, window = Outline.of(points), Window(3, 2, 60, 55)
    if outline is not None:
        shape = shapely.Polygon(outline.points)
        xs, ys = np.meshgrid(np.arange(3, 60) + 0.5, np.arange(2, 55) + 0.5)
        doubtful = shapely.distance(shape.exterior, shapely.points(xs, ys)) < 1e-6
        assert (covered(outline, window) == shapely.contains_xy(shape, xs, ys))[~doubtful].all()


def test_far_from_the_origin_nothing_is_lost():
    shift = np.array([20_000.0, 30_000.0])
    near, far = Window(0, 0, 70, 50), Window(20_000, 30_000, 20_070, 30_050)
    for name, points in POLYGONS.items():
        moved = (np.array(points) + shift).astype(np.float32)
        there = signed_distance(Outline.of(moved), far, 6.0)
        here = signed_distance(Outline.of((moved - shift).astype(np.float32)), near, 6.0)
        np.testing.assert_allclose(there, here, atol=1e-2, err_msg=name)
