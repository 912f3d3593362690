"""Values of a receipt's facts in a form to compute with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.values import find_currency, normalised, parse_amount, parse_count, parse_date, parse_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19/10/2018", date(2018, 10, 19)),
        ("DATE: 12/25/18 10:00", date(2018, 12, 25)),
        ("25 DEC 2018", date(2018, 12, 25)),
        ("03-APR-18", date(2018, 4, 3)),
        ("Jan 5, 2019", date(2019, 1, 5)),
        ("2018년 03월 04일", date(2018, 3, 4)),
        ("20180304", date(2018, 3, 4)),
        ("5/1/17", date(2017, 1, 5)),
        ("18.03.04", date(2004, 3, 18)),
        ("31/02/2018", None),
        ("TEL 03-1234567", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


def test_year_first() -> None:
    assert parse_date("18.03.04 12:00:00", year_first=True) == date(2018, 3, 4)
    assert parse_date("04/03/2018", year_first=True) == date(2018, 3, 4)


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_order_of_a_whole_date_is_read(day: date) -> None:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d %b %Y", "%b %d, %Y", "%d-%B-%Y", "%d.%m.%Y", "%Y/%m/%d"):
        assert parse_date(f"Date : {day.strftime(form)} 18:49") == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RM 1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("12,300원", "12300"), ("$8.20", "8.20"),
        ("-0.02", "-0.02"), ("(0.02)", "-0.02"), ("0.02-", "-0.02"), ("RM-1.00", "-1.00"), ("9", "9"), ("1,5", "1.5"),
        ("3 x 2.50", "2.50"), ("1.234.567,89", "1234567.89"), ("- RM 5.00", "-5.00"), ("SUB-TOTAL 12.50", "12.50"),
        ("E-WALLET RM 5.00", "5.00"), ("1.50 2.50", "2.50"), ("3 2.50", "2.50"), ("1 234,50", "1234.50"),
        ("7.50 SR", "7.50"), (".14", "0.14"), ("-.14", "-0.14"), ("0.854", "0.854"), ("10.854", "10854"),
        ("2X5.00", "5.00"), ("10% 5.00", "5.00"), ("S1RM5.00", "5.00"), ("2개5,000", "5000"),
        ("-Rm5.00", "-5.00"), ("-XL 5.00", "5.00"), ("-CHF 5.00", "-5.00"), ("-₹5.00", "-5.00"), ("-￥5,000", "-5000"),
    ],
)  # fmt: skip
def test_amounts(text: str, expected: str) -> None:
    assert parse_amount(text) == Decimal(expected)


def test_no_amount() -> None:
    assert parse_amount("RM") is None
    assert parse_amount("9555000000000123.00") is None
    assert parse_amount("10.00 %") is None
    assert parse_amount("I00i00000060.4") is None
    assert parse_count("955500") is None


def test_a_long_s_is_a_letter_of_a_month_too() -> None:
    assert parse_date("12 \u017fep 2018") == date(2018, 9, 12)


@given(st.integers(0, 10**9), st.sampled_from(["{:,.2f}", "{:.2f}", "RM{:,.2f}", "{:,.2f} SR"]))
def test_amounts_as_printed(cents: int, form: str) -> None:
    assert parse_amount(form.format(Decimal(cents) / 100)) == Decimal(cents).scaleb(-2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", "2"), ("1.000", "1"), ("x 3", "3"), ("0,250 KG", "0.25"), ("1,234.5", "1234.5"), ("2.", "2")],
)
def test_counts(text: str, expected: str) -> None:
    assert parse_count(text) == Decimal(expected)


def test_no_count() -> None:
    assert parse_count("PCS") is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["TOTAL RM 12.00", "RM1.00"], "MYR"), (["Amount (RM)", "12.00"], "MYR"), (["ROOM RM", "1"], "MYR"),
        (["S$4.50", "$4.50"], "SGD"), (["$4.50"], "$"), (["US$ 4.50"], "USD"), (["4,50 €"], "EUR"), (["£3.20"], "GBP"),
        (["합계 12,300원"], "KRW"), (["￦500"], "KRW"), (["RM5.00", "€1.00"], None), (["FARM 5"], None),
        ([], None),
    ],
)  # fmt: skip
def test_currencies(texts: list[str], expected: str | None) -> None:
    assert find_currency(texts) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("date", "1 FEB 2018", "2018-02-01"), ("date", "18.03.04", "2004-03-18"), ("date", "soon", None),
        ("total", "RM 1,234.50", "1234.50"), ("rounding", "(0.02)", "-0.02"), ("menu.price", "12,300원", "12300"),
        ("phone", "03-4023 7733", "0340237733"),
        ("menu.cnt", "2", None), ("company", "A 12", None), ("total", "RM", None), ("other", "1.00", None),
    ],
)  # fmt: skip
def test_values_to_compute_with(name: str, text: str, expected: str | None) -> None:
    assert normalised(name, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TEL: 03-4023 7733", "0340237733"), ("(+603) 8024.1234", "+60380241234"),
        ("+44 (0)20 7946 0018", "+442079460018"), ("(02) 555-0199", "025550199"), ("03-40237733 EXT 12", "0340237733"),
        ("07-388 2218 / 07-388 8218", "073882218"), ("6(03) 4023 7733", "60340237733"),
        ("03-4023 7733 (2 LINES)", "0340237733"), ("03-77287722 (24 HOURS)", "0377287722"),
        ("1 / 03-40237733", "0340237733"), ("+", None), ("", None), ("12-34", None), ("TEL", None), ("1234 " * 4, None),
    ],
)  # fmt: skip
def test_telephone_numbers(text: str, expected: str | None) -> None:
    assert parse_phone(text) == expected


@given(
    st.sampled_from(["", "+"]),
    st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=5, max_size=5).filter(
        lambda parts: parts[1] != "0"
    ),
    st.lists(st.sampled_from([" ", "-", ".", ") ", "–", ""]), min_size=4, max_size=4),
)
def test_however_its_digits_are_parted_a_telephone_number_is_the_same(
    plus: str, parts: list[str], marks: list[str]
) -> None:
    digits = "".join(parts)
    printed = plus + "".join(map("".join, zip(parts, [*marks, ""], strict=True)))
    expected = plus + digits if len(digits) <= 15 else None
    if "(0)" not in printed:
        assert normalised("phone", printed) == expected
    if expected:
        assert normalised("phone", expected) == expected
