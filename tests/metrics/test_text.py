"""Figures of readings: by hand, against a plain dynamic programme, and summed in any split."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.metrics.text import RecognitionEvaluator, TextCounts, compare_texts, confusions, text_figures
from ocr.text import amounts, folded, plain_text
from ocr.types import Reading, Word

TEXT = st.text(st.sampled_from("aAbB1,.5 0ß"), max_size=9)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=8)


def distance(truth: Sequence[str], read: Sequence[str]) -> int:
    """Levenshtein's distance, row by row."""
    row = list(range(len(read) + 1))
    for place, expected in enumerate(truth, start=1):
        diagonal, row[0] = row[0], place
        for column, found in enumerate(read, start=1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (expected != found)),
            )
    return row[-1]


def word(text: str | None) -> Word:
    return Word(np.zeros((4, 2), np.float32), text)


def test_counts_by_hand() -> None:
    counts = compare_texts("Total  RM 1,234.50", "TOTAL RM1,234.60 x")
    assert counts == TextCounts(
        lines=1,
        characters=17,  # "Total RM 1,234.50"
        edits=8,  # four letters' case, a space, a digit, " x"
        folded_edits=4,
        bare_characters=15,
        bare_edits=2,  # a digit, "x"
        words=3,
        word_edits=2,  # "rm 1,234.50" against "rm1,234.60 x"
        exact=0,
        folded_exact=0,
        bare_exact=0,
        similarity=1 - 4 / 18,
        amounts=1,
        amounts_wrong=1,
    )


@pytest.mark.parametrize(
    ("truth", "read", "equal"),
    [
        ("Total 9", "Total 9", {"exact", "folded_exact", "bare_exact"}),
        ("TOTAL 9", "Total 9", {"folded_exact", "bare_exact"}),
        ("TOTAL 9", "Total9", {"bare_exact"}),
        ("TOTAL 9", "Total 8", set()),
        ("ＴＯＴＡＬ", "TOTAL ", {"exact", "folded_exact", "bare_exact"}),
    ],
)
def test_three_strictnesses(truth: str, read: str, equal: set[str]) -> None:
    counts = compare_texts(truth, read)
    assert {name for name in ("exact", "folded_exact", "bare_exact") if getattr(counts, name)} == equal


def test_an_amount_counts_as_often_as_it_is_printed() -> None:
    counts = compare_texts("5.00 + 5.00 = 10.00", "10.00 = 5.00 + 6.00")
    assert (counts.amounts, counts.amounts_wrong) == (3, 1)


def test_figures_by_hand() -> None:
    figures = text_figures([compare_texts("ab cd", "ab ce"), compare_texts("9.00", "9.00"), compare_texts("x", "")])
    assert figures == {
        "text/line_accuracy": pytest.approx(1 / 3),
        "text/line_accuracy_folded": pytest.approx(1 / 3),
        "text/line_accuracy_exact": pytest.approx(1 / 3),
        "text/cer": pytest.approx(2 / 10),
        "text/cer_folded": pytest.approx(2 / 10),
        "text/cer_bare": pytest.approx(2 / 9),
        "text/wer": pytest.approx(2 / 4),
        "text/ned": pytest.approx((4 / 5 + 1 + 0) / 3),
        "text/amounts_wrong": 0,
    }


def test_nothing_to_judge_is_zero() -> None:
    assert set(text_figures([]).values()) == {0.0}
    assert RecognitionEvaluator().evaluate_image([word(None)], Reading("x")) == TextCounts()


@given(TEXT, TEXT)
def test_counts_are_those_of_a_plain_programme(truth: str, read: str) -> None:
    counts = compare_texts(truth, read)
    expected, found = plain_text(truth), plain_text(read)
    assert counts.edits == distance(expected, found)
    assert counts.folded_edits == distance(folded(expected), folded(found))
    bare = folded(expected).replace(" ", ""), folded(found).replace(" ", "")
    assert counts.bare_edits == distance(*bare)
    assert counts.word_edits == distance(folded(expected).split(), folded(found).split())
    longer = max(len(folded(expected)), len(folded(found)))
    assert counts.similarity == pytest.approx(1 - counts.folded_edits / longer if longer else 1)
    left = amounts(found)
    for amount in amounts(expected):
        if amount in left:
            left.remove(amount)
    assert counts.amounts - counts.amounts_wrong == len(amounts(found)) - len(left)
    assert counts.bare_exact == (counts.bare_edits == 0) >= counts.folded_exact >= counts.exact
    assert counts.exact == (counts.edits == 0)


@given(PAIRS, st.integers(0, 8))
def test_shares_of_several_processes_give_the_figures_of_the_whole(pairs: list[tuple[str, str]], cut: int) -> None:
    counts = [compare_texts(*pair) for pair in pairs]
    figures = text_figures(counts)
    assert text_figures([*counts[cut:], *counts[:cut]]) == pytest.approx(figures)
    empty = [RecognitionEvaluator().evaluate_image([word(None)], Reading("more"))]
    assert text_figures([*counts, *empty]) == figures
    assert RecognitionEvaluator.main in figures


@given(PAIRS)
def test_the_character_error_rate_is_edits_over_characters(pairs: list[tuple[str, str]]) -> None:
    plain = [(plain_text(truth), plain_text(read)) for truth, read in pairs]
    characters = sum(len(truth) for truth, _ in plain)
    edits = sum(distance(*pair) for pair in plain)
    figures = text_figures([compare_texts(*pair) for pair in pairs])
    assert figures["text/cer"] == pytest.approx(edits / characters if characters else 0)


def test_confusions_name_what_was_read_instead() -> None:
    assert confusions([("TOTAL 0", "total o"), ("abc", "ab"), ("ab", "xab")]) == {
        ("0", "o"): 1,
        ("c", ""): 1,
        ("", "x"): 1,
    }


@given(PAIRS)
def test_there_are_as_many_confusions_as_edits(pairs: list[tuple[str, str]]) -> None:
    assert confusions(pairs).total() == sum(compare_texts(*pair).folded_edits for pair in pairs)
