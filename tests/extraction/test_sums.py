"""Sums of receipts: what adds up, what does not and by how much, and readings that only sums tell apart."""

from __future__ import annotations

from decimal import Decimal

from ocr.extraction.postprocess.sums import check_sums, readings, resolve
from ocr.fields import Facts
from ocr.synthesis.fact_errors import planted_error
from ocr.synthesis.facts import invented_facts

ITEMS = (
    {"menu.nm": "KOPI", "menu.cnt": "2", "menu.unitprice": "3.00", "menu.price": "6.00"},
    {"menu.nm": "TEH", "menu.price": "4.00"},
)
FIELDS = {"subtotal": "10.00", "service": "1.00", "tax": "0.66", "rounding": "-0.01", "total": "RM 11.65",
          "cash": "20.00", "change": "8.35"}  # fmt: skip


def test_a_receipt_that_adds_up() -> None:
    report = check_sums(Facts(FIELDS, ITEMS))
    assert report.verdict == "consistent"
    assert [each.name for each in report.sums] == ["item 1", "items", "total", "payment"]


def test_each_wrong_amount_is_named_with_the_difference() -> None:
    report = check_sums(Facts({**FIELDS, "total": "11.95"}, ITEMS))
    assert report.verdict == "inconsistent"
    wrong = {each.name: each.printed - each.computed for each in report.sums if not each.right}
    assert wrong == {"total": Decimal("0.28"), "payment": Decimal("0.30")}
    assert "total: 11.95 is printed, 11.67 computed, +0.28 off" in map(str, report.sums)


def test_codes_that_were_taken_for_amounts_do_no_harm() -> None:
    item = {"menu.cnt": "955500000000", "menu.unitprice": "955500000000.00", "menu.price": "1.00"}
    assert check_sums(Facts({}, (item,))).verdict == "unknown"


def test_a_sum_with_an_uncertain_amount_is_not_called_wrong() -> None:
    wrong = Facts({**FIELDS, "total": "11.95"}, ITEMS)
    named = {each.name: each.unsure for each in check_sums(wrong, ["total", "menu.price 2"]).sums}
    assert named == {"item 1": (), "items": ("menu.price 2",), "total": ("total",), "payment": ("total",)}
    assert check_sums(wrong, ["total"]).verdict == "unknown"
    assert check_sums(wrong, ["tax"]).verdict == "inconsistent", "the payment is sure, and wrong"
    assert check_sums(wrong, ["menu.cnt 1", "menu.price 2"]).verdict == "inconsistent"
    assert check_sums(Facts(FIELDS, ITEMS), ["total", "tax"]).verdict == "consistent"
    without = Facts({name: text for name, text in wrong.fields.items() if name in {"tax", "total"}}, ITEMS)
    assert check_sums(without, ["menu.price 2"]).verdict == "unknown", "the total is that of the items"
    assert check_sums(without, ["menu.cnt 1", "menu.unitprice 1"]).verdict == "inconsistent"
    misread = ({"menu.price": "10.00"}, {"menu.price": "6.00"})
    less = Facts({"subtotal": "15.00", "discount": "2.00", "total": "13.00"}, misread)
    assert check_sums(less, ["menu.price 2"]).verdict == "unknown", "whether the discount is in the subtotal"
    unread = Facts({"subtotal": "n/a", "total": "15.00"}, misread)
    assert check_sums(unread, ["menu.price 2"]).verdict == "unknown", "the subtotal is none"


def test_tax_may_be_included_and_rounding_have_no_sign() -> None:
    included = {"subtotal": "10.00", "tax": "0.57", "rounding": "0.02", "total": "9.98"}
    assert check_sums(Facts(included)).verdict == "consistent"


def test_without_enough_amounts_nothing_is_said() -> None:
    assert check_sums(Facts({"total": "5.00", "company": "A"})).verdict == "unknown"
    assert check_sums(Facts({})).verdict == "unknown"
    assert check_sums(Facts({"total": "5.00", "cash": "10.00"})).verdict == "unknown"


def test_a_reading_that_alone_adds_up_is_chosen_and_said() -> None:
    read = Facts({**FIELDS, "subtotal": "18.00"}, ITEMS)
    others = {"subtotal": readings("18.00", [0.99, 0.5, 1.0, 0.99, 0.99])}
    facts, report = resolve(read, others)
    assert facts.fields["subtotal"] == "10.00"
    assert report.verdict == "consistent"
    assert report.changed == {"subtotal": ("18.00", "10.00")}


def test_nothing_is_changed_where_two_readings_add_up_or_none() -> None:
    read = Facts({"subtotal": "10.00", "total": "13.00"})
    unchanged, report = resolve(read, {"subtotal": ["13.00"], "total": ["10.00"]})
    assert (unchanged, report.verdict, report.changed) == (read, "inconsistent", {})
    assert resolve(read, {"total": ["11.00"]})[0] == read


def test_readings_replace_uncertain_digits_alone() -> None:
    assert readings("1.05", [1.0, 0.2, 0.8, 1.0]) == ["1.65", "1.85", "1.95"]
    assert readings("1.05", [1.0] * 4) == []
    # No amount is printed with a zero before it: 039.00 is no reading of 839.00, where RM39.00 may be printed.
    assert readings("839.00", [0.2, *[1.0] * 5]) == ["339.00", "639.00", "939.00"]
    assert readings("8.05", [0.2, *[1.0] * 3]) == ["0.05", "3.05", "6.05", "9.05"]


def test_planted_errors_are_found_and_hardly_any_other() -> None:
    sheets = [invented_facts(7, "sums", n, korean=n % 4 == 3) for n in range(200)]
    assert sum(check_sums(sheet.facts).verdict == "inconsistent" for sheet in sheets) <= 0.02 * len(sheets)
    planted = [planted_error(n, sheet) for n, sheet in enumerate(sheets)]
    assert all(check_sums(error.sheet.facts).verdict == "inconsistent" for error in planted)
