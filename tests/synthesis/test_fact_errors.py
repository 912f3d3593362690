"""A planted error changes one printed amount, after which the receipt no longer adds up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.fields import ITEM
from ocr.synthesis.fact_errors import planted_error
from ocr.synthesis.facts import FactSheet, invented_facts
from ocr.values import parse_amount


def amounts(sheet: FactSheet, field: str) -> list[int]:
    """The printed amounts of a field in the smallest unit, without sign if it is a discount."""
    scale = 1 if sheet.bill.rules.notes[0] == 1000 else 100
    found = []
    for word, spans in zip(sheet.words, sheet.spans, strict=True):
        for span in spans:
            if span.field == field:
                value = parse_amount((word.transcription or "")[span.start : span.end])
                assert value is not None
                found.append(int(value * scale))
    return [abs(value) for value in found] if "discount" in field else found


def adds_up(sheet: FactSheet) -> bool:
    """Whether all that is printed fits together, with any reading of what is inside what."""
    (total, *others), tax = amounts(sheet, "total"), sum(amounts(sheet, "tax"))
    adjusted = sum(amounts(sheet, "service")) + sum(amounts(sheet, "rounding")) - sum(amounts(sheet, "discount"))
    adjusted += tax if sheet.bill.rules.tax_added else 0
    prices, off = sum(amounts(sheet, ITEM + "price")), sum(amounts(sheet, ITEM + "discountprice"))
    change, paid = amounts(sheet, "change"), amounts(sheet, "cash") + amounts(sheet, "card")
    return (
        total - adjusted in {prices, prices - off}
        and not any(other != total for other in others)
        and all(total - adjusted - subtotal in {0, tax} for subtotal in amounts(sheet, "subtotal"))
        and all(card == total for card in amounts(sheet, "card"))
        and (not change or sum(paid) - total == change[0])
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 100), st.booleans())
def test_one_amount_is_wrong_and_everything_else_is_the_same(index: int, seed: int, korean: bool) -> None:
    sheet = invented_facts(9, "errors", index, korean)
    planted = planted_error(seed, sheet)
    assert adds_up(sheet)
    assert not adds_up(planted.sheet)
    assert parse_amount(planted.before) != parse_amount(planted.after)
    changed = [number for number, (a, b) in enumerate(zip(sheet.words, planted.sheet.words, strict=True)) if a != b]
    assert changed == [planted.region]
    text, span = planted.sheet.words[planted.region].transcription or "", planted.span
    assert span in sheet.spans[planted.region]
    assert text[span.start : span.end] == planted.after
    restored = text[: span.start] + planted.before + text[span.end :]
    assert restored == sheet.words[planted.region].transcription
    assert planted.sheet.bill == sheet.bill
    if not span.field.startswith(ITEM):
        assert planted.sheet.fields == sheet.fields | {span.field: planted.after}
    again = planted_error(seed, sheet)
    assert (again.region, again.span, again.after) == (planted.region, planted.span, planted.after)
    assert replace(again.sheet, words=()) == replace(planted.sheet, words=())


def test_other_seeds_change_other_amounts() -> None:
    sheet = invented_facts(9, "errors", 3)
    planted = [planted_error(seed, sheet) for seed in range(40)]
    assert len({(error.region, error.span, error.after) for error in planted}) > 10
    assert len({error.span.field for error in planted}) > 2
