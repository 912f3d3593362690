"""A point of the original lands where the homography says, in pixels of the network's input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.data.geometry_transforms import FitLongSide, RandomCrop, round_up, scaling, translation, warp
from ocr.geometry import transform_points

HEIGHT, WIDTH = 300, 200


def page(x: float, y: float, radius: float = 9.0) -> np.ndarray:
    """A dark page with a soft bright spot whose centre of mass is (x, y)."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (radius / 2) ** 2)
    return np.repeat((255 * spot).astype(np.uint8)[..., None], 3, axis=2)


def centre(image_HWC: np.ndarray) -> np.ndarray:
    weights = image_HWC[..., 0].astype(float)
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]] + 0.5
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


@pytest.mark.parametrize("long_side", [96, 160, 300, 640])
def test_fit_long_side(long_side: int) -> None:
    fitted, matrix = FitLongSide(long_side=long_side)(page(71.0, 123.0))
    height, width = fitted.shape[:2]
    assert (height % 32, width % 32) == (0, 0)
    assert height - 32 < long_side <= height
    np.testing.assert_allclose(centre(fitted), transform_points([[71.0, 123.0]], matrix)[0], atol=0.15)
    corner = transform_points([[WIDTH, HEIGHT]], matrix)[0]
    assert corner[1] == pytest.approx(long_side)
    assert not fitted[:, int(np.ceil(corner[0])) :].any(), "the padding is black"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_crop_moves_pixels_as_its_matrix_moves_points(seed: int) -> None:
    at = np.array([[100.0, 150.0]], np.float32)
    crop = RandomCrop(size=256, long_side_range=(200.0, 500.0), background_probability=0.0, rotation_degrees=20.0)
    image, matrix = crop(page(*at[0]), at, np.random.default_rng(seed))
    assert image.shape == (256, 256, 3)
    # The border is any grey: look at the page alone.
    inside = warp(np.full((HEIGHT, WIDTH, 3), 255, np.uint8), matrix, 256, 256) == 255
    there = transform_points(at, matrix)[0]
    if (there < 24).any() or (there > 232).any():
        return
    np.testing.assert_allclose(centre(image * inside), there, atol=0.6)


def test_what_is_drawn_does_not_depend_on_the_page() -> None:
    """The generator is at the same place afterwards, so that later draws do not depend on the annotation."""
    after = []
    for centres in (np.empty((0, 2), np.float32), np.ones((1, 2), np.float32), np.ones((50, 2), np.float32)):
        rng = np.random.default_rng(7)
        RandomCrop(size=64)(page(10, 10), centres, rng)
        after.append(rng.integers(2**62))
    assert after[0] == after[1] == after[2]


def test_the_same_seed_gives_the_same_crop() -> None:
    at = np.array([[100.0, 150.0]], np.float32)
    first, second = (RandomCrop(size=64)(page(100, 150), at, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_a_resize_is_a_diagonal_matrix_and_identity_leaves_pixels_alone() -> None:
    image = page(50, 60)
    np.testing.assert_array_equal(warp(image, scaling(1, 1), WIDTH, HEIGHT), image)
    np.testing.assert_array_equal(warp(image, translation(5, 0), WIDTH, HEIGHT)[:, 5:], image[:, :-5])
    doubled = warp(image, scaling(2, 2), 2 * WIDTH, 2 * HEIGHT)
    np.testing.assert_allclose(centre(doubled), 2 * centre(image), atol=0.1)


@pytest.mark.parametrize(("length", "rounded"), [(1, 32), (32, 32), (33, 64)])
def test_round_up(length: int, rounded: int) -> None:
    assert round_up(length, 32) == rounded
