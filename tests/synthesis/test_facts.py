"""Invented receipts: their sums add up, and every fact is known to the character."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.fields import FIELDS, ITEM
from ocr.geometry import signed_area
from ocr.synthesis.bill import Bill, Purchase, Rules
from ocr.synthesis.facts import FactSheet, invented_facts
from ocr.values import parse_amount, parse_date

indices = st.integers(0, 10**6)
MANY = [invented_facts(3, "test", index, korean=index % 4 == 0) for index in range(240)]


def printed(sheet: FactSheet) -> list[tuple[str, int | None, str]]:
    """Field, item and text of every span."""
    return [
        (span.field, span.item, (word.transcription or "")[span.start : span.end])
        for word, spans in zip(sheet.words, sheet.spans, strict=True)
        for span in spans
    ]


def amounts(sheet: FactSheet, field: str) -> list[int]:
    """The printed amounts of a field in the smallest unit."""
    scale = 1 if sheet.bill.rules.notes[0] == 1000 else 100
    values = [parse_amount(text) for name, _, text in printed(sheet) if name == field]
    assert None not in values
    return [int((value or Decimal(0)) * scale) for value in values]


@settings(max_examples=150, deadline=None)
@given(indices, st.booleans())
def test_the_printed_amounts_are_the_bills_and_add_up(index: int, korean: bool) -> None:
    sheet = invented_facts(7, "sums", index, korean)
    bill, rules = sheet.bill, sheet.bill.rules
    prices, total = amounts(sheet, ITEM + "price"), amounts(sheet, "total")
    off = [abs(amount) for amount in amounts(sheet, ITEM + "discountprice")]
    assert len(prices) == len(bill.items)
    assert bill.subtotal in {sum(prices), sum(prices) - sum(off)}  # discounts are within the prices or below them
    assert set(total) == {bill.total}
    added = {name: sum(amounts(sheet, name)) for name in ("service", "tax", "rounding")}
    discount = abs(sum(amounts(sheet, "discount")))
    inside = 0 if rules.tax_added else added["tax"]
    assert bill.subtotal - discount + sum(added.values()) - inside == bill.total
    for subtotal in amounts(sheet, "subtotal"):
        assert subtotal in {bill.subtotal, bill.subtotal - bill.tax}
        if subtotal != bill.subtotal:
            assert not rules.tax_added
    paid = amounts(sheet, "cash") + amounts(sheet, "card")
    for change in amounts(sheet, "change"):
        assert sum(paid) - bill.total == change >= 0


@settings(max_examples=80, deadline=None)
@given(indices, st.booleans())
def test_spans_are_in_order_and_hold_whole_facts(index: int, korean: bool) -> None:
    sheet = invented_facts(8, "spans", index, korean)
    assert len(sheet.words) == len(sheet.spans)
    for number, (word, spans) in enumerate(zip(sheet.words, sheet.spans, strict=True), start=1):
        text = word.transcription or ""
        assert word.line == number
        assert text == text.strip()
        assert text
        places = [place for span in spans for place in (span.start, span.end)]
        assert places == sorted(places)
        assert not places or places[-1] <= len(text)
        for span in spans:
            assert span.start < span.end
            assert span.field in FIELDS
            if FIELDS[span.field] == "amount":  # a currency without a space is a part of it
                assert not text[: span.start].endswith(("RM", "MYR", "$", "EUR", "₩")), text
                assert not text[span.end :].startswith("원"), text
            assert (span.item is not None) == span.field.startswith(ITEM)
        if word.field is not None:
            assert [(span.start, span.end, span.field, span.item) for span in spans] == [
                (0, len(text), word.field, word.item)
            ]
    for field, _, text in printed(sheet):
        assert text == text.strip(), field
        if FIELDS[field] == "amount":
            assert parse_amount(text) is not None, (field, text)
            assert " " not in text, (field, text)  # a currency behind a space is no part of the amount
        if FIELDS[field] == "date":
            assert parse_date(text) is not None, text
    items = {item for _, item, _ in printed(sheet) if item is not None}
    assert items == set(range(1, len(sheet.bill.items) + 1))
    for number, item in enumerate(sheet.bill.items, start=1):
        whole = " ".join(text for field, of, text in printed(sheet) if (field, of) == (ITEM + "nm", number))
        assert whole in {item.name, ""}, (whole, item.name)


def test_fields_join_the_lines_of_company_and_address_and_take_the_first_of_others() -> None:
    for sheet in MANY:
        found: dict[str, list[str]] = {}
        for field, _, text in printed(sheet):
            found.setdefault(field, []).append(text)
        assert set(sheet.fields) == {field for field in found if not field.startswith(ITEM)}
        for field, value in sheet.fields.items():
            assert value == (" ".join(found[field]) if field in {"company", "address"} else found[field][0])
        assert len(set(found["total"])) == 1


def test_regions_lie_in_the_image_and_follow_each_other() -> None:
    for sheet in MANY:
        points = np.stack([word.points_N2 for word in sheet.words])
        assert points.dtype == np.float32
        assert points.min() >= 0
        assert (points.max(axis=(0, 1)) <= sheet.size).all()
        assert all(signed_area(polygon) > 0 for polygon in points)


def test_one_receipt_is_always_the_same_and_no_two_are() -> None:
    again = [invented_facts(3, "test", index, korean=index % 4 == 0) for index in range(8)]
    for sheet, other in zip(MANY, again, strict=False):
        assert [word.transcription for word in sheet.words] == [word.transcription for word in other.words]
        assert all(np.array_equal(a.points_N2, b.points_N2) for a, b in zip(sheet.words, other.words, strict=True))
        assert (sheet.spans, sheet.fields, sheet.bill) == (other.spans, other.fields, other.bill)
    texts = {tuple(word.transcription for word in sheet.words) for sheet in MANY}
    assert len(texts) == len(MANY)
    assert invented_facts(4, "test", 1).fields != MANY[1].fields
    assert invented_facts(3, "other", 1).fields != MANY[1].fields


def test_receipts_vary_as_real_ones_do() -> None:
    western = [sheet for sheet in MANY if sheet.bill.rules.notes[0] != 1000]
    having = Counter(field for sheet in western for field in {field for field, _, _ in printed(sheet)})
    for field in FIELDS:
        assert having[field] > 0, field
    assert 0.9 < having["total"] / len(western) <= 1.0
    assert 0.85 < having["company"] / len(western) < 1.0
    labels: Counter[str] = Counter()
    for sheet in western:
        for word, spans in zip(sheet.words, sheet.spans, strict=True):
            labels.update((word.transcription or "")[: span.start] for span in spans if span.field == "date")
    assert len(labels) > 20  # in its own region, behind a colon, behind ever other labels
    sizes = [len(sheet.words) for sheet in western]
    assert 25 < np.median(sizes) < 70
    assert max(sizes) > 100


def test_totals_that_are_none_are_not_marked() -> None:
    unmarked: Counter[str] = Counter()
    for sheet in MANY:
        for word, spans in zip(sheet.words, sheet.spans, strict=True):
            text = (word.transcription or "").upper()
            if not spans and "TOTAL" in text and any(letter.isdigit() for letter in text):
                unmarked[text.rstrip("0123456789.,: ")] += 1
    assert any("QTY" in text or "ITEM" in text for text in unmarked)


def test_a_bill_by_hand() -> None:
    """Two of 12.90, and 0.485 kg of 8.00 less 0.50: 25.80 + 3.88 - 0.50 = 29.18."""
    items = (Purchase("A", 2000, 1290), Purchase("B", 485, 800, discount=50))
    added = Bill(items, 118, Rules(60, True, 10, 5, (100,)), cash=3500)
    assert [item.price for item in items] == [2580, 338]
    assert (added.subtotal, added.service, added.tax) == (2918, 280, 185)  # 10 % of 28.00, 6 % of 30.80
    assert (added.unrounded, added.total, added.rounding, added.change) == (3265, 3265, 0, 235)
    included = Bill(items, 0, Rules(60, False, 0, 5, (100,)), card=2920)
    assert (included.tax, included.unrounded, included.total, included.rounding) == (165, 2918, 2920, 2)
    assert included.change == 0


@pytest.mark.parametrize("untaxed", [0, 1])
def test_zero_rated_items_bear_no_tax(untaxed: int) -> None:
    items = (Purchase("A", 1000, 1060), Purchase("B", 1000, 500, taxed=not untaxed))
    assert Bill(items, 0, Rules(60, False, 0, 1, (100,))).tax == (60 if untaxed else 88)
