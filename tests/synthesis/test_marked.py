"""Facts stay at their characters through joining, cutting, wrapping and changes of case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields import Span
from ocr.synthesis.marked import Marked, fact, fill, marked

pieces = st.lists(
    st.tuples(st.text("ab 1.", min_size=1, max_size=8), st.sampled_from(["address", "company", None])), max_size=6
)


def build(parts: list[tuple[str, str | None]]) -> Marked:
    text = Marked("")
    for part, field in parts:
        text = text + (fact(part, field) if field else part)
    return text


def told(text: Marked) -> list[tuple[str, str | None]]:
    """Each character that is no space, with its field."""
    fields: list[str | None] = [None] * len(text.text)
    for span in text.spans:
        fields[span.start : span.end] = [span.field] * (span.end - span.start)
    return [(letter, field) for letter, field in zip(text.text, fields, strict=True) if letter != " "]


def test_a_label_and_two_facts() -> None:
    text = fill("DATE : {} {}", fact("19/10/2018", "date"), fact("18:49", "time"))
    assert text == Marked("DATE : 19/10/2018 18:49", (Span(7, 17, "date"), Span(18, 23, "time")))
    assert [word.label() for word in text.words()] == [(None, None), (None, None), ("date", None), ("time", None)]


def test_facts_in_one_word() -> None:
    text = fact("2", "menu.cnt", 1) + "X" + fact("3.50", "menu.unitprice", 1)
    assert text.spans == (Span(0, 1, "menu.cnt", 1), Span(2, 6, "menu.unitprice", 1))
    assert text.label() == ("menu.unitprice", 1)
    assert text.cut(0, 3) == Marked("2X3", (Span(0, 1, "menu.cnt", 1), Span(2, 3, "menu.unitprice", 1)))


def test_an_address_is_broken_and_a_date_is_not() -> None:
    address = fact("12 MAIN STREET IPOH", "address")
    assert [line.text for line in address.lines(10)] == ["12 MAIN", "STREET", "IPOH"]
    text = "DATE: " + fact("28 AUG 2018", "date") + " " + fact("10 31 00", "time")
    assert [line.text for line in text.lines(14)] == ["DATE:", "28 AUG 2018", "10 31 00"]
    assert [line.text for line in text.lines(4)] == ["DATE:", "28 AUG 2018", "10 31 00"]


@given(pieces, st.integers(1, 20))
def test_lines_and_words_lose_no_character_and_no_fact(parts: list[tuple[str, str | None]], room: int) -> None:
    text = build(parts)
    lines = list(text.lines(room))
    assert [pair for line in lines for pair in told(line)] == told(text)
    assert [pair for word in text.words() for pair in told(word)] == told(text)
    assert all(len(line.text) <= room or " " not in line.text for line in lines)
    assert told(text.strip()) == told(text)


@given(pieces, st.integers(0, 20), st.integers(0, 20))
def test_a_cut_is_the_same_cut_of_text_and_facts(parts: list[tuple[str, str | None]], start: int, end: int) -> None:
    text = build(parts)
    cut = text.cut(start, max(start, end))
    assert cut.text == text.text[start : max(start, end)]
    assert told(cut + text.cut(max(start, end), 99)) == told(text.cut(start, 99))


def test_a_change_of_case_keeps_the_facts_or_is_refused() -> None:
    text = "TOTAL " + fact("RM", "total")
    assert text.cased(str.lower) == Marked("total rm", (Span(6, 8, "total"),))
    with pytest.raises(ValueError, match="changes the length of 'straße' to 'STRASSE'"):
        marked("straße").cased(str.upper)
