"""The overlay of a page that was read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocr.fields import FIELDS
from ocr.page import CheckedSum, Fact, FactPart, Page, PageFacts, Sums, TextLine
from ocr.report.page import colour_of, draw_page
from pages_read import box

WHITE = np.full((200, 300, 3), 255, np.uint8)
WORD, REST = box(10, 50, 60, 70), box(100, 50, 160, 70)
PAGE = Page((300, 200), (TextLine(WORD, "ABC", 0.9, 0.9), TextLine(REST, "5.00", 0.2, 0.9)))
SUMS = Sums("inconsistent", (CheckedSum("total", "total: 5.00 is printed, 4.00 computed, +1.00 off", "1.00"),), {})
FACTS = PageFacts({"total": Fact("5.00", "5.00", 0.5, (FactPart(1, 0, 4, "5.00", REST),))}, (), SUMS)


def test_facts_are_coloured_and_a_legend_names_them() -> None:
    plain, drawn = draw_page(WHITE, PAGE), draw_page(WHITE, replace(PAGE, facts=FACTS))
    assert plain.shape == (200, 600, 3)
    assert drawn.shape[0] == 200
    assert drawn.shape[1] > 600
    inside = drawn[60, 130].astype(int)
    expected = 255 + (np.array(colour_of("total")) - 255) * 80 / 255
    assert np.abs(inside - expected).max() <= 2
    assert (drawn[60, 30] == 255).all(), "no fact"
    same = (drawn[:, :600] == plain).all(axis=2)
    same[50:71, 100:161] = True
    assert same.all()
    legend = drawn[:, 600:].reshape(-1, 3)
    assert (legend == colour_of("total")).all(axis=1).sum() > 50
    assert (legend == 0).all(axis=1).any()


def test_a_page_without_any_fact_says_what_the_sums_are() -> None:
    drawn = draw_page(WHITE, replace(PAGE, facts=PageFacts({}, (), Sums("unknown", (), {}))))
    assert drawn.shape[1] > 600
    assert (drawn[:, :600] == draw_page(WHITE, PAGE)).all()


def test_a_low_page_has_a_legend_too() -> None:
    fields = {f"field {number}": Fact("x", None, 1.0, ()) for number in range(40)}
    drawn = draw_page(WHITE[:20], replace(PAGE, facts=PageFacts(fields, (), SUMS)))
    assert drawn.shape[0] == 20


def test_fields_have_colours_of_their_own() -> None:
    assert len({colour_of(name) for name in FIELDS}) == len(FIELDS)
