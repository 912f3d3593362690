"""Windows at the border of a map."""

import numpy as np
import pytest

from ocr.detection.targets.window import Windows, ragged


@pytest.mark.parametrize(
    ("bounds", "size", "expected"),
    [
        ((2.5, 3.0, 7.2, 8.0), (20, 20), (2, 3, 8, 8)),
        ((-5.0, -5.0, 50.0, 4.0), (10, 20), (0, 0, 20, 4)),
        ((17.5, 1.0, 40.0, 9.5), (10, 20), (17, 1, 20, 10)),
    ],
)
def test_holds_every_pixel_touched_and_is_cut_at_the_border(bounds, size, expected):
    windows = Windows.around([bounds[:2]], [bounds[2:]], *size)
    assert (*windows.first_N2[0], *windows.last_N2[0]) == expected


def test_is_empty_outside():
    windows = Windows.around([(30, 1), (1, -9), (3, 2)], [(40, 4), (4, -2), (4, 4)], 10, 20)
    assert (windows.width * windows.height).tolist() == [0, 0, 2]


def test_slices_and_size_agree():
    windows = Windows.around([(2.0, 3.0), (0.0, 0.0)], [(8.0, 5.0), (1.0, 9.0)], 10, 20)
    maps = np.arange(200).reshape(10, 20)
    for place, height, width in zip(windows.slices(), windows.height, windows.width, strict=True):
        assert maps[place].shape == (height, width)
    assert maps[windows.slices()[0]][0, 0] == 3 * 20 + 2


def test_ragged_counts_within_each_list():
    owner, place = ragged(np.array([2, 0, 3]))
    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]
