"""Appearance changes: what each of them may do, and that none moves a pixel."""

import cv2
import numpy as np
import pytest

from ocr.data.photometric import Photometric

NAMES = ("tone", "colour", "invert", "blur", "noise", "jpeg")


def only(*chosen):
    return Photometric(**{f"{name}_probability": float(name in chosen) for name in NAMES})


@pytest.fixture
def image_HWC():
    """A light page with a dark, slightly coloured block."""
    image_HWC = np.full((48, 64, 3), 200, np.uint8)
    image_HWC[16:32, 16:48] = (60, 40, 30)
    return image_HWC


def results(photometric, image_HWC, count=12):
    return [photometric(image_HWC, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("chosen", [*NAMES, "all"])
def test_shape_type_and_input_are_kept_and_the_generator_decides(image_HWC, chosen):
    before = image_HWC.copy()
    photometric = only(*NAMES) if chosen == "all" else only(chosen)
    first, again = results(photometric, image_HWC), results(photometric, image_HWC)
    assert np.array_equal(image_HWC, before)
    for result, repeated in zip(first, again, strict=True):
        assert result.shape == before.shape
        assert result.dtype == np.uint8
        assert np.array_equal(result, repeated)
        assert not np.array_equal(result, before)


def test_nothing_happens_at_probability_zero(image_HWC):
    assert all(np.array_equal(result, image_HWC) for result in results(only(), image_HWC))


def test_probability_is_how_often_it_happens(image_HWC):
    inverts = Photometric(**{f"{name}_probability": 0.0 for name in NAMES} | {"invert_probability": 0.25})
    happened = sum(not np.array_equal(result, image_HWC) for result in results(inverts, image_HWC, 400))
    assert 70 <= happened <= 130


def test_tone_keeps_the_order_of_levels_and_grey_grey():
    ramp_HWC = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
    for result in results(only("tone"), ramp_HWC):
        assert (np.diff(result[0, :, 0].astype(int)) >= 0).all()
        assert np.array_equal(result[..., 0], result[..., 2])


def test_colour_multiplies_each_channel():
    grey_HWC = np.full((4, 4, 3), 128, np.uint8)
    gains = np.array([result[0, 0] for result in results(only("colour"), grey_HWC, 100)]) / 128
    assert gains.min() >= 0.85 - 0.01
    assert gains.max() <= 1.15 + 0.01
    assert gains.std(axis=1).max() > 0.05
    assert not only("colour")(np.zeros((2, 2, 3), np.uint8), np.random.default_rng(0)).any()


def test_invert_is_the_negative(image_HWC):
    assert np.array_equal(only("invert")(image_HWC, np.random.default_rng(0)), 255 - image_HWC)


def test_blur_softens_edges_and_leaves_flat_parts(image_HWC):
    for result in results(only("blur"), image_HWC):
        assert np.array_equal(result[:8], image_HWC[:8])
        assert 40 < result[24, 16, 1] < 200  # the block's left edge
        assert np.array_equal(result[24, 32], image_HWC[24, 32])


def test_noise_has_no_colour_and_no_drift():
    grey_HWC = np.full((64, 64, 3), 128, np.uint8)
    for result in results(only("noise"), grey_HWC):
        assert np.array_equal(result[..., 0], result[..., 1])
        assert 1.5 < result.std() < 13
        assert abs(result.mean() - 128) < 1.5


def test_noise_is_normal_and_has_no_memory():
    grey_HWC = np.full((300, 300, 3), 128, np.uint8)
    for result in results(only("noise"), grey_HWC, 4):
        noise_HW = result[..., 0].astype(float) - 128
        deviation = noise_HW.std()
        assert abs(np.percentile(np.abs(noise_HW), 95) - 1.96 * deviation) <= 1
        assert abs((noise_HW**4).mean() / deviation**4 - 3) < 0.2
        assert abs((noise_HW[:, 1:] * noise_HW[:, :-1]).mean()) < 0.02 * deviation**2
        cv2.randu(np.empty((9, 9), np.uint8), 0, 255)  # what others draw from OpenCV changes nothing
    assert all(np.array_equal(*pair) for pair in zip(*(results(only("noise"), grey_HWC, 2) for _ in "ab"), strict=True))


def test_jpeg_stays_near_and_keeps_red_red():
    red_HWC = np.zeros((32, 32, 3), np.uint8)
    red_HWC[...] = (220, 30, 30)
    for result in results(only("jpeg"), red_HWC):
        assert np.abs(result.astype(int) - red_HWC).max() < 25
