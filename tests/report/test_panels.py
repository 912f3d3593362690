"""Pictures side by side."""

from pathlib import Path

import cv2
import numpy as np
from PIL import ImageColor

from ocr.metrics.errors import Outcome
from ocr.report.errors import COLOURS
from ocr.report.panels import PAPER, draw_outcomes, side_by_side, text_window
from ocr.types import Detection, Word
from shapes import box


def test_what_is_missed_and_what_is_false_have_their_colours(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((200, 300, 3), 77, np.uint8))
    regions = [Word(box(20, 20), "missed"), Word(box(120, 20), "found")]
    detections = [Detection(box(20, 100), 1.0), Detection(box(120, 20), 1.0)]
    drawn = draw_outcomes(tmp_path / "a.png", regions, detections)
    for (x, y), outcome in {(50, 20): Outcome.MISSED, (50, 100): Outcome.FALSE, (150, 20): Outcome.FOUND}.items():
        assert tuple(drawn[y, x]) == ImageColor.getrgb(COLOURS[outcome])
    assert (drawn[150:] == 77).all()


def test_pictures_stand_beside_each_other_at_one_height() -> None:
    red, blue = (np.full((100, 50, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    sheet = side_by_side([("first", red), ("second\nline", cv2.resize(blue, (200, 400)))], height=200)
    rows = (sheet == (255, 0, 0)).all(axis=2)
    assert rows.any(axis=1).sum() == 200
    assert rows.any(axis=0).sum() == (sheet == (0, 0, 255)).all(axis=2).any(axis=0).sum() == 100
    assert tuple(sheet[0, 0]) == PAPER
    assert np.argmax(rows.any(axis=0)) < np.argmax((sheet == (0, 0, 255)).all(axis=2).any(axis=0))


def test_the_window_holds_all_polygons_and_lies_in_the_image() -> None:
    image_HWC = np.zeros((500, 200, 3), np.uint8)
    assert text_window([box(50, 100), box(100, 300, 40)], image_HWC) == (slice(90, 330), slice(40, 150))
    assert text_window([box(-300, 490), box(150, 0, 400)], image_HWC) == (slice(0, 500), slice(0, 200))
    assert text_window([], image_HWC) == (slice(0, 500), slice(0, 200))
    assert image_HWC[text_window([box(900, 900)], image_HWC)].size
