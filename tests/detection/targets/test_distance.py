"""Distances against shapely's."""

import numpy as np
import pytest
import shapely

from ocr.detection.targets.distance import lower_to_squared_distance
from ocr.detection.targets.outline import Outlines

POLYGONS = {
    "rectangle": [[10, 10], [50, 10], [50, 30], [10, 30]],
    "turned rectangle": [[20, 10], [50, 25], [42, 41], [12, 26]],
    "quad": [[10.3, 12.2], [51, 8], [60, 41.5], [5, 30]],
    "concave quad": [[10, 10], [60, 10], [25, 20], [10, 45]],
    "triangle": [[10, 10], [60, 20], [30, 45]],
    "zigzag": [[5, 5], [20, 15], [40, 4], [60, 18], [58, 40], [40, 26], [22, 38], [6, 26]],
    "partly outside": [[-30, -12], [45, 20], [90, 31], [20, 70]],
}
LEVEL, REACH = 0.4, 6.0


def away(points, height, width):
    xs, ys = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return shapely.distance(shapely.Polygon(points).exterior, shapely.points(xs, ys))


def lowered(polygons, reaches, height, width, start=LEVEL**2):
    map_HW = np.full((height, width), start, np.float32)
    outlines = Outlines.of([np.array(points, np.float32) for points in polygons])
    lower_to_squared_distance(map_HW, outlines, np.array(reaches, float), LEVEL)
    return map_HW


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("name", POLYGONS)
def test_equals_shapely_up_to_the_reach(name, step):
    found = np.sqrt(lowered([POLYGONS[name][::step]], [REACH], 50, 70)) * REACH / LEVEL
    expected = np.minimum(away(POLYGONS[name], 50, 70), REACH)
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_nearest_of_all_outlines_each_in_its_own_unit():
    names, reaches = list(POLYGONS), [2.0, 5.0, 3.0, 7.0, 6.0, 4.0, 5.5]
    found = np.sqrt(lowered(POLYGONS.values(), reaches, 50, 70)) / LEVEL
    expected = np.min(
        [away(POLYGONS[name], 50, 70) / reach for name, reach in zip(names, reaches, strict=True)], axis=0
    )
    np.testing.assert_allclose(found, np.minimum(expected, 1.0), atol=2e-4)


def test_what_is_lower_stays():
    assert (lowered(POLYGONS.values(), [REACH] * len(POLYGONS), 50, 70, start=0.0) == 0).all()


def test_nothing_within_reach_of_the_map():
    far = np.array(POLYGONS["quad"]) + 200
    assert (lowered([far], [REACH], 50, 70) == np.float32(LEVEL**2)).all()
    assert (lowered([], [], 50, 70) == np.float32(LEVEL**2)).all()


def test_far_from_the_origin_nothing_is_lost():
    # A strip far to the right: a map that holds it is wide, but need not be high.
    shift = 20_000
    for name, points in POLYGONS.items():
        moved = (np.array(points) + np.array([shift, 0])).astype(np.float32)
        here = moved - np.float32([shift, 0])
        there = lowered([moved], [REACH], 50, shift + 70)[:, shift:]
        np.testing.assert_allclose(np.sqrt(there), np.sqrt(lowered([here], [REACH], 50, 70)), atol=1e-3, err_msg=name)
