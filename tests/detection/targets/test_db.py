"""Maps against known answers, a plain reference with pyclipper, and what must hold for any polygons."""

import numpy as np
import pyclipper
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection.targets.db import DBTargetBuilder
from shapes import bent, rectangle, turned

SCALE = 10_000


def offset(points, distance):
    """Polygons that pyclipper makes of one by moving its outline; none, one or many."""
    clipper = pyclipper.PyclipperOffset(2.0, 0.25 * SCALE / 100)
    clipper.AddPath(np.round(points * SCALE).astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    return [shapely.Polygon(np.array(path) / SCALE) for path in clipper.Execute(distance * SCALE)]


def reference(polygons, ignore, height, width, ratio=0.4, low=0.3, high=0.7, smallest=3.0):
    """The paper's label generation, one pixel and one polygon at a time."""
    xs, ys = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    shrink, mask = np.zeros((height, width)), np.ones((height, width))
    band, band_mask = np.zeros((height, width)), np.zeros((height, width))
    for points, ignored in zip(polygons, ignore, strict=True):
        shape = shapely.Polygon(points)
        distance = shape.area * (1 - ratio**2) / shape.length
        sides = np.hypot(*np.diff(shape.minimum_rotated_rectangle.exterior.coords, axis=0).T)
        inner = [part for part in offset(points, -distance) if shapely.contains_xy(part, xs, ys).any()]
        if ignored or sides.min() < smallest or not inner:
            mask[shapely.contains_xy(shape, xs, ys)] = 0
            continue
        for part in inner:
            shrink[shapely.contains_xy(part, xs, ys)] = 1
        for part in offset(points, distance):
            grown = shapely.contains_xy(part, xs, ys)
            band_mask[grown] = 1
            away = shapely.distance(shape.exterior, shapely.points(xs[grown], ys[grown]))
            band[grown] = np.maximum(band[grown], 1 - np.clip(away / distance, 0, 1))
    return {
        "shrink_map": shrink,
        "shrink_mask": mask,
        "threshold_map": band * (high - low) + low,
        "threshold_mask": band_mask,
    }


SCENES = {
    "upright": [rectangle(10, 10, 74, 30), rectangle(12.3, 40.7, 60.2, 55.9)],
    "turned": [turned((60, 40), 70, 18, 17), turned((50, 75), 60, 16, -8)],
    "skewed": [np.array([[10, 12], [80, 20], [76, 45], [15, 33]], np.float32)],
    "counter-clockwise": [rectangle(10, 10, 74, 30)[::-1]],
    "bent": [bent((60, 50), 90, 16, 12), bent((60, 90), 80, 14, -6, 4)],
    "overlapping": [rectangle(10, 10, 74, 34), rectangle(40, 25, 100, 50)],
    "concave": [np.array([[10, 10], [90, 10], [90, 80], [70, 80], [70, 30], [10, 30]], np.float32)],
    "partly outside": [rectangle(-30, -6, 40, 20), turned((115, 95), 60, 30, 20), bent((10, 60), 70, 20, 8)],
    "triangle": [np.array([[10, 90], [50, 12], [90, 90]], np.float32)],
    "collinear point": [np.array([[10, 10], [40, 10], [80, 10], [80, 40], [10, 40]], np.float32)],
}


@pytest.mark.parametrize("name", SCENES)
def test_agrees_with_the_reference(name):
    polygons = SCENES[name]
    maps = DBTargetBuilder()(polygons, [False] * len(polygons), 100, 120)
    expected = reference(polygons, [False] * len(polygons), 100, 120)
    for key in ("shrink_map", "shrink_mask", "threshold_mask"):
        # A centre that lies on an outline may fall to either side.
        assert (maps[key] != expected[key]).mean() < 3e-3, key
    both = (maps["threshold_mask"] > 0) & (expected["threshold_mask"] > 0)
    np.testing.assert_allclose(maps["threshold_map"][both], expected["threshold_map"][both], atol=2e-3)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_reference_on_a_page_of_random_words(seed):
    rng = np.random.default_rng(seed)
    polygons, ignore = [], []
    for _ in range(12):
        center, size = rng.uniform(0, 160, 2), (rng.uniform(4, 70), rng.uniform(2, 24))
        quad = turned(center, *size, rng.uniform(-40, 40)) + rng.normal(0, 0.4, (4, 2))
        polygons.append(quad.astype(np.float32))
        ignore.append(bool(rng.random() < 0.2))
    maps, expected = DBTargetBuilder()(polygons, ignore, 160, 160), reference(polygons, ignore, 160, 160)
    for key in ("shrink_map", "shrink_mask", "threshold_mask"):
        assert (maps[key] != expected[key]).mean() < 1e-3, key
    assert np.abs(maps["threshold_map"] - expected["threshold_map"]).mean() < 1e-4


def test_rectangle_by_hand():
    # D = 40 * 20 * 0.84 / 120 = 5.6, so the shrunk rectangle is [15.6, 44.4] x [15.6, 24.4].
    maps = DBTargetBuilder()([rectangle(10, 10, 50, 30)], [False], 40, 60)
    rows, columns = np.nonzero(maps["shrink_map"])
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (16, 43, 16, 23)
    assert maps["shrink_map"].sum() == 28 * 8
    assert maps["shrink_mask"].all()
    threshold = maps["threshold_map"][20]
    # The centres half a pixel on either side of the left edge at x = 10.
    np.testing.assert_allclose(threshold[9:11], 0.7 - 0.4 * 0.5 / 5.6, rtol=1e-5)
    np.testing.assert_allclose(threshold[6], 0.7 - 0.4 * 3.5 / 5.6, rtol=1e-5)
    assert threshold[3] == np.float32(0.3)
    assert maps["threshold_mask"][20].nonzero()[0].tolist() == list(range(4, 56))
    # Outside a corner the distance is that to the corner: (-4, -4) pixels away is 5.66 > D.
    assert maps["threshold_mask"][6, 6] == 1
    assert maps["threshold_mask"][5, 6] == 0


def test_maps_are_float32_and_of_the_size_asked_for():
    maps = DBTargetBuilder()([rectangle(2, 2, 30, 12)], [False], 20, 40)
    assert set(maps) == {"shrink_map", "shrink_mask", "threshold_map", "threshold_mask"}
    assert all(values.shape == (20, 40) and values.dtype == np.float32 for values in maps.values())


def test_no_polygons():
    maps = DBTargetBuilder(thresh_min=0.25)([], [], 8, 9)
    assert not maps["shrink_map"].any()
    assert maps["shrink_mask"].all()
    assert not maps["threshold_mask"].any()
    assert (maps["threshold_map"] == 0.25).all()


def test_ignored_polygon_is_masked_and_drawn_nowhere():
    maps = DBTargetBuilder()([rectangle(10, 10, 50, 30)], [True], 40, 60)
    assert not maps["shrink_map"].any()
    assert not maps["threshold_mask"].any()
    assert (maps["shrink_mask"][10:30, 10:50] == 0).all()
    assert (maps["shrink_mask"] == 0).sum() == 20 * 40


def test_small_polygon_is_masked():
    polygons = [rectangle(10, 10, 50, 12.5)]
    maps = DBTargetBuilder(min_text_size=3.0)(polygons, [False], 40, 60)
    assert not maps["shrink_map"].any()
    assert (maps["shrink_mask"] == 0).any()
    assert DBTargetBuilder(min_text_size=2.0)(polygons, [False], 40, 60)["shrink_map"].any()


def test_small_side_is_measured_along_a_turned_polygon():
    maps = DBTargetBuilder()([turned((50, 50), 60, 2.5, 45)], [False], 100, 100)
    assert not maps["shrink_map"].any()
    assert (maps["shrink_mask"] == 0).any()


def test_polygon_whose_shrunk_part_holds_no_pixel_is_masked():
    # D = 1.905 leaves of the height the 0.19 pixels from 12.005 to 12.195; the nearest row of centres is at 12.5.
    box = rectangle(10, 10.1, 90, 14.1)
    maps = DBTargetBuilder(shrink_ratio=0.01)([box], [False], 30, 100)
    assert not maps["shrink_map"].any()
    assert not maps["threshold_mask"].any()
    assert (maps["shrink_mask"][10:14, 10:90] == 0).all()


def test_shrunk_polygon_that_falls_apart_is_drawn_in_all_parts():
    # Two blocks joined by a bridge thinner than 2 D.
    points = [[5, 5], [45, 5], [45, 20], [75, 20], [75, 5], [115, 5], [115, 45], [75, 45], [75, 26], [45, 26], [45, 45]]
    dumbbell = np.array([*points, [5, 45]], np.float32)
    maps = DBTargetBuilder(shrink_ratio=0.4)([dumbbell], [False], 50, 120)
    assert len(offset(dumbbell, -7.0)) == 2
    assert maps["shrink_map"][:, :45].any()
    assert maps["shrink_map"][:, 75:].any()
    assert not maps["shrink_map"][:, 55:65].any()
    assert maps["shrink_mask"].all()


def test_crossing_polygon_is_repaired():
    bow_tie = np.array([[10, 10], [90, 50], [90, 10], [10, 50]], np.float32)
    maps = DBTargetBuilder()([bow_tie], [False], 60, 100)
    assert maps["shrink_map"].any()


@pytest.mark.parametrize(
    "points",
    [
        [[10, 10], [40, 10], [70, 10], [20, 10]],
        [[10, 10], [10, 10], [10, 10], [10, 10]],
        [[10, 10], [50, 10], [50, np.nan], [10, 30]],
        [[10, 10], [50, 10], [50, np.inf], [10, 30]],
        [[10, 10], [50, 20]],
        np.empty((0, 2)),
    ],
)
def test_polygon_beyond_repair_is_masked_and_hurts_no_other(points):
    good = rectangle(10, 40, 80, 60)
    alone = DBTargetBuilder()([good], [False], 70, 100)
    maps = DBTargetBuilder()([np.array(points, np.float32), good], [False, False], 70, 100)
    for key in ("shrink_map", "threshold_map", "threshold_mask"):
        np.testing.assert_array_equal(maps[key], alone[key])
    assert (maps["shrink_mask"][40:] == 1).all()


def test_polygon_with_a_missing_corner_is_masked_where_its_other_corners_are():
    broken = np.array([[10, 10], [50, 10], [np.nan, 30], [10, 30]], np.float32)
    mask = DBTargetBuilder()([broken], [False], 40, 60)["shrink_mask"]
    assert (mask[10:30, 10:50] == 0).all()


def test_polygon_outside_leaves_no_trace():
    maps = DBTargetBuilder()([rectangle(200, 200, 300, 230), rectangle(-90, -40, -20, -10)], [False, True], 40, 60)
    assert not maps["shrink_map"].any()
    assert maps["shrink_mask"].all()
    assert not maps["threshold_mask"].any()


@pytest.mark.parametrize("polygon", [rectangle(0, 0, 60, 40), bent((30, 20), 300, 200, 20)])
def test_offset_is_that_of_the_whole_polygon(polygon):
    """A crop of the maps equals the maps of the crop."""
    whole = DBTargetBuilder()([polygon + np.float32(200)], [False], 440, 460)
    part = DBTargetBuilder()([polygon], [False], 30, 50)
    for key, values in part.items():
        np.testing.assert_allclose(values, whole[key][200:230, 200:250], atol=1e-4, err_msg=key)


def test_threshold_is_the_highest_of_all_polygons_whatever_their_order():
    pair = SCENES["overlapping"]
    one, other = DBTargetBuilder()(pair, [False] * 2, 60, 120), DBTargetBuilder()(pair[::-1], [False] * 2, 60, 120)
    singles = [DBTargetBuilder()([polygon], [False], 60, 120)["threshold_map"] for polygon in pair]
    for key, values in one.items():
        np.testing.assert_array_equal(values, other[key])
    np.testing.assert_array_equal(one["threshold_map"], np.maximum(*singles))


def test_maps_are_the_same_to_the_last_bit_wherever_memory_lies():
    """Vector instructions may round differently at the ends of an array, and where those are depends on its address."""
    scenes = [polygon for name in SCENES for polygon in SCENES[name]]
    expected = DBTargetBuilder()(scenes, [False] * len(scenes), 100, 120)
    kept = []
    for step in range(100):
        kept.append(np.empty(1 + step * 37 % 501, np.uint8))
        again = DBTargetBuilder()(scenes, [False] * len(scenes), 100, 120)
        for key, values in again.items():
            np.testing.assert_array_equal(values, expected[key])


coordinates = st.floats(-60, 120, width=32)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(coordinates, coordinates), min_size=0, max_size=7).map(
                lambda points: np.array(points, np.float32).reshape(-1, 2)
            ),
            st.booleans(),
        ),
        max_size=4,
    ),
    st.integers(1, 70),
    st.integers(1, 70),
)
def test_any_polygons_give_maps_that_hang_together(scene, height, width):
    polygons, ignore = [points for points, _ in scene], [ignored for _, ignored in scene]
    maps = DBTargetBuilder()(polygons, ignore, height, width)
    shrink, mask = maps["shrink_map"], maps["shrink_mask"]
    threshold, band = maps["threshold_map"], maps["threshold_mask"]
    for values in (shrink, mask, band):
        assert set(np.unique(values)) <= {0.0, 1.0}
    assert threshold.min() >= np.float32(0.3)
    assert threshold.max() <= np.float32(0.7)
    assert (band[shrink == 1] == 1).all()
    assert (threshold[band == 0] == np.float32(0.3)).all()


@settings(max_examples=60, deadline=None)
@given(st.floats(8, 60), st.floats(5, 30), st.floats(0, 180), st.floats(-1, 1), st.floats(-1, 1))
def test_rectangle_and_general_polygons_agree(width, height, degrees, dx, dy):
    """The short cuts for rectangles and for quads are no other function than the general one."""
    quad = turned((50 + dx, 50 + dy), width, height, degrees)
    with_middle = np.insert(quad, 1, (quad[0] + quad[1]) / 2, axis=0)
    nudged = quad.copy()
    nudged[0] += 2e-3
    maps = DBTargetBuilder()([quad], [False], 100, 100)
    for other in (with_middle, nudged):
        others = DBTargetBuilder()([other], [False], 100, 100)
        assert np.abs(maps["threshold_map"] - others["threshold_map"]).max() < 2e-3
        assert (maps["shrink_map"] != others["shrink_map"]).mean() < 5e-3


def test_each_polygon_needs_a_flag():
    with pytest.raises(ValueError, match="1 polygons but 2 ignore flags"):
        DBTargetBuilder()([rectangle(0, 0, 9, 9)], [False, True], 10, 10)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"shrink_ratio": 0.0}, "shrink_ratio is 0.0"),
        ({"shrink_ratio": 1.0}, "shrink_ratio is 1.0"),
        ({"thresh_min": 0.8}, "thresh_min is 0.8"),
        ({"thresh_max": 1.2}, "thresh_max 1.2"),
        ({"min_text_size": -1.0}, "min_text_size is -1.0"),
    ],
)
def test_settings_out_of_range_are_named(setting, message):
    with pytest.raises(ValueError, match=message):
        DBTargetBuilder(**setting)
