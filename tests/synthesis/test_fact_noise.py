"""Misread receipts keep their facts at their characters."""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.fields import Span
from ocr.geometry import signed_area
from ocr.synthesis.chance import Chance
from ocr.synthesis.fact_noise import LOOK_ALIKES, SIMILAR, Rates, misread
from ocr.synthesis.facts import FactSheet, invented_facts, region

SHEETS = [invented_facts(5, "noise", index, korean=index % 3 == 0) for index in range(60)]
NONE = Rates(0, 0, 0, 0)
shares = st.floats(0, 0.4)


def facts_of(sheet: FactSheet) -> dict[tuple[str, int | None], str]:
    """The characters of every fact, without white space."""
    found: dict[tuple[str, int | None], str] = {}
    for word, spans in zip(sheet.words, sheet.spans, strict=True):
        for span in spans:
            text = (word.transcription or "")[span.start : span.end]
            key = (span.field, span.item)
            found[key] = found.get(key, "") + "".join(text.split())
    return found


def texts(sheet: FactSheet) -> list[str]:
    return [word.transcription or "" for word in sheet.words]


def one_region(text: str, *spans: Span) -> FactSheet:
    """A receipt with one region, 100 pixels wide and 10 high."""
    points = np.array([[0, 0], [100, 0], [100, 10], [0, 10]], dtype=np.float32)
    return FactSheet((region(text, points, spans, 1),), (spans,), {}, (100, 10), SHEETS[0].bill)


def test_a_perfect_reader_changes_nothing() -> None:
    for sheet in SHEETS[:10]:
        read = misread(Chance(0, "perfect", 0), sheet, NONE)
        assert (texts(read), read.spans, read.fields) == (texts(sheet), sheet.spans, sheet.fields)
        assert [(word.field, word.item, word.line) for word in read.words] == [
            (word.field, word.item, word.line) for word in sheet.words
        ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 59), st.integers(0, 10**6), st.builds(Rates, shares, shares, shares, shares))
def test_spans_stay_in_order_inside_their_regions(number: int, seed: int, rates: Rates) -> None:
    sheet = SHEETS[number]
    read = misread(Chance(seed, "any", 0), sheet, rates)
    assert (read.fields, read.bill, read.size) == (sheet.fields, sheet.bill, sheet.size)
    assert [word.line for word in read.words] == list(range(1, len(read.words) + 1))
    known = {(span.field, span.item) for spans in sheet.spans for span in spans}
    for word, spans in zip(read.words, read.spans, strict=True):
        text = word.transcription or ""
        assert text == text.strip() != ""
        places = [place for span in spans for place in (span.start, span.end)]
        assert places == sorted(places)
        for span in spans:
            assert (span.field, span.item) in known
            assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
            assert span.end <= len(text)
        assert signed_area(word.points_N2) > 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 59), st.integers(0, 10**6), shares, shares)
def test_merging_and_splitting_lose_no_character_of_a_fact(number: int, seed: int, merged: float, split: float) -> None:
    sheet = SHEETS[number]
    read = misread(Chance(seed, "regions", 0), sheet, Rates(0, 0, merged, split))
    assert facts_of(read) == facts_of(sheet)
    assert "".join("".join(texts(read)).split()) == "".join("".join(texts(sheet)).split())


def test_rates_are_shares_of_characters_and_regions() -> None:
    letters = regions = changed = missing = split = 0
    for number, sheet in enumerate(SHEETS):
        read = texts(misread(Chance(number, "letters", 0), sheet, Rates(0.05, 0, 0, 0)))
        for before, after in zip(texts(sheet), read, strict=False):
            same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
            letters += len(before)
            changed += len(before) - sum(part.size for part in same)
        regions += len(sheet.words)
        missing += len(sheet.words) - len(misread(Chance(number, "regions", 0), sheet, Rates(0, 0.1, 0, 0)).words)
        split += len(misread(Chance(number, "split", 0), sheet, Rates(0, 0, 0, 1)).words) - len(sheet.words)
    assert 0.035 < changed / letters < 0.065
    assert 0.08 < missing / regions < 0.12
    assert split == sum(" " in text for sheet in SHEETS for text in texts(sheet))


def test_a_misread_fact_stays_marked() -> None:
    sheet = one_region("TOTAL RM12.50", Span(8, 13, "total"))
    for seed in range(300):
        read = misread(Chance(seed, "one", 0), sheet, Rates(0.15, 0, 0, 0))
        (text,), (spans,) = texts(read), read.spans
        if text == "TOTAL RM12.50":
            assert spans == (Span(8, 13, "total"),)
        (span,) = spans
        before, after = text[: span.start], text[span.end :]
        assert sum(letter.isdigit() for letter in before) <= 3  # an O of TOTAL, or the M
        assert not after.strip() or len(after) < 3


def test_a_region_split_at_its_space_by_hand() -> None:
    sheet = one_region("CASH 10.00", Span(5, 10, "cash"))
    read = misread(Chance(0, "split", 0), sheet, Rates(0, 0, 0, 1))
    assert texts(read) == ["CASH", "10.00"]
    assert read.spans == ((), (Span(0, 5, "cash"),))
    assert [word.field for word in read.words] == [None, "cash"]
    np.testing.assert_allclose(read.words[0].points_N2, [[0, 0], [40, 0], [40, 10], [0, 10]])
    np.testing.assert_allclose(read.words[1].points_N2, [[50, 0], [100, 0], [100, 10], [50, 10]], atol=1e-4)


def test_neighbours_on_a_row_are_merged_and_others_are_not() -> None:
    def at(left: float, top: float) -> np.ndarray:
        return np.array([[left, top], [left + 30, top], [left + 30, top + 10], [left, top + 10]], dtype=np.float32)

    spans = ((), (Span(0, 5, "cash"),), ())
    words = (
        region("CASH", at(0, 0), (), 1),
        region("10.00", at(60, 2), spans[1], 2),
        region("THANKS", at(0, 20), (), 3),
    )
    sheet = FactSheet(words, spans, {"cash": "10.00"}, (100, 40), SHEETS[0].bill)
    read = misread(Chance(1, "merge", 0), sheet, Rates(0, 0, 1, 0))
    assert texts(read)[0] in {"CASH 10.00", "CASH10.00"}
    assert texts(read)[1] == "THANKS"
    (span,) = read.spans[0]
    assert texts(read)[0][span.start : span.end] == "10.00"
    np.testing.assert_array_equal(read.words[0].points_N2, [[0, 0], [90, 2], [90, 12], [0, 10]])


def test_the_same_choices_read_the_same() -> None:
    first, second = (misread(Chance(9, "same", 1), SHEETS[1], Rates(0.1, 0.1, 0.1, 0.1)) for _ in range(2))
    assert (texts(first), first.spans) == (texts(second), second.spans)


def test_look_alikes_go_both_ways() -> None:
    assert {"0", "1", "5", "8", "O", "l", "I", "S", "B", ".", ","} <= set(SIMILAR)
    for first, second in LOOK_ALIKES:
        assert second in SIMILAR[first]
        assert first in SIMILAR[second]


def test_a_rate_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"merged is 1\.5, must be from 0 to 1"):
        Rates(merged=1.5)
