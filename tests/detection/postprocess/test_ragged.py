"""Many polygons at once give what one at a time gives."""

import numpy as np
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr.detection.postprocess.ragged import Ragged
from ocr.geometry import order_clockwise, signed_area

polygons_strategy = st.lists(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 7), st.just(2)), elements=st.integers(-50, 50).map(float)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(polygons_strategy)
@example([np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, -1.0], [-1.0, 0.0]])])
def test_equals_one_at_a_time(polygons):
    ragged = Ragged.of(polygons)
    assert len(ragged) == len(polygons)
    assert ragged.counts_N.tolist() == [len(points) for points in polygons]
    np.testing.assert_allclose(ragged.signed_areas(), [signed_area(points) for points in polygons], atol=1e-9)
    closed = [np.concatenate([points, points[:1]]) for points in polygons]
    np.testing.assert_allclose(ragged.perimeters(), [np.hypot(*np.diff(points, axis=0).T).sum() for points in closed])
    lower, upper = ragged.bounds()
    np.testing.assert_array_equal(lower, [points.min(axis=0) for points in polygons])
    np.testing.assert_array_equal(upper, [points.max(axis=0) for points in polygons])
    for one, other in zip(ragged.split(), polygons, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(ragged.ordered(), polygons, strict=True):
        np.testing.assert_array_equal(one, order_clockwise(other))


@given(polygons_strategy, st.data())
def test_pick(polygons, data):
    indices = data.draw(st.lists(st.integers(0, len(polygons) - 1), max_size=8))
    picked = Ragged.of(polygons).pick(np.array(indices, np.intp))
    assert len(picked) == len(indices)
    if indices:
        for points, index in zip(picked.split(), indices, strict=True):
            np.testing.assert_array_equal(points, polygons[index])


def test_takes_contours_as_opencv_has_them():
    contour = np.array([[[1, 2]], [[5, 2]], [[5, 4]]], np.int32)
    ragged = Ragged.of([contour])
    assert ragged.points_T2.tolist() == [[1, 2], [5, 2], [5, 4]]
    assert ragged.signed_areas().tolist() == [4.0]


def test_polygons_are_shapelys():
    ragged = Ragged.of([np.array([[0, 0], [4, 0], [4, 2]]), np.array([[0, 0], [3, 0], [3, 3], [0, 3]])])
    assert shapely.area(ragged.polygons()).tolist() == [4.0, 9.0]
    assert shapely.area(ragged.shifted(5.0).polygons()).tolist() == [4.0, 9.0]


def test_area_far_from_the_origin_keeps_its_digits():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) + 1e8
    assert Ragged.of([square]).signed_areas().tolist() == [1.0]
