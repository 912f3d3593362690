"""Both languages make receipts with all their parts."""

import re

import pytest

from ocr.synthesis.chance import Chance
from ocr.synthesis.content import CodeRow, Row, TextRow
from ocr.synthesis.english import EnglishReceipt
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.korean import KoreanReceipt


def rows_of(language: str, index: int) -> list[Row]:
    chance = Chance(0, "content", index)
    receipt = EnglishReceipt(chance) if language == "english" else KoreanReceipt(chance, mixed=index % 2 == 0)
    return receipt.rows(5)


def text_of(rows: list[Row]) -> str:
    return "\n".join(" | ".join(cell.text for cell in row.cells) for row in rows if isinstance(row, TextRow))


@pytest.mark.parametrize("language", ["english", "korean"])
def test_over_many_receipts_every_part_appears(language: str) -> None:
    receipts = [rows_of(language, index) for index in range(60)]
    everything = "\n".join(text_of(rows) for rows in receipts)
    for pattern in (r"\d{2,4}[-/.년 ].{0,2}\d{2}", r"\d{2}:\d{2}", r"\*{4}", r"\d,\d{3}", r"\d{3,4}[- ]\d{4}"):
        assert re.search(pattern, everything), pattern
    kinds = {row.kind for rows in receipts for row in rows if isinstance(row, CodeRow)}
    assert kinds == {"bar", "qr"}


def test_english_receipts_are_latin_and_korean_ones_hold_hangul() -> None:
    for index in range(30):
        assert text_of(rows_of("english", index)).isascii()
        assert any(is_wide(letter) for letter in text_of(rows_of("korean", index)))


@pytest.mark.parametrize("language", ["english", "korean"])
def test_cells_stand_in_order_inside_the_row(language: str) -> None:
    for index in range(40):
        for row in rows_of(language, index):
            if isinstance(row, TextRow):
                borders = [border for cell in row.cells for border in (cell.start, cell.end)]
                assert borders == sorted(borders)
                assert borders[0] >= 0
                assert borders[-1] <= 1
