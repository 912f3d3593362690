"""Figures of extraction, counted by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ocr.fields import Facts
from ocr.metrics.facts import ExtractionEvaluator, compare_fields, facts_of, meant


def figures(*pairs: tuple[Facts, Facts]) -> dict[str, float]:
    evaluator = ExtractionEvaluator()
    return evaluator.summarise(
        [evaluator.evaluate_image(truth, SimpleNamespace(facts=found)) for truth, found in pairs]
    )


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("total", "RM 1,234.50", "1234.5"), ("date", "01/02/2018", "1 FEB 2018"), ("company", "A. B. C (M)", "abc m"),
        ("menu.cnt", "2", "2 "),
    ],
)  # fmt: skip
def test_values_that_mean_the_same(name: str, one: str, other: str) -> None:
    assert meant(name, one) == meant(name, other)


def test_values_that_do_not() -> None:
    assert meant("total", "10.00") != meant("total", "100.0")
    assert meant("date", "01/02/2018") != meant("date", "02/01/2018")


def test_counts_by_hand() -> None:
    one = Facts({"company": "A SDN. BHD.", "total": "5.00"})
    other = Facts({"company": "B", "total": "7.00"})
    result = figures(
        (one, Facts({"company": "A SDN BHD", "total": "5.00", "date": "1/2/2018", "phone": "1"})),
        (other, Facts({"total": "RM7.00"})),
    )
    assert result["fields/company/exact"] == 0.0
    assert result["fields/company/same"] == 0.5
    assert result["fields/total/exact"] == 0.5
    assert result["fields/total/same"] == 1.0
    assert result["fields/same"] == 0.75
    # Exact: 1 of 4 expected; found are 2 and 1 of the fields that the truth knows.
    assert result["fields/recall"] == 0.25
    assert result["fields/precision"] == pytest.approx(1 / 3)
    assert result["fields/f1"] == pytest.approx(2 / 7)
    assert "items/tree" not in result


def test_items() -> None:
    truth = Facts({}, ({"menu.nm": "KOPI", "menu.price": "3.00"}, {"menu.nm": "TEH", "menu.price": "1.00"}))
    found = Facts({}, ({"menu.nm": "KOPI", "menu.price": "3.0"}, {"menu.nm": "TEA"}))
    # A character removed, one changed, a field removed with four; of 1 for the menu, 2 items, 4 fields, 15 characters.
    one = 1 - (1 + 1 + 1 + 4) / (1 + 2 + 4 + 15)
    assert figures((truth, found))["items/tree"] == pytest.approx(one)
    nothing, none = (truth, Facts()), (Facts({"total": "1.00"}), found)
    assert figures((truth, found), nothing, none)["items/tree"] == pytest.approx(one / 2), "of those that have items"


def test_facts_of_labels_and_values() -> None:
    labelled = [("company", None, "A"), ("menu.nm", 2, "TEH"), ("menu.nm", 1, "KOPI"), ("menu.nm", 1, "O"),
                ("company", None, "SDN BHD"), ("total", None, "1.00")]  # fmt: skip
    assert facts_of({"total": "2.00"}, labelled) == Facts(
        {"company": "A SDN BHD", "total": "2.00"}, ({"menu.nm": "KOPI O"}, {"menu.nm": "TEH"})
    )


def test_each_field_is_compared_by_hand() -> None:
    truth = Facts(
        {"company": "Tea House", "date": "1 FEB 2018", "total": "9.00", "address": "A", "shop.no": "3", "tax": " "}
    )
    found = Facts({"company": "TEA HOUSE", "date": "2018-02-01", "total": "8.00", "phone": "1", "change": "0.00"})
    compared = compare_fields(truth, found, {"company", "change"})
    assert [(each.name, each.agreement.value, each.right) for each in compared] == [
        ("company", "exact", True),
        ("address", "missed", False),
        ("date", "same", True),
        ("total", "wrong", False),
        ("change", "added", False),
        ("shop.no", "missed", False),
    ]
    assert (compared[0].truth, compared[0].found, compared[4].truth) == ("Tea House", "TEA HOUSE", None)
