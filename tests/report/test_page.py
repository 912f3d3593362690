"""What was read, drawn beside the page."""

import subprocess
import sys

import numpy as np
import pytest

from ocr.page import Page, TextLine
from ocr.report.page import draw_page
from ocr.types import UInt8Array
from ocr.utils.path_utils import REPOSITORY_ROOT
from pages_read import box

WITHOUT = """
import logging, sys
import numpy as np
logging.basicConfig(format="%(message)s")
sys.modules["pylopdf_fonts_ko"] = None
from ocr.page import Page, TextLine
from ocr.report.page import draw_page
line = TextLine(np.float32([[10, 10], [190, 10], [190, 40], [10, 40]]), "합계", 0.9, 0.9)
draw_page(np.zeros((60, 200, 3), np.uint8), Page((200, 60), (line, line)))
"""


def drawn(text: str, confidence: float = 0.9) -> UInt8Array:
    """What is written of a line of 180 x 30 pixels."""
    page = Page((200, 60), (TextLine(box(10, 10, 190, 40), text, confidence, 0.9),))
    return draw_page(np.full((60, 200, 3), 255, np.uint8), page)[:, 200:]


def test_a_text_stands_at_its_lines_place_in_its_colour() -> None:
    ink_HW = (drawn("TOTAL 9.50") < 128).any(axis=2)
    (top, bottom), (left, right) = (np.flatnonzero(ink_HW.any(axis=axis))[[0, -1]] for axis in (1, 0))
    assert 8 <= top < bottom <= 42
    assert 10 <= left < 16
    assert 150 < right < 195
    green, red = (drawn("TOTAL", confidence)[..., :2].min(axis=(0, 1)) for confidence in (0.9, 0.1))
    assert green[0] < green[1]
    assert red[0] > red[1]


@pytest.mark.parametrize("text", ["합계", "₩", "品", "ＡＢ"])
def test_korean_is_written_in_letters(text: str) -> None:
    """Of a font that lacks them, all characters are the same box."""
    assert (drawn(text) < 128).any()
    assert not np.array_equal(drawn(text), drawn("\ue000" * len(text)))
    assert not np.array_equal(drawn(text), drawn("믿" * len(text)))


def test_without_a_korean_font_that_is_said_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, cwd=REPOSITORY_ROOT
    )
    assert done.stderr.count("Korean text is drawn as boxes: font file NotoSansKR-Regular.otf") == 1
    assert "pip install pylopdf-fonts-ko" in done.stderr
