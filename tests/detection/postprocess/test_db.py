"""Detections against known answers, a plain reference with pyclipper, the targets they invert, and any map at all."""

import math

import cv2
import numpy as np
import pyclipper
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr.detection.postprocess.db import DBPostprocessor
from ocr.detection.targets.db import DBTargetBuilder
from ocr.geometry import order_clockwise, repair
from shapes import bent, rectangle, turned

MODES = ["polygon", "box", "upright"]
IDENTITY = np.eye(3)


def painted(polygons, height, width):
    """1 where a pixel's centre lies in a polygon, else 0."""
    xs, ys = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    covered = [shapely.contains_xy(shapely.Polygon(points), xs, ys) for points in polygons]
    return np.any(covered, axis=0).astype(np.float32)


def iou(one, other):
    a, b = shapely.Polygon(one), shapely.Polygon(other)
    return a.intersection(b).area / a.union(b).area


def rows_of_words(rng, count, angle=0.0):
    """Words that keep clear of each other, at any position between the pixels."""
    words = []
    for index in range(count):
        center = np.array([index % 4 * 160 + 90, index // 4 * 60 + 40]) + rng.uniform(-1, 1, 2)
        words.append(turned(center, rng.uniform(40, 120), rng.uniform(16, 36), rng.uniform(-angle, angle)))
    return words


@pytest.mark.parametrize("mode", MODES)
def test_rectangle_without_growing(mode):
    probability = np.zeros((60, 100), np.float32)
    probability[20:32, 15:70] = 0.9
    (found,) = DBPostprocessor(mode, unclip_ratio=0.0)(probability, IDENTITY, (100, 60))
    np.testing.assert_allclose(found.points_N2, [[15, 20], [70, 20], [70, 32], [15, 32]], atol=1e-4)
    assert found.points_N2.dtype == np.float32
    assert found.score == pytest.approx(0.9)


@pytest.mark.parametrize("mode", MODES)
def test_rectangle_grows_by_area_times_ratio_over_perimeter(mode):
    probability = np.zeros((80, 120), np.float32)
    probability[30:40, 30:90] = 1.0
    grown = 600 * 1.5 / 140
    (found,) = DBPostprocessor(mode, unclip_ratio=1.5)(probability, IDENTITY, (120, 80))
    left, top, right, bottom = 30 - grown, 30 - grown, 90 + grown, 40 + grown
    np.testing.assert_allclose(found.points_N2, [[left, top], [right, top], [right, bottom], [left, bottom]], atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("width", "height"), [(100, 25), (30, 25), (300, 12), (20, 60)])
def test_shrink_ratio_undoes_the_shrinking(mode, width, height):
    # D of the full rectangle, in whole pixels so that painting the shrunk one loses nothing.
    ratio = math.sqrt(
        1 - round(0.84 * width * height / (2 * (width + height))) * 2 * (width + height) / (width * height)
    )
    distance = round(0.84 * width * height / (2 * (width + height)))
    probability = np.zeros((height + 40, width + 40), np.float32)
    probability[20 + distance : 20 + height - distance, 20 + distance : 20 + width - distance] = 1.0
    postprocessor = DBPostprocessor(mode, unclip_ratio=None, shrink_ratio=ratio, min_size=1.0)
    (found,) = postprocessor(probability, IDENTITY, (width + 40, height + 40))
    expected = [[20, 20], [20 + width, 20], [20 + width, 20 + height], [20, 20 + height]]
    np.testing.assert_allclose(found.points_N2, expected, atol=1e-3)


@pytest.mark.parametrize("degrees", [0, 10, 30, 45, 60, 90])
def test_box_turns_with_the_word(degrees):
    word = turned((100, 90), 120, 24, degrees)
    (found,) = DBPostprocessor("box", unclip_ratio=0.0)(painted([word], 180, 200), IDENTITY, (200, 180))
    assert len(found.points_N2) == 4
    assert iou(found.points_N2, word) > 0.96


def test_upright_is_upright_in_the_original_image():
    word = turned((100, 90), 120, 24, 30)
    (found,) = DBPostprocessor("upright", unclip_ratio=0.0)(painted([word], 180, 200), IDENTITY, (200, 180))
    (left, top), (right, bottom) = word.min(axis=0), word.max(axis=0)
    np.testing.assert_allclose(found.points_N2, [[left, top], [right, top], [right, bottom], [left, bottom]], atol=1.0)
    # The same map, seen as a turned copy of the original: the word lies straight in it.
    turn = np.vstack([cv2.getRotationMatrix2D((100, 90), -30, 1.0), [0, 0, 1]])
    (found,) = DBPostprocessor("upright", unclip_ratio=0.0)(painted([word], 180, 200), turn, (200, 180))
    np.testing.assert_allclose(found.points_N2, [[40, 78], [160, 78], [160, 102], [40, 102]], atol=1.0)


def test_polygon_follows_a_bent_word_where_a_box_cannot():
    word = bent((150, 100), 240, 24, 40, 8)
    probability = painted([word], 200, 300)
    (polygon,) = DBPostprocessor("polygon", unclip_ratio=0.0)(probability, IDENTITY, (300, 200))
    (box,) = DBPostprocessor("box", unclip_ratio=0.0)(probability, IDENTITY, (300, 200))
    assert iou(polygon.points_N2, word) > 0.95
    assert iou(box.points_N2, word) < 0.7
    assert 4 < len(polygon.points_N2) < 30


def reference(probability, ratio=1.5):
    """Each region on its own: outline, moved out until it has the region's area, then the paper's offset."""
    count, labels = cv2.connectedComponents((probability > 0.3).astype(np.uint8), connectivity=8)
    found = []
    for label in range(1, count):
        region = labels == label
        (outline,), _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = cv2.approxPolyDP(outline, 1.0, closed=True)[:, 0] + 0.5
        candidates = [shapely.Polygon(offset(outline, step / 100)) for step in range(101)]
        whole = candidates[int(np.argmin([abs(candidate.area - region.sum()) for candidate in candidates]))]
        polygon = offset(np.array(whole.exterior.coords)[:-1], whole.area * ratio / whole.length)
        found.append((polygon, probability[region].mean()))
    return found


def offset(points, distance):
    clipper = pyclipper.PyclipperOffset(2.0)
    clipper.AddPath(np.round(points * 1000).astype(int).tolist(), pyclipper.JT_MITER, pyclipper.ET_CLOSEDPOLYGON)
    (path,) = clipper.Execute(distance * 1000)
    return np.array(path) / 1000


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_reference(seed):
    rng = np.random.default_rng(seed)
    words = [*rows_of_words(rng, 12, angle=8.0), *(bent((330, y), 400, 30, 12, 8) for y in (260, 330))]
    shrunk = DBTargetBuilder()(words, [False] * len(words), 400, 680)["shrink_map"]
    probability = (shrunk * rng.uniform(0.7, 1.0, shrunk.shape)).astype(np.float32)
    expected = reference(probability)
    found = DBPostprocessor("polygon", unclip_ratio=1.5)(probability, IDENTITY, (680, 400))
    assert len(found) == len(expected) == len(words)
    for points, score in expected:
        nearest = max(found, key=lambda detection: iou(detection.points_N2, points))
        assert iou(nearest.points_N2, points) > 0.95
        assert nearest.score == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("angle", [0.0, 12.0])
def test_inverts_the_targets(mode, angle):
    """With the shrinking's own ratio the words come back; the paper's fixed unclip ratio does not bring them back."""
    rng = np.random.default_rng(0)
    words = rows_of_words(rng, 40, angle)
    shrunk = DBTargetBuilder()(words, [False] * len(words), 680, 700)["shrink_map"]
    found = DBPostprocessor(mode, unclip_ratio=None, shrink_ratio=0.4)(shrunk, IDENTITY, (700, 680))
    assert len(found) == len(words)
    if mode == "upright":
        words = [rectangle(*word.min(axis=0), *word.max(axis=0)) for word in words]
    best = [max(iou(detection.points_N2, word) for detection in found) for word in words]
    assert np.mean(best) > 0.9


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stride", [1, 2])
def test_sides_have_no_bias(mode, stride):
    """Over many words at any position between the pixels, each side is off by nothing on average."""
    rng = np.random.default_rng(1)
    words = rows_of_words(rng, 44)
    maps = DBTargetBuilder()([word / np.float32(stride) for word in words], [False] * 44, 720 // stride, 700 // stride)
    postprocessor = DBPostprocessor(mode, unclip_ratio=None, shrink_ratio=0.4)
    found = postprocessor(maps["shrink_map"], IDENTITY, (700, 720), stride=stride)
    assert len(found) == len(words)
    centers = np.array([detection.points_N2.mean(axis=0) for detection in found])
    errors = []
    for word in words:
        nearest = found[int(np.linalg.norm(centers - word.mean(axis=0), axis=1).argmin())].points_N2
        errors.append([*(nearest.min(axis=0) - word.min(axis=0)), *(nearest.max(axis=0) - word.max(axis=0))])
    assert np.abs(np.mean(errors, axis=0)).max() < 0.25 * stride
    assert np.abs(errors).max() < 2.0 * stride


@pytest.mark.parametrize("mode", MODES)
def test_original_image_is_reached_through_the_matrix(mode):
    # Half the size, moved by (8, 4) into a padded input.
    matrix = np.array([[0.5, 0, 8], [0, 0.5, 4], [0, 0, 1]])
    probability = np.zeros((128, 160), np.float32)
    probability[20:40, 30:90] = 1.0
    (found,) = DBPostprocessor(mode, unclip_ratio=0.0)(probability, matrix, (240, 200))
    np.testing.assert_allclose(found.points_N2, [[44, 32], [164, 32], [164, 72], [44, 72]], atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_stride_is_the_maps_pixel_size(mode):
    probability = np.zeros((40, 40), np.float32)
    probability[10:14, 5:30] = 1.0
    (found,) = DBPostprocessor(mode, unclip_ratio=0.0)(probability, IDENTITY, (160, 160), stride=4.0)
    np.testing.assert_allclose(found.points_N2, [[20, 40], [120, 40], [120, 56], [20, 56]], atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_min_size_is_in_pixels_of_the_network_input(mode):
    probability = np.zeros((40, 40), np.float32)
    probability[10:12, 5:30] = 1.0
    assert not DBPostprocessor(mode, min_size=3.0)(probability, IDENTITY, (40, 40))
    assert len(DBPostprocessor(mode, min_size=2.0)(probability, IDENTITY, (40, 40))) == 1
    assert len(DBPostprocessor(mode, min_size=3.0)(probability, IDENTITY, (80, 80), stride=2.0)) == 1


def test_min_size_is_measured_along_a_turned_region():
    probability = painted([turned((50, 50), 80, 2.2, 45)], 100, 100)
    assert not DBPostprocessor("polygon", min_size=4.0)(probability, IDENTITY, (100, 100))


@pytest.mark.parametrize("mode", MODES)
def test_padding_is_cut_away(mode):
    probability = np.zeros((100, 200), np.float32)
    probability[20:40, 60:140] = 1.0  # reaches out of the image
    probability[60:80, 120:180] = 1.0  # lies in the padding
    found = DBPostprocessor(mode, unclip_ratio=0.0)(probability, IDENTITY, (100, 100))
    assert len(found) == 1
    np.testing.assert_allclose(found[0].points_N2, [[60, 20], [100, 20], [100, 40], [60, 40]], atol=1e-3)


def test_turned_box_over_the_border_keeps_its_direction():
    word = turned((10, 100), 160, 20, 45)
    probability = painted([word], 200, 200)
    (found,) = DBPostprocessor("box", unclip_ratio=0.0)(probability, IDENTITY, (200, 200))
    visible = shapely.Polygon(word).intersection(shapely.box(0, 0, 200, 200))
    assert iou(found.points_N2, np.array(visible.exterior.coords)) > 0.75


def test_triangle_gets_a_fourth_point():
    probability = painted([np.array([[0, 0], [60, 0], [0, 60]], np.float32)], 80, 80)
    (found,) = DBPostprocessor("polygon", unclip_ratio=0.0)(probability, IDENTITY, (80, 80))
    assert len(found.points_N2) >= 4
    assert iou(found.points_N2, [[0, 0], [60, 0], [0, 60]]) > 0.9


@pytest.mark.parametrize("mode", MODES)
def test_word_in_the_hole_of_a_frame_is_found(mode):
    probability = np.zeros((120, 200), np.float32)
    probability[5:115, 5:195] = 1.0
    probability[12:108, 12:188] = 0.0
    probability[50:65, 60:140] = 1.0
    found = DBPostprocessor(mode, unclip_ratio=0.0, box_thresh=0.1)(probability, IDENTITY, (200, 120))
    assert len(found) == 2
    np.testing.assert_allclose(found[1].points_N2, [[60, 50], [140, 50], [140, 65], [60, 65]], atol=1e-3)
    # The frame's score is over all it encloses.
    assert len(DBPostprocessor(mode, unclip_ratio=0.0, box_thresh=0.6)(probability, IDENTITY, (200, 120))) == 1


@pytest.mark.parametrize("mode", MODES)
def test_scores_decide(mode):
    probability = np.zeros((60, 200), np.float32)
    probability[20:40, 10:60], probability[20:40, 100:160] = 0.55, 0.65
    found = DBPostprocessor(mode)(probability, IDENTITY, (200, 60))
    assert [round(detection.score, 5) for detection in found] == [0.65]
    assert len(DBPostprocessor(mode, box_thresh=0.5)(probability, IDENTITY, (200, 60))) == 2
    assert not DBPostprocessor(mode, binary_thresh=0.7)(probability, IDENTITY, (200, 60))


@pytest.mark.parametrize("mode", MODES)
def test_largest_regions_are_taken_when_there_are_too_many(mode):
    probability = np.zeros((100, 100), np.float32)
    probability[5:15, 5:15], probability[40:60, 5:60], probability[80:90, 5:30] = 1.0, 1.0, 1.0
    found = DBPostprocessor(mode, unclip_ratio=0.0, max_candidates=2)(probability, IDENTITY, (100, 100))
    assert [int(detection.points_N2[:, 1].min()) for detection in found] == [40, 80]


@pytest.mark.parametrize("mode", MODES)
def test_sorted_from_top_to_bottom_then_left_to_right(mode):
    probability = np.zeros((120, 300), np.float32)
    for left, top in ((150, 20), (20, 20), (80, 70), (220, 60)):
        probability[top : top + 15, left : left + 50] = 1.0
    found = DBPostprocessor(mode, unclip_ratio=0.0)(probability, IDENTITY, (300, 120))
    corners = [tuple(np.round(detection.points_N2[0]).astype(int).tolist()) for detection in found]
    assert corners == [(20, 20), (150, 20), (220, 60), (80, 70)]


@pytest.mark.parametrize("mode", MODES)
def test_empty_map(mode):
    assert DBPostprocessor(mode)(np.zeros((30, 40), np.float32), IDENTITY, (40, 30)) == []


@pytest.mark.parametrize("mode", MODES)
def test_map_that_is_text_all_over_is_the_whole_image(mode):
    (found,) = DBPostprocessor(mode)(np.ones((64, 96), np.float32), IDENTITY, (90, 60))
    np.testing.assert_allclose(found.points_N2, [[0, 0], [90, 0], [90, 60], [0, 60]], atol=1e-4)


maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40), elements=st.floats(0, 1, width=32)
)
blobs = st.tuples(st.integers(0, 10**6), st.integers(8, 90), st.integers(8, 90), st.floats(1.0, 6.0)).map(
    lambda drawn: np.clip(
        0.5 + 3.0 * cv2.GaussianBlur(np.random.default_rng(drawn[0]).normal(0, 1, drawn[1:3]), (0, 0), drawn[3]), 0, 1
    ).astype(np.float32)
)
matrices = st.tuples(
    st.floats(0.3, 3), st.floats(0.3, 3), st.floats(-0.5, 0.5), st.floats(-20, 20), st.floats(-1e-4, 1e-4)
).map(lambda v: np.array([[v[0], v[2], v[3]], [-v[2], v[1], v[3] / 2], [v[4], 0, 1]]))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=150, deadline=None)
@given(
    st.one_of(maps, blobs),
    matrices,
    st.integers(1, 80),
    st.integers(1, 80),
    st.floats(0, 3),
    st.sampled_from([1.0, 2.0]),
)
def test_any_map_gives_polygons_inside_the_image(mode, probability, matrix, width, height, ratio, stride):
    postprocessor = DBPostprocessor(mode, box_thresh=0.3, unclip_ratio=ratio, min_size=0.0, tolerance=0.5)
    found = postprocessor(probability, matrix, (width, height), stride)
    tops = [float(detection.points_N2[:, 1].min()) for detection in found]
    assert tops == pytest.approx(sorted(tops), abs=1e-3)
    for detection in found:
        points = detection.points_N2
        assert len(points) == 4 or (mode == "polygon" and len(points) > 4)
        assert points.min() >= 0
        assert points[:, 0].max() <= width
        assert points[:, 1].max() <= height
        assert shapely.Polygon(points).is_valid
        assert shapely.Polygon(points).area >= 1.0 - 1e-3
        # In hundredths of a pixel a narrow neck may close; what is written then is the largest part.
        assert repair(np.round(points.astype(np.float64), 2)) is not None
        assert 0.3 <= detection.score <= 1.0 + 1e-6
        np.testing.assert_array_equal(points, order_clockwise(points))
    again = postprocessor(probability.copy(), matrix, (width, height), stride)
    assert len(again) == len(found)
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.points_N2, other.points_N2)
        assert one.score == other.score


def test_map_is_left_as_it_was():
    probability = np.random.default_rng(0).random((50, 60), dtype=np.float32)
    before = probability.copy()
    DBPostprocessor("polygon")(probability, IDENTITY, (60, 50))
    np.testing.assert_array_equal(probability, before)


@pytest.mark.parametrize(
    ("probability", "matrix", "size", "stride", "message"),
    [
        (np.zeros((1, 8, 8), np.float32), IDENTITY, (8, 8), 1.0, r"shape \(1, 8, 8\)"),
        (np.full((8, 8), np.nan, np.float32), IDENTITY, (8, 8), 1.0, "not numbers"),
        (np.zeros((8, 8), np.float32), np.zeros((3, 3)), (8, 8), 1.0, "matrix_33"),
        (np.zeros((8, 8), np.float32), np.eye(2), (8, 8), 1.0, "matrix_33"),
        (np.zeros((8, 8), np.float32), IDENTITY, (8, 8), 0.0, "stride is 0.0"),
        (np.zeros((8, 8), np.float32), IDENTITY, (0, 8), 1.0, r"original_size \(0, 8\)"),
    ],
)
def test_wrong_input_is_named(probability, matrix, size, stride, message):
    with pytest.raises(ValueError, match=message):
        DBPostprocessor()(probability, matrix, size, stride)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"mode": "quad"}, "mode is 'quad'"),
        ({"binary_thresh": 1.5}, "binary_thresh is 1.5"),
        ({"box_thresh": -0.1}, "box_thresh is -0.1"),
        ({"unclip_ratio": -1.0}, "unclip ratio is -1.0"),
        ({"shrink_ratio": None}, "neither unclip_ratio nor shrink_ratio is given"),
        ({"unclip_ratio": None, "shrink_ratio": 1.5}, "shrink ratio is 1.5"),
        ({"min_size": -1.0}, "min_size is -1.0"),
        ({"tolerance": -1.0}, "tolerance is -1.0"),
        ({"max_candidates": 0}, "max_candidates is 0"),
    ],
)
def test_settings_out_of_range_are_named(setting, message):
    with pytest.raises(ValueError, match=message):
        DBPostprocessor(**setting)
