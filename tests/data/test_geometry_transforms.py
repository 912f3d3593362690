"""A marker drawn on the original lies where the homography says it does, to a fraction of a pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.data.geometry_transforms import (
    FitLongSide,
    RandomCrop,
    landing,
    rotation,
    round_up,
    scaling,
    translation,
    warp,
)
from ocr.geometry import transform_points


def page(width, height, x=None, y=None, radius=6):
    """Black, with a red square whose centre is (x, y): pixels x - radius to x + radius."""
    image_HWC = np.zeros((height, width, 3), np.uint8)
    if x is not None:
        image_HWC[y - radius : y + radius, x - radius : x + radius, 0] = 255
    return image_HWC


def marker_of(image_HWC):
    """Centre of the red, pixel [0, 0] being centred at (0.5, 0.5); grey borders do not count."""
    red_HW = np.clip(image_HWC[..., 0].astype(float) - image_HWC[..., 2], 0, None)
    rows, columns = np.indices(red_HW.shape) + 0.5
    return np.array([(columns * red_HW).sum(), (rows * red_HW).sum()]) / red_HW.sum()


def test_elementary_homographies():
    assert transform_points([[2, 3]], scaling(2, 0.5)).tolist() == [[4, 1.5]]
    assert transform_points([[2, 3]], translation(1, -1)).tolist() == [[3, 2]]
    np.testing.assert_allclose(transform_points([[1, 0]], rotation(90)), [[0, 1]], atol=1e-6)  # right to below


@given(st.integers(1, 5000), st.integers(1, 128))
def test_round_up_gives_the_next_multiple(length, multiple):
    rounded = round_up(length, multiple)
    assert rounded % multiple == 0
    assert 0 <= rounded - length < multiple


def test_warp_shifts_by_whole_pixels_exactly():
    image_HWC = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    shifted = warp(image_HWC, translation(3, 2), 40, 25, border=7)
    assert np.array_equal(shifted[2:22, 3:33], image_HWC)
    shifted[2:22, 3:33] = 7
    assert (shifted == 7).all()


@pytest.mark.parametrize(
    "matrix",
    [
        scaling(2.0, 3.0),
        scaling(0.75, 0.75),
        translation(0.5, 0.25),
        translation(90, 5) @ rotation(40) @ scaling(0.9, 1.2),
        np.array([[1.1, 0.1, 4], [-0.1, 0.9, 12], [2e-4, -1e-4, 1]]),
    ],
)
def test_warp_puts_a_marker_where_the_homography_says(matrix):
    warped = warp(page(120, 90, 50, 40), matrix, 400, 300)
    np.testing.assert_allclose(marker_of(warped), transform_points([[50, 40]], matrix)[0], atol=0.1)


HOMOGRAPHIES = {
    "inside": translation(40, 30) @ scaling(0.7, 0.6),
    "over the border": translation(90, -20) @ rotation(40) @ scaling(0.9, 1.2),
    "tilted": np.array([[1.1, 0.1, 4], [-0.1, 0.9, 12], [2e-3, -1e-3, 1]]),
    "beyond": translation(300, 0),
    "across the horizon": np.array([[1.0, 0.0, 20], [0.0, 1.0, 10], [-0.015, 0.002, 1]]),
}


@pytest.mark.parametrize("name", HOMOGRAPHIES)
def test_warp_is_that_of_opencv_for_the_whole_picture(name):
    image_HWC = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8), (0, 0), 1.0)
    half = translation(-0.5, -0.5) @ HOMOGRAPHIES[name] @ translation(0.5, 0.5)
    whole = cv2.warpPerspective(image_HWC, half, (200, 160), borderMode=cv2.BORDER_CONSTANT, borderValue=(99.6,) * 3)
    warped = warp(image_HWC, HOMOGRAPHIES[name], 200, 160, border=99.6)
    apart = np.abs(warped.astype(int) - whole)
    assert apart.max() <= 1  # positions are rounded otherwise in another window
    assert (apart > 0).mean() < 0.01


def test_landing_holds_the_image_and_little_more():
    assert landing(10, 20, translation(30, 40), 100, 100) == (29, 39, 41, 61)
    assert landing(10, 20, translation(-5, 90), 100, 100) == (0, 89, 6, 100)
    left, _, right, _ = landing(10, 20, translation(200, 0), 100, 100)
    assert left >= right
    assert landing(120, 90, HOMOGRAPHIES["across the horizon"], 200, 160) == (0, 0, 200, 160)


@pytest.mark.parametrize("long_side", [97, 150, 300, 431, 600])
@pytest.mark.parametrize(("width", "height"), [(200, 300), (300, 211)])
def test_fit_puts_a_marker_where_its_homography_says(long_side, width, height):
    image_HWC, matrix = FitLongSide(long_side=long_side)(page(width, height, 120, 150))
    np.testing.assert_allclose(marker_of(image_HWC), transform_points([[120, 150]], matrix)[0], atol=0.1)
    fitted = transform_points([[width, height]], matrix)[0]
    assert fitted.max() == pytest.approx(long_side)
    assert fitted.min() == pytest.approx(long_side * min(width, height) / max(width, height), abs=0.51)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(8, 130), st.sampled_from([1, 32]))
@settings(max_examples=40)
def test_fit_pads_right_and_below_to_the_multiple(width, height, long_side, multiple):
    image_HWC, matrix = FitLongSide(long_side=long_side, multiple=multiple)(np.full((height, width, 3), 255, np.uint8))
    columns, rows = np.round(transform_points([[width, height]], matrix)[0]).astype(int)
    assert image_HWC.shape == (round_up(rows, multiple), round_up(columns, multiple), 3)
    assert image_HWC.dtype == np.uint8
    assert (image_HWC[:rows, :columns] == 255).all()
    assert not image_HWC[rows:].any()
    assert not image_HWC[:, columns:].any()


@pytest.mark.parametrize("long_side_range", [(110.0, 140.0), (290.0, 310.0), (500.0, 700.0)])
@pytest.mark.parametrize("seed", range(6))
def test_crop_puts_a_marker_where_its_homography_says(long_side_range, seed):
    crop = RandomCrop(size=128, long_side_range=long_side_range, rotation_degrees=15, background_probability=0)
    image_HWC, matrix = crop(
        page(200, 300, 90, 170, radius=4), np.array([[90, 170]], np.float32), np.random.default_rng(seed)
    )
    assert image_HWC.shape == (128, 128, 3)
    place = transform_points([[90, 170]], matrix)[0]
    assert ((place >= 0.1 * 128 - 2) & (place <= 0.9 * 128 + 2)).all()  # a region chosen as centre is in the picture
    np.testing.assert_allclose(marker_of(image_HWC), place, atol=0.15)


def test_crop_draws_the_same_number_of_random_values_whatever_it_gets():
    states = []
    inputs = [
        (page(200, 300), np.zeros((0, 2), np.float32), 0.0),
        (page(200, 300), np.array([[50, 50]], np.float32), 0.0),
        (page(900, 40), np.array([[50, 20], [800, 10]], np.float32), 1.0),
        (page(1, 1), np.array([[0, 0]], np.float32), 0.5),
    ]
    for image_HWC, centres_N2, background in inputs:
        rng = np.random.default_rng(5)
        RandomCrop(size=64, long_side_range=(100, 200), background_probability=background)(image_HWC, centres_N2, rng)
        states.append(rng.bit_generator.state)
    assert all(state == states[0] for state in states)


def test_crop_depends_on_its_generator_alone():
    image_HWC, centres = page(200, 300, 90, 170), np.array([[90, 170]], np.float32)
    crop = RandomCrop(size=64, long_side_range=(200, 300))
    first, again, other = (crop(image_HWC, centres, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


def test_crop_keeps_its_ranges():
    crop = RandomCrop(
        size=100, long_side_range=(200, 400), stretch=0.2, rotation_degrees=5, perspective=0, background_probability=1
    )
    factors, aspects, angles = [], [], []
    for seed in range(300):
        _, matrix = crop(page(200, 100), np.zeros((0, 2), np.float32), np.random.default_rng(seed))
        across, down = matrix[:2, 0], matrix[:2, 1]
        factors.append(np.sqrt(np.linalg.norm(across) * np.linalg.norm(down)) * 200)
        aspects.append(np.linalg.norm(across) / np.linalg.norm(down))
        angles.append(np.rad2deg(np.arctan2(across[1], across[0])))
    for values, low, high in ((factors, 200, 400), (aspects, 1 / 1.2, 1.2), (angles, -5, 5)):
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high
    assert np.median(factors) == pytest.approx(np.sqrt(200 * 400), rel=0.06)  # log-uniform, not uniform


def test_default_crop_never_folds_the_page():
    crop = RandomCrop()
    corners = np.array([[0, 0, 1], [2000, 0, 1], [2000, 3000, 1], [0, 3000, 1]], float)
    for seed in range(50):
        rng = np.random.default_rng(seed)
        _, matrix = crop(np.zeros((3000, 2000, 3), np.uint8), np.array([[1990, 2990]], np.float32), rng)
        assert ((corners @ matrix.T)[:, 2] > 0.5).all()
        assert np.linalg.det(matrix) > 0
