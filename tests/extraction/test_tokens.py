"""Tokens of a page: where texts are cut, and what the network sees of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.extraction.tokens import COLUMNS, DOWN_HIGH, DOWN_LOW, EQUAL, HEIGHT, LEFT, RANK, RIGHT, tokenise, tokens_of
from ocr.types import FloatArray, Word


def box(left: float, top: float, right: float, bottom: float) -> FloatArray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("DATE:12/02/2018 18:49", ["DATE:", "12/02/2018", "18:49"]),
        ("TIME:08:30:00", ["TIME:", "08:30:00"]),
        ("2X3.50", ["2", "X", "3.50"]),
        ("RM33.90", ["RM33.90"]),
        ("TOTAL (RM):80.90", ["TOTAL", "(RM):", "80.90"]),
        ("TEL.:+603-8597 9503", ["TEL.:", "+603-8597", "9503"]),
        ("INV#:R95 NO.03/SE", ["INV#:", "R95", "NO.", "03/SE"]),
        ("SDN BHD(CO. NO. 1-H) S/B<2-A>", ["SDN", "BHD", "(CO.", "NO.", "1-H)", "S/B", "<2-A>"]),
        ("01/02/2018T8:30 1/2/18/18:49", ["01/02/2018", "T", "8:30", "1/2/18", "/", "18:49"]),
        ("S/B D.I.Y. T2-3 01/06.12", ["S/B", "D.I.Y.", "T2-3", "01/06.12"]),
        ("  a   b ", ["a", "b"]),
        ("", []),
    ],
)
def test_where_texts_are_cut(text: str, pieces: list[str]) -> None:
    tokens = tokens_of(3, text)
    assert [token.text for token in tokens] == pieces
    assert all(text[token.start : token.end] == token.text and token.region == 3 for token in tokens)


@given(st.text(max_size=60))
def test_tokens_hold_all_that_is_not_white_space(text: str) -> None:
    assert "".join(token.text for token in tokens_of(0, text)) == "".join(text.split())


def test_places_and_amounts() -> None:
    words = [
        Word(box(0, 0, 100, 10), "TOTAL 80.90"),
        Word(box(0, 20, 50, 30), "CASH"),
        Word(box(60, 20, 100, 30), "100.00"),
        Word(box(60, 40, 100, 50), "80.90"),
        Word(box(0, 60, 9, 70)),
    ]
    page = tokenise(words)
    assert [token.text for token in page.tokens] == ["TOTAL", "80.90", "CASH", "100.00", "80.90"]
    rows_NF = page.rows_NF.astype(int)
    assert rows_NF.shape == (5, COLUMNS)
    assert rows_NF[:, RANK].tolist() == [0, 2, 0, 1, 2]
    assert rows_NF[:, EQUAL].tolist() == [0, 2, 0, 1, 2]
    # Lines are 20 pixels apart and 10 high: 8 quarters of a line.
    assert (256 * rows_NF[:, DOWN_HIGH] + rows_NF[:, DOWN_LOW]).tolist() == [0, 0, 8, 8, 16]
    assert (rows_NF[0, LEFT], rows_NF[1, RIGHT], rows_NF[3, RIGHT]) == (0, 255, 255)
    assert set(rows_NF[:, HEIGHT]) == {128}
    assert bytes(page.rows_NF[2, :4].tolist()) == b"CASH"


def test_letter_case_is_not_seen_and_long_words_keep_their_ends() -> None:
    page = tokenise([Word(box(0, 0, 10, 10), "total TOTAL 123456789012345678901234567890")])
    assert np.array_equal(page.rows_NF[0, :20], page.rows_NF[1, :20])
    assert bytes(page.rows_NF[2, :20].tolist()) == b"12345678901234" + b"567890"


@given(st.floats(-0.4, 0.4), st.floats(0.2, 5.0))
def test_a_turned_page_looks_like_the_level_one(angle: float, scale: float) -> None:
    words = [Word(box(10 * n, 30 * n, 10 * n + 90, 30 * n + 12), f"A{n} 1.5{n}") for n in range(6)]
    turn_22 = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], np.float32)
    turned = [Word((word.points_N2 @ turn_22).astype(np.float32), word.transcription) for word in words]
    assert np.abs(tokenise(turned).rows_NF.astype(int) - tokenise(words).rows_NF.astype(int)).max() <= 3


def test_a_curved_region_is_as_high_as_its_text() -> None:
    x_8 = np.linspace(0, 200, 8)
    arch_8 = 100 - 30 * np.sin(np.pi * x_8 / 200)
    curved_N2 = np.concatenate([np.stack((x_8, arch_8), 1), np.stack((x_8, arch_8 + 12), 1)[::-1]]).astype(np.float32)
    heights = tokenise([Word(box(0, 20, 200, 32), "A"), Word(box(0, 60, 200, 72), "B"), Word(curved_N2, "C")]).rows_NF
    assert heights[:, HEIGHT].tolist() == [128, 128, 128]


def test_no_text_gives_no_token() -> None:
    assert tokenise([Word(box(0, 0, 9, 9)), Word(box(0, 0, 9, 9), " ")]).rows_NF.shape == (0, COLUMNS)
