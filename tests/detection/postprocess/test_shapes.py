"""Shapes of hand-made regions."""

import math

import numpy as np
import pytest
import shapely

from ocr.detection.postprocess.ragged import Ragged
from ocr.detection.postprocess.regions import find_regions
from ocr.detection.postprocess.shapes import (
    at_least_four,
    bounds_corners,
    exteriors,
    grown_polygons,
    smallest_rectangles,
)
from ocr.detection.postprocess.unclip import Unclip

STILL = Unclip(ratio=0.0)


def regions_of(*polygons, size=120):
    xs, ys = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    covered = [shapely.contains_xy(shapely.Polygon(points), xs, ys) for points in polygons]
    return find_regions(np.any(covered, axis=0).astype(np.float32), 0.5, 0.0, 100)


@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_smallest_rectangle_of_a_turned_one(degrees):
    angle = math.radians(degrees)
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    word = np.array([[-40, -10], [40, -10], [40, 10], [-40, 10]]) @ rotation + (60.2, 59.7)
    regions = regions_of(word)
    rectangle = smallest_rectangles(regions)
    np.testing.assert_allclose(rectangle.centres_N2, [[60.2, 59.7]], atol=0.5)
    np.testing.assert_allclose(np.sort(rectangle.sides_N2), [[20, 80]], atol=1.2)
    assert rectangle.sides_N2.prod() == pytest.approx(regions.areas_N[0], rel=0.01)


def test_rectangles_grow_on_every_side():
    rectangle = smallest_rectangles(regions_of([[10, 20], [50, 20], [50, 30], [10, 30]]))
    (corners,) = rectangle.grown(Unclip(ratio=1.0)).corners().ordered()
    np.testing.assert_allclose(corners, [[6, 16], [54, 16], [54, 34], [6, 34]], atol=1e-4)


def test_region_one_pixel_wide_gets_its_rectangle():
    probability = np.zeros((20, 30), np.float32)
    probability[5, 4:20] = 1.0
    regions = find_regions(probability, 0.5, 0.0, 10)
    (points,) = grown_polygons(regions, smallest_rectangles(regions), STILL, 1.0).ordered()
    np.testing.assert_allclose(points, [[4, 5], [20, 5], [20, 6], [4, 6]], atol=1e-4)


def test_outline_that_touches_itself_gets_its_rectangle():
    """Two blocks joined by a line of pixels: the outline runs along the line twice."""
    probability = np.zeros((40, 60), np.float32)
    probability[10:20, 5:20] = probability[10:20, 40:55] = 1.0
    probability[15, 20:40] = 1.0
    regions = find_regions(probability, 0.5, 0.0, 10)
    polygons = grown_polygons(regions, smallest_rectangles(regions), STILL, 0.0)
    (points,) = polygons.ordered()
    np.testing.assert_allclose(points[[0, 2]], [[5, 10], [55, 20]], atol=0.6)
    assert shapely.is_valid(polygons.polygons()).all()


def test_polygons_keep_their_order_and_corners():
    regions = regions_of([[5, 5], [25, 5], [25, 15], [5, 15]], [[40, 40], [100, 40], [100, 70], [40, 70]])
    polygons = grown_polygons(regions, smallest_rectangles(regions), STILL, 1.0)
    assert polygons.counts_N.tolist() == [4, 4]
    np.testing.assert_allclose(np.abs(polygons.signed_areas()), [1800, 200], rtol=1e-6)


def test_ragged_outline_of_hundreds_of_corners_becomes_its_hull():
    rows, columns = np.mgrid[:200, :200]
    comb = ((columns % 4 < 2) | (rows < 20)).astype(np.float32)
    regions = find_regions(comb, 0.5, 0.0, 10)
    polygons = grown_polygons(regions, smallest_rectangles(regions), STILL, 0.5)
    assert len(polygons.points_T2) < 20
    assert np.abs(polygons.signed_areas()[0]) == pytest.approx(199 * 200, rel=0.05)


def test_triangle_gets_the_middle_of_its_longest_side():
    three, four = np.array([[0, 0], [6, 0], [0, 8]]), np.array([[0, 0], [3, 0], [3, 3], [0, 3]])
    polygons = at_least_four(Ragged.of([three, four])).split()
    assert polygons[0].tolist() == [[0, 0], [6, 0], [3, 4], [0, 8]]
    assert polygons[1].tolist() == four.tolist()


def test_exteriors_leave_holes_out():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 5, 5))
    outlines = exteriors(np.array([ring, shapely.box(20, 0, 21, 1)], dtype=object))
    assert np.abs(outlines.signed_areas()).tolist() == [100.0, 1.0]
    assert outlines.counts_N.tolist() == [4, 4]


def test_bounds_corners():
    (points,) = bounds_corners(np.array([[1.0, 2.0]]), np.array([[5.0, 9.0]])).split()
    assert points.tolist() == [[1, 2], [5, 2], [5, 9], [1, 9]]
