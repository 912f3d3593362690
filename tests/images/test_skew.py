"""How far text runs off the level, and the image turned so that it does not."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.geometry import transform_points
from ocr.images.ink_lines import small_grey
from ocr.images.skew import LIMIT, levelled, skew
from ocr.synthesis.receipt import render_receipt
from ocr.types import UInt8Array


@pytest.fixture(scope="module")
def grey_HW() -> UInt8Array:
    """A page on which the text is level."""
    picture, _ = render_receipt(2, "test", 0)
    return small_grey(np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize("degrees", [-22, -15, -8, -4, 4, 8, 15, 22])
def test_a_tilt_is_found_by_the_ink(grey_HW: UInt8Array, degrees: int) -> None:
    before = skew(grey_HW)
    assert abs(before) <= 1.0
    tilted_HW, _ = levelled(grey_HW, -degrees)
    assert skew(tilted_HW) - before == pytest.approx(degrees, abs=1.0)


@pytest.mark.parametrize("height", [300, 301, 302, 303])
@pytest.mark.parametrize("degrees", [-12, 6])
def test_it_is_found_on_a_sheet_of_any_shape(grey_HW: UInt8Array, height: int, degrees: int) -> None:
    tilted_HW, _ = levelled(grey_HW, -degrees)
    factor = height / tilted_HW.shape[0]
    small_HW = np.asarray(
        cv2.resize(tilted_HW, (round(tilted_HW.shape[1] * factor), height), interpolation=cv2.INTER_AREA)
    )
    sheet_HW = np.full((height, 400), 255, np.uint8)
    sheet_HW[:, : small_HW.shape[1]] = small_HW
    assert skew(sheet_HW) == pytest.approx(degrees, abs=1.0)


def test_what_is_no_text_is_level(grey_HW: UInt8Array) -> None:
    speck_HW = np.full((300, 200), 250, np.uint8)
    speck_HW[100:103, 50:53] = 0
    assert skew(speck_HW) == 0.0
    assert skew(np.tile(grey_HW, (30, 1))) == 0.0  # so narrow that no line is seen


def test_a_large_image_is_levelled_in_the_size_that_is_needed(grey_HW: UInt8Array) -> None:
    whole_HW, whole_33 = levelled(grey_HW, 10.0)
    small_HW, small_33 = levelled(grey_HW, 10.0, 200)
    assert max(grey_HW.shape) == 600
    np.testing.assert_allclose(np.array(small_HW.shape) * 3, whole_HW.shape, atol=6)
    points_N2 = [(0, 0), (100, 0), (100, 300)]
    np.testing.assert_allclose(transform_points(points_N2, small_33) * 3, transform_points(points_N2, whole_33), atol=4)


@pytest.mark.parametrize("size", [(1, 1), (5, 4000), (300, 200)])
def test_without_ink_a_page_is_level(size: tuple[int, int]) -> None:
    assert skew(np.full(size, 250, np.uint8)) == 0.0


def test_a_slight_tilt_is_left_alone(grey_HW: UInt8Array) -> None:
    image, matrix_33 = levelled(grey_HW, LIMIT)
    assert image is grey_HW
    np.testing.assert_array_equal(matrix_33, np.eye(3))


@given(
    st.floats(-45, 45).filter(lambda degrees: abs(degrees) > LIMIT),
    st.tuples(st.integers(20, 90), st.integers(20, 90)),
    st.integers(0, 2**32 - 1),
)
def test_nothing_is_cut_off_and_every_point_moves_with_its_pixel(
    degrees: float, size: tuple[int, int], seed: int
) -> None:
    width, height = size
    rng = np.random.default_rng(seed)
    x, y = int(rng.integers(2, width - 2)), int(rng.integers(2, height - 2))
    image_HWC = np.zeros((height, width, 3), np.uint8)
    image_HWC[y - 1 : y + 2, x - 1 : x + 2] = 255
    level_HWC, matrix_33 = levelled(image_HWC, degrees)
    corners_42 = transform_points([(0, 0), (width, 0), (width, height), (0, height)], matrix_33)
    assert (corners_42 >= -1e-3).all()
    assert (corners_42 <= np.array(level_HWC.shape[1::-1]) + 1e-3).all()
    rows_N, columns_N = np.nonzero(level_HWC[..., 0])
    weights_N = level_HWC[rows_N, columns_N, 0].astype(float)
    centre_2 = np.average(np.stack([columns_N, rows_N], axis=1) + 0.5, axis=0, weights=weights_N)
    np.testing.assert_allclose(centre_2, transform_points([(x + 0.5, y + 0.5)], matrix_33)[0], atol=0.12)
