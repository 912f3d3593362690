"""Unclip distances by hand and against what they invert."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.detection.postprocess.unclip import Unclip, growth_to_area

lengths = st.floats(1.0, 2000.0)


def test_ratio_by_hand():
    found = Unclip(ratio=1.5).distances(np.array([600.0, 100.0]), np.array([140.0, 40.0]))
    np.testing.assert_allclose(found, [600 * 1.5 / 140, 3.75])


@given(lengths, lengths, st.floats(0.2, 0.95))
def test_shrink_ratio_inverts_the_shrinking_of_any_rectangle(width, height, ratio):
    distance = width * height * (1 - ratio**2) / (2 * (width + height))
    inner_width, inner_height = width - 2 * distance, height - 2 * distance
    area, perimeter = inner_width * inner_height, 2 * (inner_width + inner_height)
    found = Unclip(ratio=None, shrink_ratio=ratio).distances(np.array([area]), np.array([perimeter]))
    assert found[0] == pytest.approx(distance, rel=1e-6, abs=1e-9)


def test_shrink_ratio_of_1_grows_nothing():
    assert Unclip(None, 1.0).distances(np.array([50.0]), np.array([30.0]))[0] == pytest.approx(0.0, abs=1e-12)


def test_growth_is_half_a_pixel_for_upright_rectangles():
    # Centres of 10 x 4 pixels span 9 x 3.
    assert growth_to_area(np.array([27.0]), np.array([24.0]), np.array([40.0]))[0] == pytest.approx(0.5)
    assert growth_to_area(np.array([27.0]), np.array([24.0]), np.array([20.0]))[0] == 0.0
    assert growth_to_area(np.array([27.0]), np.array([24.0]), np.array([4000.0]))[0] == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, None), "neither unclip_ratio nor shrink_ratio"),
        ((-0.1, None), "unclip ratio is -0.1"),
        ((None, 0.0), "shrink ratio is 0.0"),
        ((None, 1.1), "shrink ratio is 1.1"),
    ],
)
def test_settings_out_of_range_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Unclip(*arguments)


def test_the_papers_ratio_goes_first_where_both_are_given():
    area, perimeter = np.array([600.0]), np.array([140.0])
    assert Unclip(1.5, 0.4).distances(area, perimeter) == Unclip(1.5).distances(area, perimeter)
