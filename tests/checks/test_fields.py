"""What an annotation says of a receipt: values that cannot be right, and items without a price."""

import json
from pathlib import Path
from typing import Any

import pytest

from flawed_data import Data, check, entry, square
from ocr.checks.fields import check_fields
from ocr.checks.kinds import Kind
from ocr.checks.words import read_words


def word(place: int, text: str | None, field: str | None = None, **more: Any) -> dict[str, Any]:
    left, top = 200 * (place % 3), 20 * (place // 3)
    points = [[left, top], [left + 150, top], [left + 150, top + 10], [left, top + 10]]
    return {"points": points, "transcription": text, "field": field, **more}


def found(*words: dict[str, Any], **fields: str) -> tuple[dict[str, str], list[tuple[Kind, str]]]:
    """The values of the words' flaws by key, and the flaws of the fields."""
    checked = read_words(json.dumps({str(n): each for n, each in enumerate(words)}).encode())
    flaws = check_fields(checked, fields)
    return {f"{each.key} {kind}": value for each in checked for kind, value in each.flaws}, flaws


@pytest.mark.parametrize(
    ("texts", "name", "value", "there"),
    [
        (["TOTAL", "RM 60.30"], "total", "60.30", True),
        (["TOTAL RM60.30"], "total", "$60.3", True),
        (["TOTAL 3 60.30"], "total", "60.30", True),
        (["1 234.50"], "total", "1,234.50", True),
        (["CHANGE 0.02-"], "rounding", "-0.02", True),
        (["TOTAL", "160.30", "6O.30"], "total", "60.30", False),
        (["15,000원"], "total", "15.000", True),
        (["25/12/2018 18:05"], "date", "25 DEC 2018", True),
        (["18-01-05"], "date", "2018-01-05", True),
        (["26/12/2018"], "date", "25/12/2018", False),
        (["ANYTHING"], "company", "A SDN BHD", True),
        (["9.00", None], "total", "60.30", True),
    ],
)
def test_dates_and_amounts_are_looked_for_in_the_texts(
    texts: list[str | None], name: str, value: str, there: bool
) -> None:
    flaws = [] if there else [(Kind.FIELD_NOT_IN_TEXT, f"{name}: {value!r}")]
    assert found(*(word(3 * n, text) for n, text in enumerate(texts)), **{name: value}) == ({}, flaws)


def test_a_value_may_be_spread_over_words() -> None:
    parts = [word(n, text) for n, text in enumerate(("25", "Dec", "2018"))]
    assert found(*parts, date="25/12/2018") == ({}, [])
    assert found(*({**part, "line": 1} for part in parts), date="25/12/2018") == ({}, [])


def test_what_is_not_readable_in_an_ignored_word_is_still_not_there() -> None:
    assert found(word(0, "9.00"), word(1, None, ignore=True), total="60.30") == (
        {},
        [(Kind.FIELD_NOT_IN_TEXT, "total: '60.30'")],
    )


def test_values_that_cannot_be_what_they_are() -> None:
    assert found(word(0, "a"), date="DATE", total="TOTAL", time="now", Name="x") == (
        {},
        [(Kind.NOT_A_DATE, "date: 'DATE'"), (Kind.NOT_AN_AMOUNT, "total: 'TOTAL'")],
    )


def test_labelled_texts_that_cannot_be_what_they_are() -> None:
    words = [
        word(0, "25", "date"),
        word(1, "Dec", "date"),
        word(2, "2018", "date"),  # together they are
        word(3, "RM", "total"),
        word(4, "9.00", "total"),
        word(6, "FREE", "menu.price", item=1),
        word(7, "9.00", "menu.price", item=2),
        word(9, "none", "tax"),
        word(12, None, "tips"),
        word(13, None, "cash"),
        word(14, "x", "card", ignore=True),
    ]
    assert found(*words) == ({"5 not-an-amount": "menu.price: 'FREE'", "7 not-an-amount": "tax: 'none'"}, [])
    assert found(word(0, "DATE", "date"), word(3, "12:05", "time")) == ({"0 not-a-date": "date: 'DATE'"}, [])


def test_prices_of_unnumbered_items_are_judged_line_by_line() -> None:
    words = [word(0, "RM", "menu.price", line=1), word(1, "9.00", "menu.price", line=1)]
    bad = word(3, "FREE", "menu.price", line=2)
    assert found(*words, bad) == ({"2 not-an-amount": "menu.price: 'FREE'"}, [])
    assert found(word(0, "9.00", "menu.price"), {**bad, "line": None}) == (
        {"1 not-an-amount": "menu.price: 'FREE'"},
        [],
    )


def test_an_item_with_a_name_and_no_price_is_named_once() -> None:
    words = [
        word(0, "Kopi", "menu.nm", item=1),
        word(1, "Ais", "menu.nm", item=1),
        word(2, "2", "menu.cnt", item=1),
        word(3, "Teh", "menu.nm", item=2),
        word(4, "9.00", "menu.price", item=2),
        word(6, "Susu", "menu.nm", item=3),
        word(7, None, "menu.price", item=3, ignore=True),
        word(9, "Roti", "menu.nm"),
    ]
    assert found(*words) == ({"0 item-without-price": "item 1: 'Kopi'"}, [])


def test_a_text_of_any_length_is_checked() -> None:
    """Unlimited, the search for a month would take hours here; nothing costs 300,000 digits."""
    hostile = "jan" * 300_000
    words = [word(0, hostile, "date"), word(3, "9" * 300_000, "total")]
    flaws, of_fields = found(*words, date=hostile, total="1 " * 300_000)
    assert [each for each in flaws if "dense" not in each] == ["0 not-a-date", "1 not-an-amount"]
    assert [kind for kind, _ in of_fields] == [Kind.NOT_A_DATE, Kind.FIELD_NOT_IN_TEXT]


def test_flaws_are_told_with_their_image_and_word(tmp_path: Path) -> None:
    data = Data(tmp_path)
    for name in ("a.png", "b.png"):
        data.image("train", name)
    labelled = entry(square(10, 10), square(50, 10), transcription="9.00")
    labelled["words"]["0002"] |= {"field": "total", "transcription": "x"}
    wrong = {**entry(square(10, 10)), "fields": {"total": 9.0}}
    data.annotate("train", {"a.png": {**labelled, "fields": {"total": "8.00"}}, "b.png": wrong})
    result = check(data.root)
    assert {(f.kind, f.image, f.word, f.value) for f in result.findings} == {
        (Kind.FIELD_NOT_IN_TEXT, "a.png", None, "total: '8.00'"),
        (Kind.NOT_AN_AMOUNT, "a.png", "0002", "total: 'x'"),
        (Kind.BAD_ENTRY, "b.png", None, next(f.value for f in result.findings if f.kind is Kind.BAD_ENTRY)),
    }
    (bad,) = (f.value for f in result.findings if f.kind is Kind.BAD_ENTRY)
    assert bad.startswith("the entry, field 'total': Expected `str`, got `float`, is 9.0; correct or remove it: {")
