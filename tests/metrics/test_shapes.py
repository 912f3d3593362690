import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics.areas import shapes_of
from ocr.metrics.shapes import corners_of, inside, padded, quads_of

BOW = np.array([[0, 0], [10, 10], [10, 0], [0, 10]], dtype=np.float64)
SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=np.float64)


def turned(x: float, y: float, width: float, height: float, degrees: float) -> np.ndarray:
    """A rectangle around (x, y) in hundredths of a pixel."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return np.round(corners @ np.array([[cos, sin], [-sin, cos]]) + [x, y], 2)


@given(
    st.builds(turned, *[st.floats(0, 4000)] * 2, st.floats(6, 900), st.floats(6, 90), st.floats(-180, 180)),
    st.lists(st.lists(st.floats(0, 1), max_size=5), min_size=4, max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_points_on_the_edges_of_a_quad_are_no_corners(quad: np.ndarray, shares: list[list[float]]) -> None:
    points = []
    for corner, following, along in zip(quad, np.roll(quad, -1, axis=0), shares, strict=True):
        margin = 1.0 / float(np.linalg.norm(following - corner))
        spots = [margin + share * (1 - 2 * margin) for share in sorted(along)]
        points += [corner, *(corner + spot * (following - corner) for spot in spots)]
    written = np.round(np.array(points), 2).astype(np.float32)

    assert np.array_equal(corners_of(written), quad.astype(np.float32))


def test_a_list_that_starts_on_an_edge_starts_at_the_corner_nearest_to_the_top_left() -> None:
    on_top = np.array([[5, 0], [10, 0], [10, 10], [0, 10], [0, 0]])
    on_left = np.array([[0, 5], [0, 0], [10, 0], [10, 10], [0, 10]])

    assert corners_of(on_top).tolist() == SQUARE.tolist()
    assert corners_of(on_left).tolist() == SQUARE.tolist()


@pytest.mark.parametrize("quad", [BOW, SQUARE, SQUARE * 0, SQUARE * [1, 0], SQUARE[[0, 0, 1, 2]], SQUARE[:3]])
def test_four_points_and_fewer_stay_as_they_are(quad: np.ndarray) -> None:
    assert corners_of(quad).tolist() == quad.tolist()


def test_a_bend_keeps_its_points() -> None:
    bent = np.array([[0, 10], [50, 9.9], [100, 10], [100, 30], [50, 29.9], [0, 30]])
    assert corners_of(bent).tolist() == bent.tolist()


def test_the_quad_of_a_polygon_is_its_smallest_rectangle_from_the_top_left() -> None:
    octagon = np.array([[2, 0], [38, 0], [40, 2], [40, 8], [38, 10], [2, 10], [0, 8], [0, 2]], dtype=np.float64)
    flat = np.array([[3, 1], [7, 1], [5, 1]], dtype=np.float64)
    quads = quads_of([octagon, BOW, flat, flat * 0])

    assert quads[0] == pytest.approx(np.array([[0, 0], [40, 0], [40, 10], [0, 10]]), abs=1e-4)
    assert quads[1].tolist() == BOW.tolist()
    assert quads[2].tolist() == [[3, 1], [7, 1], [7, 1], [3, 1]]
    assert quads[3].tolist() == [[0, 0]] * 4


def test_a_box_holds_its_upper_left_border_alone() -> None:
    points = np.array([[0, 0], [5, 0], [0, 5], [5, 5], [10, 5], [5, 10], [10, 10], [10, 0], [-1, 5]], dtype=np.float64)
    held = [True, True, True, True, False, False, False, False, False]

    for box in (SQUARE, SQUARE[::-1]):
        assert inside(padded([box]), points).tolist() == [held]
    assert inside(padded([SQUARE]), points[:0]).shape == (1, 0)


def runs_over_itself(points: np.ndarray) -> bool:
    """Some piece of the outline is passed more than once."""
    edges = [shapely.LineString(pair) for pair in zip(points, np.roll(points, -1, axis=0), strict=True)]
    return shapely.union_all(edges).length < sum(edge.length for edge in edges) - 1e-6


@given(
    st.lists(
        st.lists(st.tuples(*[st.integers(0, 20)] * 2), min_size=3, max_size=6).map(lambda p: np.array(p, np.float64)),
        max_size=5,
    )
)
@settings(max_examples=100, deadline=None)
def test_off_the_borders_inside_is_what_shapely_takes_to_be_inside(polygons: list[np.ndarray]) -> None:
    grid = np.stack(np.meshgrid(np.arange(20) + 0.31, np.arange(20) + 0.43), axis=-1).reshape(-1, 2)
    shapes = shapes_of(padded(polygons))
    ours = inside(padded(polygons), grid)

    for points, shape, held in zip(polygons, shapes, ours, strict=True):
        if runs_over_itself(points):  # even-odd counts such a piece twice, make_valid once
            continue
        clear = shapely.distance(shape.boundary, shapely.points(grid)) > 1e-6
        assert (held == shapely.contains_xy(shape, grid))[clear].all()
