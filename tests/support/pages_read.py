"""Pages that were read, for the tests of what is written of them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from ocr.page import Page, TextLine, TextWord
from ocr.types import FloatArray

SIZE = (400, 300)
ODD = "\"'&<>;%\\{}]合계₩😀👩‍👩‍👧é\u200f\u202e\u200d\ufeff\u2028\u0301"
"""Characters that formats escape, or that stand for more than themselves."""
UNHELD = "\0\x01\x0b\x1b\r\x7f\ufffe\uffff\ud800"
"""Characters that XML 1.0 cannot hold, or that a reader changes; and one, DEL, that it can."""


def box(left: float, top: float, right: float, bottom: float) -> FloatArray:
    """An upright box (4, 2)."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def tilted(left: float, top: float, width: float, height: float, degrees: float) -> FloatArray:
    """A box (4, 2) turned clockwise about its top left corner."""
    angle = np.deg2rad(degrees)
    along, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corner = np.array([left, top])
    corners = [corner, corner + width * along, corner + width * along + height * down, corner + height * down]
    return np.array(corners, np.float32)


def line(*words: TextWord, row: int = 0) -> TextLine:
    """A line of these words, in the upright box around them, or the polygon of the only one."""
    points_N2 = np.concatenate([word.points_N2 for word in words])
    around = words[0].points_N2 if len(words) == 1 else box(*points_N2.min(axis=0), *points_N2.max(axis=0))
    confidence = min(word.confidence for word in words)
    return TextLine(around, " ".join(word.text for word in words), confidence, 0.9, words, row)


RECEIPT = Page(
    SIZE,
    (
        line(TextWord(box(20, 10, 100, 30), "Kaffee", 0.99), TextWord(box(110.4, 10, 160, 30.6), "\"&<>'", 0.5), row=0),
        line(TextWord(box(300, 12, 380, 32), "9,50", 0.875), row=0),
        line(TextWord(tilted(40, 100, 120, 24, 6), "합계", 0.75), row=1),
        TextLine(box(10, 200, 90, 220), "", 0.0, 0.6, (), 2),
        TextLine(box(10, 240, 90, 260), "no words", 0.4, 0.6, (), 3),
        line(TextWord(box(-5, 280, 30, 310), "edge", 1.0), row=4),
    ),
)
"""Two regions on one row, a tilted one, one that was not read, one without words, one that leads out of the image."""
EMPTY = Page(SIZE, ())


ANY_TEXT = st.text(
    st.sampled_from(ODD + UNHELD) | st.characters(exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")),
    min_size=1,
    max_size=6,
)
"""Words without white space, with characters of all kinds."""
LEFT_TO_RIGHT = st.text(
    st.sampled_from('"&<>;%()\\/.,€₩é😀Ꭰ')
    | st.characters(min_codepoint=0x30, max_codepoint=0x7A)
    | st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
    min_size=1,
    max_size=6,
)
"""Words of Latin and Korean letters, digits and marks, which no reader of PDFs reorders or takes for a hyphen."""


@st.composite
def pages(draw: st.DrawFn, texts: st.SearchStrategy[str] = ANY_TEXT) -> Page:
    """Pages of up to four lines of up to three words."""
    lines = []
    for row in range(draw(st.integers(0, 4))):
        top, left, words = 60.0 * row + draw(st.floats(0, 20, width=32)), 5.0, []
        for _ in range(draw(st.integers(1, 3))):
            width, height = draw(st.floats(10, 90, width=32)), draw(st.floats(6, 30, width=32))
            points_N2 = tilted(left, top, width, height, draw(st.sampled_from([0, 0, -4, 7])))
            words.append(TextWord(points_N2, draw(texts), draw(st.floats(0, 1))))
            left += width + draw(st.floats(2, 30))
        lines.append(line(*words, row=draw(st.integers(0, 1)) + 2 * row))
    return Page(SIZE, tuple(lines))
