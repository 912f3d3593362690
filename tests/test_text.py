"""Forms of text: what prints alike is equal; amounts are amounts, dates and times are none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.text import amounts, folded, plain_text, without_spaces
from ocr.types import is_blank

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\u200b\u200d\ufe0f\u0301\u1161\u11a8\u00ad é각 \t")))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("TOTAL  9.00 ", "TOTAL 9.00"),
        ("\tTOTAL\n9", "TOTAL 9"),
        ("ＴＯＴＡＬ　１２", "TOTAL 12"),
        ("ﬁsh", "fish"),
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("a\u00a0b", "a b"),
        ("to\u00adtal\u200b", "total"),
        ("e\u200d\u0301", "é"),  # what stands between the parts of a letter without ink does not keep them apart
        ("\u200b", ""),
        ("№ ½ ㈱", "No 1⁄2 (株)"),
        ("€£¥¢", "€£¥¢"),
    ],
)
def test_what_prints_alike_is_equal(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(ANY_TEXT)
def test_a_plain_text_is_plain(text: str) -> None:
    plain = plain_text(text)
    assert plain_text(plain) == plain
    assert plain == unicodedata.normalize("NFKC", plain)
    assert plain == " ".join(plain.split())
    assert not any(is_blank(letter) for letter in plain if letter != " ")


def test_case_and_spaces_are_left_out() -> None:
    assert folded("Straße TOTAL") == "strasse total"
    assert without_spaces("1 234.50 RM") == "1234.50RM"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234.50", ["1,234.50"]),
        ("1.234,50", ["1.234,50"]),
        ("1 234.50", ["234.50"]),
        ("5.00 6.00", ["5.00", "6.00"]),
        ("12,345,678.90", ["12,345,678.90"]),
        ("RM9.00", ["9.00"]),
        ("-5.20 SR", ["5.20"]),
        ("TOTAL: $ 0.05.", ["0.05"]),
        ("2 x 4,50 = 9,00", ["4,50", "9,00"]),
        ("1234567.89", ["1234567.89"]),
        ("12.345", []),
        ("12.3", []),
        ("1234", []),
        ("25/12/2018", []),
        ("25.12.2018", []),
        ("25.12.18", []),
        ("2018.12.25", []),
        ("2018-12-25", []),
        ("10:30", []),
        ("10:30:15 AM", []),
        ("192.168.0.10", []),
        ("1.00.50", []),
        ("", []),
    ],
)
def test_amounts(text: str, found: list[str]) -> None:
    assert amounts(text) == found
