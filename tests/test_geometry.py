"""Polygons: known answers, and what holds for any of them."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr.geometry import (
    MAX_CROSSINGS,
    MAX_POINTS,
    clip_points,
    crossings,
    largest_polygon,
    merge_line,
    order_clockwise,
    repair,
    signed_area,
    swallowed,
    swallowing,
    too_complex,
    transform_points,
)
from ocr.images.edges import edges
from ocr.types import Word
from shapes import rectangle

coordinates = st.integers(-2000, 2000).map(lambda quarter: quarter / 4)
any_points = hnp.arrays(np.float32, st.tuples(st.integers(3, 9), st.just(2)), elements=coordinates)


@st.composite
def stars(draw):
    """Simple polygons of 3 to 10 points in either direction, starting anywhere."""
    count = draw(st.integers(3, 10))
    radii = np.array(draw(st.lists(st.floats(5, 100), min_size=count, max_size=count)))
    angles = 2 * np.pi * (np.arange(count) + draw(st.floats(0, 1))) / count
    centre = np.array(draw(st.tuples(coordinates, coordinates)))
    points = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (points if draw(st.booleans()) else points[::-1]).astype(np.float32)


def cyclic_sequences(points_N2):
    """Every start of the polygon, in both directions."""
    return [np.roll(way, shift, axis=0).tolist() for way in (points_N2, points_N2[::-1]) for shift in range(len(way))]


def test_area_is_positive_clockwise_on_the_screen():
    assert signed_area(rectangle(2, 3, 12, 8)) == 50.0
    assert signed_area(rectangle(2, 3, 12, 8)[::-1]) == -50.0
    assert signed_area([[0, 0], [4, 0], [0, 3]]) == 6.0


@given(stars())
def test_order_keeps_the_points_and_sets_direction_and_start(points):
    ordered = order_clockwise(points)
    assert ordered.dtype == np.float32
    assert signed_area(ordered) > 0
    assert ordered.tolist() in cyclic_sequences(points)
    assert ordered[0].sum() == ordered.sum(axis=1).min()
    assert np.array_equal(order_clockwise(ordered), ordered)


@given(stars(), st.integers(0, 9), st.booleans())
def test_order_does_not_depend_on_how_the_polygon_is_written(points, shift, reverse):
    assume(len(np.unique(points.sum(axis=1))) == len(points))
    other = np.roll(points[::-1] if reverse else points, shift, axis=0)
    assert np.array_equal(order_clockwise(other), order_clockwise(points))


def test_of_two_equally_top_left_corners_the_higher_starts():
    diamond = [[0, 10], [10, 0], [20, 10], [10, 20]]
    assert order_clockwise(diamond).tolist() == [[10, 0], [20, 10], [10, 20], [0, 10]]


@given(
    stars(), st.floats(-3, 3), st.floats(0.2, 3), st.tuples(st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4)), coordinates
)
def test_transform_and_its_inverse_give_the_points_back(points, angle, scale, tilt, shift):
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cosine, -sine, shift], [sine, cosine, -shift], [*tilt, 1]])
    back = transform_points(transform_points(points, matrix), np.linalg.inv(matrix))
    np.testing.assert_allclose(back, points, atol=1e-2)
    assert back.dtype == np.float32


def test_transform_divides_by_the_third_coordinate():
    matrix = [[2, 0, 1], [0, 3, -1], [0, 0.5, 1]]
    assert transform_points([[4, 2], [0, 0]], matrix).tolist() == [[4.5, 2.5], [1, -1]]


@given(any_points, st.integers(1, 300), st.integers(1, 300))
def test_clip_moves_outside_points_alone_onto_the_rectangle(points, width, height):
    clipped = clip_points(points, width, height)
    assert (clipped >= 0).all()
    assert (clipped <= (width, height)).all()
    inside = (points >= 0) & (points <= (width, height))
    assert np.array_equal(clipped[inside], points[inside])


def test_clip_keeps_the_right_edge_of_the_last_pixel():
    assert clip_points([[-3, 5], [50, 40], [51, 41]], 50, 40).tolist() == [[0, 5], [50, 40], [50, 40]]


def test_crossings_are_counted_and_thousands_of_them_not_taken():
    pentagram = [[np.sin(turn), np.cos(turn)] for turn in np.arange(5) * 0.8 * np.pi]
    assert [crossings(points) for points in (rectangle(0, 0, 9, 9), [[0, 0], [9, 9], [9, 0], [0, 9]], pentagram)] == [
        0,
        1,
        5,
    ]
    for count in (8, 40, 200):
        points = np.random.default_rng(0).uniform(0, 100, (count, 2))
        edges = shapely.linestrings(np.stack([points, np.roll(points, -1, axis=0)], axis=1))
        crossed = shapely.STRtree(edges).query(edges, predicate="crosses").shape[1] // 2
        assert crossings(points) == crossed
        assert (too_complex(points) is None) == (crossed <= MAX_CROSSINGS)
    turns = np.linspace(0, 2 * np.pi, MAX_POINTS + 1)
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    assert too_complex(circle[:-1]) is None
    assert too_complex(circle) == "has 1,001 points, at most 1,000 are allowed"


@given(any_points)
def test_repair_gives_a_simple_polygon_within_the_points_hull_or_nothing(points):
    repaired = repair(points)
    if repaired is None:
        assert shapely.make_valid(shapely.Polygon(points)).area < 1e-3
        return
    polygon = shapely.Polygon(repaired)
    assert polygon.is_valid
    assert signed_area(repaired) > 0
    assert shapely.MultiPoint(points).convex_hull.buffer(1e-2).covers(polygon)
    assert np.array_equal(repair(repaired), repaired)


@given(stars())
def test_repair_only_orders_what_is_whole(points):
    assert np.array_equal(repair(points), order_clockwise(points))


def test_repair_untangles_hundreds_of_crossing_edges():
    tangle = np.random.default_rng(0).random((400, 2)) * 100
    assert shapely.Polygon(repair(tangle)).is_valid


def test_repair_takes_the_largest_part_of_a_bow_tie():
    bow_tie = [[0, 0], [10, 0], [2, 8], [8, 8]]  # crosses itself at (5, 5): the upper part is the larger
    assert repair(bow_tie).tolist() == [[0, 0], [10, 0], [5, 5]]


def test_repair_stays_simple_where_corners_are_rounded_to_float32():
    points = np.array(
        [
            [10002.442, 10002.229],
            [10008.113, 10004.23],
            [10006.583, 10003.692],
            [10005.582, 10009.588],
            [10009.225, 10003.634],
            [10003.904, 10005.856],
            [10009.344, 10002.75],
            [10004.991, 10004.728],
        ],
        np.float32,
    )
    assert shapely.Polygon(repair(points)).is_valid


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [1, 1]],
        [[0, 0], [5, 5], [10, 10]],
        [[3, 3], [3, 3], [3, 3]],
        [[0, 0], [5, 0], [5, np.nan]],
        [[0, 0], [5, 0], [np.inf, 5]],
        [],
    ],
)
def test_repair_gives_none_where_there_is_no_area(points):
    assert repair(points) is None


def test_largest_polygon_looks_into_collections():
    small, large = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9)
    line = shapely.LineString([(0, 0), (100, 100)])
    nested = shapely.GeometryCollection([line, small, shapely.MultiPolygon([shapely.box(2, 2, 3, 3), large])])
    assert largest_polygon(nested).equals(large)
    assert largest_polygon(line) is None
    assert largest_polygon(shapely.Polygon()) is None


def test_line_follows_the_top_edges_and_comes_back_along_the_bottom():
    words = [rectangle(30, 5, 50, 12), rectangle(0, 0, 20, 10)]
    expected = [[0, 0], [20, 0], [30, 5], [50, 5], [50, 12], [30, 12], [20, 10], [0, 10]]
    assert merge_line(words).tolist() == expected


def test_bent_line_stays_bent():
    left = np.array([[0, 0], [10, -4], [20, -6], [20, 4], [10, 6], [0, 10]], np.float32)
    right = np.array([[25, -6], [35, -4], [45, 0], [45, 10], [35, 6], [25, 4]], np.float32)
    line = merge_line([left, right])
    assert {tuple(point) for point in line} == {tuple(point) for point in np.concatenate([left, right])}
    assert not shapely.Polygon(line).covers(shapely.Point(22, 9))  # which the convex hull would


def test_line_does_not_step_back_where_words_overlap():
    low, high = rectangle(0, 2, 20, 10), rectangle(16, 0, 40, 12)
    expected = [[0, 2], [16, 2], [16, 0], [40, 0], [40, 12], [16, 12], [16, 10], [0, 10]]
    assert merge_line([low, high]).tolist() == expected
    mirrored = merge_line([rectangle(10, 0, 34, 12), rectangle(30, 2, 50, 10)])
    assert mirrored.tolist() == [[10, 0], [34, 0], [34, 2], [50, 2], [50, 10], [34, 10], [34, 12], [10, 12]]


@given(
    st.lists(st.tuples(st.floats(20, 60), st.floats(0, 0.9), st.floats(5, 20)), min_size=2, max_size=6),
    st.floats(400, 1200),
    st.booleans(),
)
@settings(max_examples=50)
def test_line_of_overlapping_words_on_a_curve_covers_them_and_runs_one_way(words, radius, hollow):
    """Words of different heights along a circle, each beginning before its neighbour ends."""
    polygons, left, side = [], -150.0, -1 if hollow else 1
    for width, overlap, height in words:
        angles = np.linspace(left, left + width, 5) / radius
        sides = [(radius + side * edge) * np.stack([np.sin(angles), -side * np.cos(angles)]).T for edge in (height, 0)]
        polygons.append(np.concatenate([sides[0], sides[1][::-1]]).astype(np.float32))
        left += width - 10 * overlap
    line = merge_line(polygons)
    whole = shapely.Polygon(line)
    assert whole.is_valid
    assert all(whole.buffer(1).covers(shapely.Polygon(points)) for points in polygons)

    def ways(points):
        steps = np.diff(radius * np.arctan2(points[:, 0], -side * points[:, 1]))
        return np.sign(steps[abs(steps) > 1])

    around = ways(np.append(line, line[:1], axis=0))
    assert np.count_nonzero(around != np.roll(around, 1)) == 2, "to the right, and back"
    assert all((ways(edge) > 0).all() for edge in edges(line)), "so are lines cut"


def test_line_of_one_word_is_the_word():
    assert merge_line([rectangle(1, 2, 9, 5)[::-1]]).tolist() == rectangle(1, 2, 9, 5).tolist()


def test_line_is_the_hull_where_points_are_odd_or_the_outline_crosses_itself():
    triangle = np.array([[30, 0], [40, 10], [30, 10]], np.float32)
    odd = shapely.Polygon(merge_line([rectangle(0, 0, 20, 10), triangle]))
    assert odd.equals(shapely.MultiPoint([(0, 0), (30, 0), (40, 10), (0, 10)]).convex_hull)
    stacked = [rectangle(0, 0, 20, 10), rectangle(0, 20, 20, 30)]
    assert shapely.Polygon(merge_line(stacked)).equals(shapely.box(0, 0, 20, 30))


@given(
    st.lists(
        st.tuples(st.floats(0.5, 20), st.floats(5, 60), st.floats(-5, 5), st.floats(4, 20)), min_size=1, max_size=6
    ),
    st.floats(-35, 35),
    st.randoms(use_true_random=False),
)
def test_line_covers_its_words_whatever_their_order(words, degrees, random):
    angle, polygons, right = np.deg2rad(degrees), [], 0.0
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for gap, width, top, height in words:
        polygons.append(order_clockwise(rectangle(right + gap, top, right + gap + width, top + height) @ rotation))
        right += gap + width
    line = merge_line(polygons)
    random.shuffle(polygons)
    assert np.array_equal(merge_line(polygons), line)
    whole = shapely.Polygon(line)
    assert whole.is_valid
    assert signed_area(line) > 0
    assert all(whole.buffer(0.01).covers(shapely.Polygon(points)) for points in polygons)


def test_regions_that_lie_in_ignored_ones():
    words = {
        "in": Word(rectangle(10, 10, 20, 20)),
        "around": Word(rectangle(0, 0, 50, 50), ignore=True),
        "half": Word(rectangle(40, 0, 60, 10)),
        "more": Word(rectangle(40, 20, 59, 30)),
        "beside": Word(rectangle(60, 60, 80, 80)),
        "other": Word(rectangle(5, 5, 30, 30), ignore=True),
    }
    assert swallowed(list(words.values())) == [(0, 1), (0, 5), (3, 1)]
    assert swallowing(words) == {"around": ["in", "more"], "other": ["in"]}
    assert swallowed([words["in"]]) == swallowed([words["around"]]) == swallowed([]) == []


def test_a_region_that_crosses_itself_lies_where_its_hull_does():
    bow = np.array([[10, 10], [30, 30], [30, 10], [10, 30]], np.float32)
    assert swallowed([Word(bow), Word(rectangle(0, 0, 50, 50), ignore=True)]) == [(0, 1)]
