"""What is learnt of tokens, from labels and from values that are known without their places."""

from __future__ import annotations

import numpy as np

from ocr.extraction.targets.fields import OTHER, FieldTargets
from ocr.extraction.tokens import tokenise
from ocr.fields import Span
from ocr.types import Word

TARGETS = FieldTargets(("company", "address", "date", "total", "menu.nm", "menu.price"))
LINES = (
    "TAN WOON YANN", "YONGFATT ENTERPRISE (JM0517726)", "NO 122.124 JALAN DEDAP 13", "81100 JOHOR BAHRU",
    "DATE: 25/12/2018 12:31", "TOTAL", "80.90", "CASH", "80.90", "1.00",
)  # fmt: skip


def words(*texts: str) -> list[Word]:
    return [
        Word(np.array([[0, 20 * n], [90, 20 * n], [90, 20 * n + 12], [0, 20 * n + 12]], np.float32), text)
        for n, text in enumerate(texts)
    ]


def test_spans_give_each_token_one_class() -> None:
    regions = words("2 X KOPI 3.50", "TEH 1.20")
    spans = [[Span(4, 8, "menu.nm", 1), Span(9, 13, "menu.price", 1)], [Span(0, 3, "menu.nm", 2)]]
    learnt = TARGETS.from_spans(tokenise(regions), spans)
    assert (learnt.allowed_NK.sum(1) == 1).all()
    assert learnt.allowed_NK.argmax(1).tolist() == [OTHER, OTHER, 5, 6, 5, OTHER]
    assert learnt.starts_N.tolist() == [False, False, True, False, True, False]
    assert learnt.items


def test_labelled_regions_come_before_values() -> None:
    regions = words("KEDAI", "80.90")
    regions[1] = Word(regions[1].points_N2, "80.90", field="total")
    learnt = TARGETS.from_words(tokenise(regions), regions, {"company": "KEDAI"})
    assert learnt.allowed_NK.argmax(1).tolist() == [OTHER, TARGETS.code("total")]


def test_values_without_places() -> None:
    values = {"company": "YONGFATT ENTERPRISE", "date": "25/12/2018", "total": "80.9", "menu.nm": "",
              "address": "NO 122.124. JALAN DEDAP 13 81100 JOHOR BAHRU"}  # fmt: skip
    regions = words(*LINES)
    page = tokenise(regions)
    learnt = TARGETS.from_words(page, regions, values)
    only = {
        name: [t.text for t, allowed in zip(page.tokens, learnt.allowed_NK, strict=True)
               if allowed[TARGETS.code(name)] and allowed.sum() == 1]
        for name in ("company", "address", "date", "total")
    }  # fmt: skip
    assert only["company"] == ["YONGFATT", "ENTERPRISE"]
    assert only["address"] == ["NO", "122.124", "JALAN", "DEDAP", "13", "81100", "JOHOR", "BAHRU"]
    assert only["date"] == ["25/12/2018"]
    # Two amounts equal the total: one of them must be it, either may be something else.
    assert only["total"] == []
    assert [t.text for t, n in zip(page.tokens, learnt.needed_NK[:, TARGETS.code("total")], strict=True) if n] == [
        "80.90", "80.90",
    ]  # fmt: skip
    elsewhere = [t.text == "1.00" for t in page.tokens].index(True)
    assert not learnt.allowed_NK[elsewhere, TARGETS.code("total")]
    assert learnt.allowed_NK[elsewhere, [OTHER, TARGETS.code("menu.price")]].all()
    assert not learnt.items


def test_of_equal_amounts_those_printed_like_the_value_are_meant() -> None:
    total = TARGETS.code("total")
    for value, only in (
        ("35.40", ["35.40"]),
        ("RM35.40", ["RM35.40"]),
        ("RM 20.00", ["RM", "20.00"]),
        ("20.00", ["20.00"]),
    ):
        regions = words("SUBTOTAL 35.40", "TOTAL RM35.40", "CARD RM 20.00", "135.40")
        page = tokenise(regions)
        learnt = TARGETS.from_values(page, regions, {"total": value})
        told = zip(page.tokens, learnt.allowed_NK, strict=True)
        assert [token.text for token, allowed in told if allowed[total]] == only
        assert learnt.needed_NK[:, total].sum() == 1


def test_of_a_value_that_is_not_on_the_page_nothing_is_known() -> None:
    regions = words(*LINES)
    learnt = TARGETS.from_words(tokenise(regions), regions, {"company": "SOMETHING ELSE", "total": "7.77"})
    assert learnt.allowed_NK[:, [TARGETS.code("company"), TARGETS.code("total")]].all()
    assert not learnt.needed_NK.any()
