"""Wear takes ink and light away, never adds any, and leaves the text its paper."""

import numpy as np
import pytest
from PIL import Image

from ocr.synthesis import wear
from ocr.synthesis.chance import Chance

INK = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (300, 1)))


@pytest.mark.parametrize("index", range(8))
def test_ink_only_gets_paler_and_never_vanishes(index: int) -> None:
    chance = Chance(1, "wear", index)
    for worn in (wear.dot_grid(chance, INK), wear.gaps(chance, INK, 20.0)):
        pixels, before = np.asarray(worn).astype(int), np.asarray(INK).astype(int)
        assert (pixels <= before).all()
        assert (pixels < before).any()
        assert pixels[:, -1].min() > 0


@pytest.mark.parametrize("index", range(8))
def test_folds_darken_by_the_strength_asked_for_at_most(index: int) -> None:
    sheet = Image.new("L", (200, 500), 240)
    worn = np.asarray(wear.crumple(Chance(1, "fold", index), sheet, 10))
    assert worn.max() <= 240
    assert worn.min() < 240
    # Four folds, each with a slope and a ridge of ten grey levels, and a stain.
    assert worn.min() >= 240 - 4 * 20 - 10


@pytest.mark.parametrize("index", range(12))
def test_a_torn_end_stays_away_from_the_text(index: int) -> None:
    coverage = np.asarray(wear.tear(Chance(1, "tear", index), (120, 300), (40, 60)))
    assert set(np.unique(coverage)) <= {0, 255}
    assert (coverage[28:-42] == 255).all()


def test_ends_without_margin_are_not_torn() -> None:
    for index in range(10):
        assert np.asarray(wear.tear(Chance(2, "tear", index), (120, 300), (3, 5))).min() == 255
