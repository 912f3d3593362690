"""The scanner's tone curves, and marks on its glass."""

import numpy as np
import pytest
from PIL import Image

from ocr.synthesis import picture
from ocr.synthesis.chance import Chance


def test_stretch_maps_black_and_white_points_and_what_lies_beyond() -> None:
    grey = Image.fromarray(np.array([[0, 50, 100, 150, 200, 255]], dtype=np.uint8))
    assert np.asarray(picture.stretch(grey, 50, 150)).tolist() == [[0, 0, 127, 255, 255, 255]]


@pytest.mark.parametrize("index", range(10))
@pytest.mark.parametrize("page", [False, True])
def test_ink_stays_darker_than_paper(index: int, page: bool) -> None:
    pixels = np.full((200, 120), 240, dtype=np.uint8)
    pixels[80:120, 30:90] = 60
    seen = np.asarray(picture.scan(Chance(0, "scan", index), Image.fromarray(pixels), 240, 60, page=page)).astype(int)
    assert np.median(seen[85:115, 35:85]) + 60 < np.median(seen[130:170, 30:90])


def test_shadows_stay_at_the_borders() -> None:
    for index in range(20):
        shaded = np.asarray(picture.edge_shadow(Chance(0, "edge", index), Image.new("L", (200, 300), 255)))
        assert (shaded[5:-5, 5:-5] == 255).all()
