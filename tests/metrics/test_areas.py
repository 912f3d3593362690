"""Areas and common areas: known answers by hand, shapely as the independent implementation."""

import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocr.metrics.areas import are_simple, common_areas, shapes_of, shoelace_areas
from ocr.metrics.shapes import padded

BOW = np.array([[0, 0], [10, 10], [10, 0], [0, 10]], dtype=np.float64)
SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=np.float64)
DIAMOND = np.array([[5, 0], [10, 5], [5, 10], [0, 5]], dtype=np.float64)
DART = np.array([[0, 0], [10, 10], [0, 5], [-10, 10]], dtype=np.float64)
U = np.array([[0, 0], [2, 0], [2, 8], [8, 8], [8, 0], [10, 0], [10, 10], [0, 10]], dtype=np.float64)
STAR = np.array([[np.sin(turn), np.cos(turn)] for turn in np.arange(5) * 0.8 * np.pi])


def moved(points_N2: np.ndarray, x: float, y: float) -> np.ndarray:
    return points_N2 + np.array([x, y])


def test_areas_of_simple_crossing_and_empty_polygons() -> None:
    polygons = padded([SQUARE, BOW, SQUARE[:3], SQUARE * [1, 0]])

    assert shoelace_areas(polygons).tolist() == [100, 0, 50, 0]
    assert shapely.area(shapes_of(polygons)).tolist() == [100, 50, 50, 0]
    assert shapes_of(padded([])).shape == (0,)


def test_common_areas_by_hand() -> None:
    truth, found = (
        [SQUARE, BOW, SQUARE[:3], SQUARE[::-1]],
        [SQUARE + 4, moved(SQUARE, 10, 0), BOW, DIAMOND, SQUARE * [1, 0]],
    )

    assert common_areas(padded(truth), padded(found)).tolist() == [
        [36, 0, 50, 50, 0],
        [18, 0, 50, 25, 0],
        [18, 0, 25, 25, 0],
        [36, 0, 50, 50, 0],
    ]
    assert common_areas(padded([SQUARE]), padded([])).shape == (1, 0)
    assert common_areas(padded([]), padded([SQUARE])).shape == (0, 1)


def test_a_polygon_with_a_gap_has_in_common_what_lies_beside_the_gap() -> None:
    assert common_areas(padded([U, SQUARE]), padded([moved(SQUARE, 0, -5)])).tolist() == [[20], [50]]
    assert common_areas(padded([U]), padded([moved(SQUARE * [0.6, 0.8], 2, 0)])).tolist() == [[0]]


def test_what_may_cross_itself_is_not_called_simple() -> None:
    assert are_simple(padded([SQUARE, SQUARE[::-1], SQUARE[:3], BOW, DART])).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert are_simple(padded([SQUARE, U, STAR])).tolist() == [
        True,
        True,
        False,
    ]  # a star turns one way, but twice around


def test_polygons_of_many_corners_are_compared_without_a_table_of_all_their_edges() -> None:
    turns = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    circle = 10 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    many = padded([*(moved(circle, step, 0) for step in range(30)), SQUARE, U])

    tracemalloc.start()
    common = common_areas(many, many)
    peak, _ = tracemalloc.get_traced_memory()[::-1]
    tracemalloc.stop()

    assert peak < 1 << 28
    shapes = shapes_of(many)
    np.testing.assert_allclose(common, shapely.area(shapely.intersection(shapes[:, None], shapes)), atol=2e-6)


def turned(x: float, y: float, width: float, height: float, degrees: float) -> np.ndarray:
    """A rectangle around (x, y), float32 as annotations and detections are."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return (corners @ np.array([[cos, sin], [-sin, cos]]) + [x, y]).astype(np.float32).astype(np.float64)


degrees = st.one_of(st.sampled_from([0, 90, 180, 1e-5, -1e-5, 45]), st.floats(-180, 180))
rectangles = st.builds(turned, *[st.floats(-50, 50)] * 2, st.floats(0, 80), st.floats(0, 40), degrees)
on_grid = st.lists(st.tuples(*[st.integers(0, 6)] * 2), min_size=3, max_size=6).map(lambda p: np.array(p, np.float64))
moves = st.sampled_from([0.0, 1e-9, 1e-6, 1e-3, 1.0])


def nearly(polygons: st.SearchStrategy[np.ndarray]) -> st.SearchStrategy[list[np.ndarray]]:
    """Polygons, and themselves moved by next to nothing, where edges coincide or almost do."""
    one = st.builds(
        lambda points, move, back: [points, (points + move)[:: -1 if back else 1]], polygons, moves, st.booleans()
    )
    return st.lists(one, min_size=1, max_size=3).map(lambda pairs: [points for pair in pairs for points in pair])


@given(st.one_of(nearly(rectangles), st.lists(on_grid, min_size=1, max_size=5)))
@example([U, SQUARE, moved(SQUARE, 0, -5), BOW, STAR * 9 + 3])
@settings(max_examples=300, deadline=None)
def test_common_areas_are_those_of_shapely(polygons: list[np.ndarray]) -> None:
    ours = common_areas(padded(polygons), padded(polygons))

    for one, row in zip(polygons, ours, strict=True):
        for other, area in zip(polygons, row, strict=True):
            expected = shapely.area(shapely.intersection(*shapes_of(padded([one, other]))))
            assert area == pytest.approx(expected, abs=2e-6)


@given(rectangles, rectangles)
@settings(max_examples=200, deadline=None)
def test_quads_that_do_not_meet_have_nothing_in_common(one: np.ndarray, other: np.ndarray) -> None:
    apart = shapely.distance(*shapely.polygons(np.stack([one, other]))) > 0

    assert (common_areas(padded([one]), padded([other])).item() == 0) or not apart
