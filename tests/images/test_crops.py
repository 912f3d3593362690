"""Lines cut out of images whose colours are their coordinates, so that each pixel of a crop says where it is from."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import shapes
from ocr.geometry import signed_area, upright_box
from ocr.images.crops import LineCrop, Shift, without_zero_columns
from ocr.images.edges import edges
from ocr.types import FloatArray, UInt8Array

EXACT = LineCrop(squeeze=1.0, margin=0.0)
ORDERS = [(start, way) for start in range(4) for way in (1, -1)]


def coordinates(width: int, height: int) -> UInt8Array:
    """An image whose red is x and whose green is y."""
    image_HWC = np.zeros((height, width, 3), np.uint8)
    image_HWC[..., 0] = np.arange(width)
    image_HWC[..., 1] = np.arange(height)[:, None]
    return image_HWC


def quad(*points: tuple[float, float]) -> FloatArray:
    return np.array(points, np.float32)


def reordered(points_N2: FloatArray, start: int, way: int) -> FloatArray:
    """The same outline from another point on, in one direction or the other."""
    return np.ascontiguousarray(np.roll(points_N2, -start, axis=0)[::way])


BOX = quad((20, 30), (220, 30), (220, 62), (20, 62))


@pytest.mark.parametrize(("start", "way"), ORDERS)
def test_a_box_as_high_as_a_crop_is_cut_unchanged(start: int, way: int) -> None:
    image_HWC = np.random.default_rng(0).integers(1, 255, (100, 240, 3), dtype=np.uint8)
    assert np.array_equal(EXACT(image_HWC, reordered(BOX, start, way)), image_HWC[30:62, 20:220])


@pytest.mark.parametrize("times", [2, 3])
def test_a_higher_box_is_a_plain_resize(times: int) -> None:
    image_HWC = np.random.default_rng(1).integers(1, 255, (200, 400, 3), dtype=np.uint8)
    points_42 = quad((10, 20), (10 + 60 * times, 20), (10 + 60 * times, 20 + 32 * times), (10, 20 + 32 * times))
    part_HWC = image_HWC[20 : 20 + 32 * times, 10 : 10 + 60 * times]
    assert np.array_equal(EXACT(image_HWC, points_42), cv2.resize(part_HWC, (60, 32), interpolation=cv2.INTER_AREA))


def test_a_lower_box_is_a_plain_resize() -> None:
    image_HWC = cv2.GaussianBlur(np.random.default_rng(2).integers(1, 255, (60, 200, 3), dtype=np.uint8), (0, 0), 2)
    found_HWC = EXACT(image_HWC, quad((10, 20), (110, 20), (110, 36), (10, 36)))
    resized_HWC = cv2.resize(image_HWC[20:36, 10:110], (200, 32), interpolation=cv2.INTER_LINEAR)
    inner = (slice(2, -2), slice(2, -2))  # at its edges the crop sees the pixels beside it
    assert np.abs(found_HWC[inner].astype(int) - resized_HWC[inner]).max() <= 2


@pytest.mark.parametrize(("start", "way"), ORDERS)
@pytest.mark.parametrize("degrees", [-40, -17, -3, 3, 12, 40])
def test_a_turned_line_comes_out_upright(degrees: float, start: int, way: int) -> None:
    corners_42 = shapes.turned((124, 106), 128, 32, degrees)
    crop_HWC = EXACT(coordinates(250, 220), reordered(corners_42, start, way)).astype(float)
    assert crop_HWC.shape == (32, 128, 3)
    for row, column in ((0, 0), (0, 127), (31, 127), (31, 0), (16, 64)):
        u, v = (column + 0.5) / 128, (row + 0.5) / 32
        x, y = corners_42[0] + u * (corners_42[1] - corners_42[0]) + v * (corners_42[3] - corners_42[0])
        assert crop_HWC[row, column, :2] == pytest.approx([x - 0.5, y - 0.5], abs=1.5)


@pytest.mark.parametrize("start", [0, 1, 4, 5, 7, 9])
@pytest.mark.parametrize("way", [1, -1])
def test_a_curved_band_is_straightened(start: int, way: int) -> None:
    x = np.linspace(20, 220, 5)
    curve = 70 + 12 * np.sin((x - 20) / 200 * np.pi)
    band_N2 = np.float32([*zip(x, curve, strict=True), *zip(x[::-1], curve[::-1] + 32, strict=True)])
    top_N2, bottom_N2 = edges(reordered(band_N2, start, way))
    assert top_N2 == pytest.approx(band_N2[:5])
    assert bottom_N2 == pytest.approx(band_N2[5:][::-1])
    crop_HWC = EXACT(coordinates(250, 140), reordered(band_N2, start, way)).astype(float)
    assert crop_HWC[0, 0, :2] == pytest.approx([20, 70], abs=1.5)
    assert crop_HWC[0, -1, :2] == pytest.approx([219.5, 70], abs=1.5)
    middle = crop_HWC.shape[1] // 2
    assert crop_HWC[0, middle, :2] == pytest.approx([120, 82], abs=1.5)
    assert crop_HWC[31, middle, :2] == pytest.approx([120, 113], abs=1.5)
    assert (np.diff(crop_HWC[16, :, 0]) >= 0).all()  # from left to right, nothing twice


def arch(sagitta: float, points: int, height: float = 20.0, length: float = 200.0) -> FloatArray:
    """A line bent upwards like a circle, its ends cut vertically: the top edge, then the bottom edge backwards."""
    radius = (length**2 / 4 + sagitta**2) / (2 * sagitta)
    x = np.linspace(0, length, points)
    y = radius - sagitta - np.sqrt(radius**2 - (x - length / 2) ** 2)
    return np.concatenate([np.stack([x, y], 1), np.stack([x, y + height], 1)[::-1]]).astype(np.float32) + 100


@pytest.mark.parametrize("sagitta", [10.0, 30.0, 40.0, -40.0])
@pytest.mark.parametrize("points", [3, 4, 10, 40])
@pytest.mark.parametrize(("start", "way"), [(0, 1), (3, -1), (5, 1)])
def test_a_strongly_curved_line_keeps_its_ends(sagitta: float, points: int, start: int, way: int) -> None:
    outline_N2 = arch(sagitta, points)
    top_N2, bottom_N2 = edges(reordered(outline_N2, start, way))
    assert top_N2 == pytest.approx(outline_N2[:points])
    assert bottom_N2 == pytest.approx(outline_N2[points:][::-1])


def test_ends_may_be_round_or_pointed() -> None:
    turns = np.linspace(-np.pi / 2, np.pi / 2, 7)
    right_N2 = np.stack([180 + 10 * np.cos(turns), 30 + 10 * np.sin(turns)], 1)
    outline_N2 = np.concatenate([[[10, 30], [20, 20]], right_N2, [[20, 40]]]).astype(np.float32)
    top_N2, bottom_N2 = edges(outline_N2)
    assert top_N2[0].tolist() == [20, 20]
    assert bottom_N2[0].tolist() == [20, 40]
    for edge_N2, y in ((top_N2, 20), (bottom_N2, 40)):
        assert edge_N2[-1] == pytest.approx([183, y], abs=4)


def test_a_tall_polygon_with_more_points_is_a_character_too() -> None:
    points_N2 = quad((20, 10), (30, 10), (30, 25), (30, 42), (20, 42), (20, 25))
    top_N2, bottom_N2 = edges(points_N2)
    assert top_N2.tolist() == [[20, 10], [30, 10]]
    assert bottom_N2.tolist() == [[20, 42], [30, 42]]


def test_a_tall_narrow_box_is_a_character_not_a_line_from_top_to_bottom() -> None:
    crop_HWC = EXACT(coordinates(60, 60), quad((20, 10), (30, 10), (30, 42), (20, 42))).astype(float)
    assert crop_HWC.shape == (32, 10, 3)
    assert crop_HWC[0, 0, :2] == pytest.approx([20, 10], abs=1)
    assert crop_HWC[31, 9, :2] == pytest.approx([29, 41], abs=1)


def test_squeeze_margin_and_shift_change_what_is_covered() -> None:
    image_HWC = coordinates(250, 100)
    assert LineCrop(squeeze=0.5, margin=0.0)(image_HWC, BOX).shape == (32, 100, 3)
    wide_HWC = LineCrop(squeeze=1.0, margin=0.25)(image_HWC, BOX).astype(float)
    assert wide_HWC.shape == (32, 216, 3)
    assert wide_HWC[0, 0, :2] == pytest.approx([12, 22], abs=1.5)
    shifted_HWC = EXACT(image_HWC, BOX, Shift(left=-0.25, top=0.0, right=0.5, bottom=0.0, stretch=0.5)).astype(float)
    assert shifted_HWC.shape == (32, 104, 3)
    assert shifted_HWC[16, 0, 0] == pytest.approx(28.5, abs=1.5)
    assert shifted_HWC[16, -1, 0] == pytest.approx(234.5, abs=1.5)


def test_outside_of_the_image_its_edge_goes_on() -> None:
    image_HWC = coordinates(50, 40) + 1
    partly_HWC = EXACT(image_HWC, quad((-40, 4), (24, 4), (24, 36), (-40, 36)))
    assert (partly_HWC[:, :39, 0] == 1).all()
    assert partly_HWC[16, -1, 0] == pytest.approx(24, abs=1.5)
    for wholly in (quad((-900, -900), (-836, -900), (-836, -868), (-900, -868)), BOX * -1e8):
        assert (EXACT(image_HWC, wholly)[..., :2] == [1, 1]).all()
    assert (EXACT(image_HWC, BOX + np.float32(1e8))[..., :2] == [50, 40]).all()


def test_a_line_wider_than_opencv_can_map_is_cut() -> None:
    image_HWC = np.zeros((20, 70_000, 3), np.uint8)
    image_HWC[..., 0] = np.linspace(1, 255, 70_000)
    crop_HWC = LineCrop(margin=0.0)(image_HWC, quad((0, 0), (70_000, 0), (70_000, 20), (0, 20)))
    assert crop_HWC.shape == (32, 1024, 3)
    assert crop_HWC[16, :, 0] == pytest.approx(np.linspace(1, 255, 1024), abs=1.5)


def test_a_line_as_high_as_a_page_is_averaged() -> None:
    image_HWC = np.tile(np.array([[0, 200], [200, 0]], np.uint8), (2000, 500))[..., None].repeat(3, axis=2)
    crop_HWC = LineCrop(margin=0.0)(image_HWC, quad((0, 0), (1000, 0), (1000, 4000), (0, 4000)))
    assert crop_HWC.shape == (32, 8, 3)
    assert crop_HWC.astype(float).mean() == pytest.approx(100, abs=15)


@pytest.mark.parametrize(
    "points",
    [
        [(5, 5), (5, 5), (5, 5)],
        [(5, 5), (5, 5), (5, 5), (5, 5)],
        [(0, 0), (30, 0), (60, 0)],
        [(0, 9), (60, 9), (60, 9), (0, 9)],
        [(0, 0), (60, 20), (60, 0), (0, 20)],
        [(0, 0), (60, 0), (30, 20)],
        [(0, 0), (30, 3), (60, 0), (60, 0), (60, 20), (0, 20), (0, 20)],
    ],
    ids=["point", "four-times-a-point", "straight", "flat", "crossed", "triangle", "repeated-corners"],
)
def test_odd_polygons_give_a_crop(points: list[tuple[float, float]]) -> None:
    crop_HWC = LineCrop()(coordinates(70, 30), quad(*points))
    assert crop_HWC.shape[0] == 32
    assert 8 <= crop_HWC.shape[1] <= 1024


COORDINATE = st.one_of(
    st.floats(-50, 150, width=32), st.floats(-(2.0**30), 2.0**30, width=32), st.sampled_from([0.0, 1e-6, 40.0])
)


@settings(max_examples=40)  # a line far larger than its image takes a second
@given(
    points=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    longest=st.integers(8, 300),
    shift=st.one_of(
        st.none(),
        st.builds(Shift, *[st.floats(-0.4, 0.5)] * 4, stretch=st.floats(0.5, 2)),
    ),
)
def test_any_polygon_gives_a_crop(
    points: list[tuple[float, float]], size: tuple[int, int], longest: int, shift: Shift | None
) -> None:
    image_HWC = np.full((*size, 3), 200, np.uint8)
    crop_HWC = LineCrop(longest=longest)(image_HWC, quad(*points), shift)
    assert crop_HWC.dtype == np.uint8
    assert crop_HWC.shape[0] == 32
    assert crop_HWC.shape[2] == 3
    assert 8 <= crop_HWC.shape[1] <= longest
    assert (crop_HWC == 200).all()


@given(
    middle=st.tuples(st.floats(60, 190), st.floats(60, 190)),
    half=st.tuples(st.floats(12, 50), st.floats(3, 8)),
    degrees=st.floats(-40, 40),
    start=st.integers(0, 3),
    way=st.sampled_from([1, -1]),
)
def test_where_a_quad_starts_and_which_way_it_runs_changes_nothing(
    middle: tuple[float, float], half: tuple[float, float], degrees: float, start: int, way: int
) -> None:
    corners_42 = shapes.turned(middle, 2 * half[0], 2 * half[1], degrees)
    top_N2, bottom_N2 = edges(reordered(corners_42, start, way))
    found_42: npt.NDArray[np.float64] = np.concatenate([top_N2, bottom_N2[::-1]])
    assert found_42 == pytest.approx(corners_42, rel=1e-5)


def test_the_upright_box_holds_the_polygon() -> None:
    assert upright_box(quad((3, 7), (20, 5), (22, 11), (4, 13))).tolist() == [[3, 5], [22, 5], [22, 13], [3, 13]]


def test_no_column_of_a_crop_looks_like_padding() -> None:
    crop_HWC = EXACT(np.zeros((100, 240, 3), np.uint8), BOX)
    assert (crop_HWC.max(axis=(0, 2)) == 1).all()
    given_HWC = np.zeros((4, 3, 3), np.uint8)
    given_HWC[2, 1] = 9
    marked_HWC = without_zero_columns(given_HWC)
    assert marked_HWC.max(axis=(0, 2)).tolist() == [1, 9, 1]
    assert given_HWC.max(axis=(0, 2)).tolist() == [0, 9, 0]
    assert without_zero_columns(marked_HWC) is marked_HWC


def test_a_part_of_a_crop_is_that_part_of_the_line() -> None:
    line = np.float32([[10, 10], [110, 10], [110, 30], [10, 30]])
    part_N2 = LineCrop(margin=0.0).part(line, 0.25, 0.5)
    np.testing.assert_allclose(part_N2, [[35, 10], [60, 10], [60, 30], [35, 30]], atol=1e-4)
    # A margin of a tenth of the height, 2 pixels, is before and behind the line: the crop shows 104 pixels.
    part_N2 = LineCrop(margin=0.1).part(line, 0.5, 1.0)
    np.testing.assert_allclose(part_N2, [[60, 10], [110, 10], [110, 30], [60, 30]], atol=1e-4)


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (0.1, 0.3), (0.4, 0.95)])
def test_a_part_of_a_curved_line_is_curved_and_lies_in_it(start: float, end: float) -> None:
    x = np.linspace(0, 200, 11)
    arch = 20 * np.sin(x / 200 * np.pi)
    line = np.concatenate([np.stack([x, arch], 1), np.stack([x, arch + 20], 1)[::-1]]).astype(np.float32)
    part_N2 = LineCrop().part(line, start, end)
    part, whole = shapely.Polygon(part_N2), shapely.Polygon(line)
    assert part.is_valid
    assert signed_area(part_N2) > 0
    assert part.difference(whole.buffer(0.1)).area < 0.01
    assert part.area == pytest.approx((end - start) * whole.area, rel=0.05)
