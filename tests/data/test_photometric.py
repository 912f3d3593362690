"""Appearance changes and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.data.photometric import Photometric

OFF = {f"{name}_probability": 0.0 for name in ("tone", "colour", "invert", "blur", "noise", "jpeg")}


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def test_all_off_is_the_identity(image: np.ndarray) -> None:
    np.testing.assert_array_equal(Photometric(**OFF)(image, np.random.default_rng(0)), image)


@pytest.mark.parametrize("name", list(OFF))
def test_each_change_works_alone(image: np.ndarray, name: str) -> None:
    changed = Photometric(**{**OFF, name: 1.0})(image, np.random.default_rng(1))
    assert changed.shape == image.shape
    assert changed.dtype == np.uint8
    assert (changed != image).any()
    if name == "invert_probability":
        np.testing.assert_array_equal(changed, 255 - image)


def test_the_same_seed_gives_the_same_picture_and_the_input_stays(image: np.ndarray) -> None:
    before = image.copy()
    photometric = Photometric(**dict.fromkeys(OFF, 1.0))
    first, second = (photometric(image, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(image, before)
