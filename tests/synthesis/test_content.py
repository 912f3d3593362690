"""Both languages make receipts with all their parts."""

import re
from collections import defaultdict

import pytest

from ocr.fields import FIELDS, ITEM
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import CodeRow, Row, TextRow
from ocr.synthesis.english import EnglishReceipt
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.korean import KoreanReceipt
from ocr.values import parse_amount, parse_date


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


def facts_of(rows: list[Row]) -> dict[str, list[tuple[int | None, str]]]:
    found: dict[str, list[tuple[int | None, str]]] = defaultdict(list)
    for row in rows:
        for cell in row.cells if isinstance(row, TextRow) else ():
            for span in cell.spans:
                found[span.field].append((span.item, cell.text[span.start : span.end]))
    return found


@pytest.mark.parametrize("language", ["english", "korean"])
def test_every_fact_that_is_printed_is_marked_without_its_label(language: str) -> None:
    receipts = [facts_of(rows_of(language, index)) for index in range(80)]
    absent = {"menu.discountprice", "service", "rounding"} if language == "korean" else set()
    assert {field for facts in receipts for field in facts} == set(FIELDS) - absent
    for facts in receipts:
        assert {len(facts[field]) for field in ("company", "date", "time", "number", "total")} <= {0, 1}
        assert len(facts["company"]) == len(facts["total"]) == 1
        assert {item for item, _ in facts["menu.price"]} == {1, 2, 3, 4, 5}
        assert [item for item, _ in facts["menu.nm"]] == [1, 2, 3, 4, 5] or language == "english"
        for field, values in facts.items():
            for item, text in values:
                assert (item is None) != field.startswith(ITEM)
                assert text == text.strip()
                assert ":" not in text or field in {"time", "address"}, (field, text)
                if FIELDS[field] == "amount":
                    assert re.fullmatch(r"-?[\d,]+(\.\d\d)?", text), (field, text)
                elif FIELDS[field] == "date":
                    assert parse_date(text, year_first=language == "korean") is not None, text
                elif field == "registration":
                    assert re.fullmatch(r"[\d-]+[A-Z]?", text), text
                elif field == "phone":
                    assert re.fullmatch(r"[\d() +-]+", text), text


def test_a_korean_receipts_items_add_up_to_its_total() -> None:
    for index in range(40):
        facts = facts_of(rows_of("korean", index))
        (total,) = (parse_amount(text) for _, text in facts["total"])
        assert sum(parse_amount(text) or 0 for _, text in facts["menu.price"]) == total
