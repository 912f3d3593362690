"""The way from the map to the original image, and its border."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection.postprocess.frame import Frame
from ocr.detection.postprocess.ragged import Ragged
from ocr.geometry import transform_points


def test_locate_inverts_the_matrix_and_the_stride():
    matrix = np.array([[0.6, -0.2, 30], [0.1, 0.7, -12], [1e-4, -2e-4, 1]])
    original = np.array([[10, 20], [200, 15], [190, 80], [12, 77]], np.float32)
    on_map = transform_points(original, matrix) / 4.0
    located = Frame.of(matrix, (300, 100), 4.0).locate(Ragged.of([on_map]))
    np.testing.assert_allclose(located.points_T2, original, atol=1e-3)


def test_polygons_inside_are_left_alone():
    frame, polygons = Frame.of(np.eye(3), (50, 40), 1.0), Ragged.of([np.array([[0, 0], [50, 0], [50, 40]])])
    assert frame.cut_polygons(polygons) is polygons
    assert frame.cut_boxes(polygons) is polygons


def test_polygon_is_cut_not_bent():
    frame = Frame.of(np.eye(3), (50, 40), 1.0)
    diamond = np.array([[0, -20], [40, 20], [0, 60], [-40, 20]])
    (cut,) = frame.cut_polygons(Ragged.of([diamond])).polygons()
    assert cut.equals(shapely.Polygon(diamond).intersection(shapely.box(0, 0, 50, 40)))


def test_largest_part_is_kept():
    frame = Frame.of(np.eye(3), (50, 40), 1.0)
    horseshoe = np.array([[10, -10], [40, -10], [40, 30], [30, 30], [30, -5], [15, -5], [15, 10], [10, 10]])
    (cut,) = frame.cut_polygons(Ragged.of([horseshoe])).polygons()
    assert cut.equals(shapely.box(30, 0, 40, 30))


def test_nothing_is_left_outside():
    frame = Frame.of(np.eye(3), (50, 40), 1.0)
    outside = Ragged.of([np.array([[60, 0], [90, 0], [90, 10], [60, 10]])])
    for cut in (frame.cut_polygons(outside), frame.cut_boxes(outside), frame.clamped(outside)):
        assert cut.signed_areas().tolist() == [0.0]


@settings(max_examples=200, deadline=None)
@given(st.floats(-20, 70), st.floats(-20, 60), st.floats(2, 120), st.floats(2, 60), st.floats(0, math.pi))
def test_cut_boxes_stay_boxes_inside_the_image(x, y, width, height, angle):
    frame = Frame.of(np.eye(3), (50, 40), 1.0)
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2 @ rotation
    corners += np.array([x, y])
    cut = frame.cut_boxes(Ragged.of([corners]))
    assert cut.counts_N.tolist() == [4]
    lower, upper = cut.bounds()
    assert lower.min() >= 0
    assert (upper <= (50, 40)).all()
    (polygon,) = cut.polygons()
    visible = shapely.Polygon(corners).intersection(shapely.box(0, 0, 50, 40))
    if visible.area > 1.0:
        assert polygon.is_valid
        assert polygon.buffer(1e-3).covers(visible.centroid)


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.eye(2), np.full((3, 3), np.nan)])
def test_matrix_that_cannot_be_inverted_is_named(matrix):
    with pytest.raises(ValueError, match="must be an invertible 3 x 3 homography"):
        Frame.of(matrix, (10, 10), 1.0)
