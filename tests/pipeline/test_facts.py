"""The facts of a page that was read: where they stand, what they are worth, and whether they add up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ocr import Detector, LineReader, Reader
from ocr.extraction.postprocess.structure import Extraction, Value
from ocr.extraction.tokens import tokenise
from ocr.page import Page, PageFacts, TextLine, TextWord
from ocr.pipeline.export import Export, export
from ocr.pipeline.extractor import FactFinder
from ocr.pipeline.facts import RuleFinder, finder_for, with_facts
from ocr.pipeline.orientation import in_file
from ocr.synthesis.facts import invented_facts
from ocr.synthesis.receipt import render_receipt
from ocr.types import InputError, Word
from ocr.utils.path_utils import REPOSITORY_ROOT
from pages_read import box
from small_extractor import save_extractor

LETTER, HIGH = 10, 20


def read(row: int, left: int, text: str, sure: dict[str, float] | None = None) -> TextLine:
    """A line whose letters are 10 pixels wide; the confidence of a character is 0.99, or as given."""
    words, at = [], 0
    for word in text.split():
        confidences = tuple((sure or {}).get(letter, 0.99) for letter in word)
        start = left + at * LETTER
        outline = box(start, row * 30, start + len(word) * LETTER, row * 30 + HIGH)
        words.append(TextWord(outline, word, min(confidences), confidences))
        at += len(word) + 1
    outline = box(left, row * 30, left + len(text) * LETTER, row * 30 + HIGH)
    return TextLine(outline, text, min(word.confidence for word in words), 0.9, tuple(words), row)


RECEIPT = Page(
    (600, 400),
    (
        read(0, 50, "ABC TRADING SDN BHD"),
        read(1, 50, "NO 5, JALAN BESAR 43000"),
        read(2, 50, "DATE:12/02/2018 10:30"),
        read(3, 50, "KOPI O"),
        read(3, 300, "2 x 3.00"),
        read(3, 500, "6.00"),
        read(4, 50, "TEH"),
        read(4, 500, "4.00"),
        read(5, 50, "TOTAL RM 18.00", {"8": 0.4}),
        read(6, 50, "CASH"),
        read(6, 500, "10.00"),
        read(7, 50, "CHANGE"),
        read(7, 500, "0.00"),
    ),
)


@dataclass(frozen=True)
class Given:
    """Finds the values that it is given: of a field, or an item, the texts of neighbouring tokens."""

    fields: dict[str, str]
    items: tuple[dict[str, str], ...] = ()

    def find(self, words: Sequence[Word], /) -> Extraction:
        """The values where they stand first."""
        texts = [token.text for token in tokenise(words).tokens]

        def value(text: str) -> Value:
            parts = text.split()
            at = next(n for n in range(len(texts)) if texts[n : n + len(parts)] == parts)
            return Value(text, 0.8, tuple(range(at, at + len(parts))))

        items = tuple({name: value(text) for name, text in item.items()} for item in self.items)
        return Extraction({name: value(text) for name, text in self.fields.items()}, items)


ITEMS = (
    {"menu.nm": "KOPI O", "menu.cnt": "2", "menu.unitprice": "3.00", "menu.price": "6.00"},
    {"menu.nm": "TEH", "menu.price": "4.00"},
)


def facts(page: Page, found: Given | RuleFinder) -> PageFacts:
    """What is found on a page."""
    told = with_facts(page, found).facts
    assert told is not None
    return told


def test_rules_find_the_words_of_a_value_and_no_more() -> None:
    found = facts(RECEIPT, RuleFinder())
    assert {name: fact.text for name, fact in found.fields.items()} == {
        "company": "ABC TRADING SDN BHD",
        "address": "NO 5, JALAN BESAR 43000",
        "date": "12/02/2018",
        "total": "18.00",
    }
    assert (found.fields["date"].value, found.fields["total"].value) == ("2018-02-12", "18.00")
    assert found.fields["company"].value is None
    (date,) = found.fields["date"].parts
    assert (date.line, date.start, date.end, date.text) == (2, 5, 15, "12/02/2018")
    assert np.allclose(date.points_N2, box(100, 60, 200, 80)), "a part of the word DATE:12/02/2018"
    (total,) = found.fields["total"].parts
    assert total.text == "18.00"
    assert np.allclose(total.points_N2, box(140, 150, 190, 170)), "the last word alone"
    assert [part.text for part in found.fields["company"].parts] == ["ABC", "TRADING", "SDN", "BHD"]
    assert found.currency == "MYR"
    assert found.fields["total"].confidence == pytest.approx(0.4)
    assert found.fields["date"].confidence == pytest.approx(0.99)


def test_a_digit_that_was_read_uncertainly_is_corrected_by_the_sums() -> None:
    found = facts(RECEIPT, Given({"total": "18.00", "cash": "10.00", "change": "0.00"}, ITEMS))
    assert (found.fields["total"].text, found.fields["total"].value) == ("10.00", "10.00")
    assert found.fields["total"].parts[0].text == "18.00", "as it was read"
    assert found.sums.verdict == "consistent"
    assert found.sums.changed == {"total": ("18.00", "10.00")}
    assert [(each.name, each.difference) for each in found.sums.sums] == [
        ("item 1", "0.00"), ("total", "0.00"), ("payment", "0.00"),
    ]  # fmt: skip
    assert [item["menu.nm"].text for item in found.items] == ["KOPI O", "TEH"]
    assert list(found.items[0]) == ["menu.nm", "menu.cnt", "menu.unitprice", "menu.price"]


def test_what_was_read_surely_stays_and_the_difference_is_said() -> None:
    lines = (*RECEIPT.lines[:8], read(5, 50, "TOTAL RM 18.00"), *RECEIPT.lines[9:])
    found = facts(replace(RECEIPT, lines=lines), Given({"total": "18.00", "cash": "10.00", "change": "0.00"}, ITEMS))
    assert found.fields["total"].text == "18.00"
    assert found.sums.verdict == "inconsistent"
    assert found.sums.changed == {}
    wrong = {each.name: (each.difference, each.text) for each in found.sums.sums if each.difference != "0.00"}
    assert wrong["total"] == ("8.00", "total: 18.00 is printed, 10.00 computed, +8.00 off")
    assert wrong["payment"][0] == "8.00"


def test_nothing_is_said_of_sums_that_are_off_with_an_amount_that_nobody_would_believe() -> None:
    lines = (*RECEIPT.lines[:8], read(5, 50, "TOTAL RM 18.00", {"1": 0.3}), *RECEIPT.lines[9:])
    given = Given({"total": "18.00", "cash": "10.00", "change": "0.00"}, ITEMS)
    found = facts(replace(RECEIPT, lines=lines), given)
    assert (found.sums.verdict, found.sums.changed) == ("unknown", {})
    assert found.sums.sums[-1].text == "payment: 18.00 is printed, 10.00 computed, +8.00 off; not sure: total"


def test_a_count_of_an_item_is_corrected_too() -> None:
    lines = (*RECEIPT.lines[:4], read(3, 300, "7 x 3.00", {"7": 0.5}), *RECEIPT.lines[5:])
    items = ({**ITEMS[0], "menu.cnt": "7", "menu.unitprice": "3.00", "menu.price": "6.00"}, ITEMS[1])
    found = facts(replace(RECEIPT, lines=lines), Given({}, items))
    assert found.items[0]["menu.cnt"].text == "2"
    assert found.sums.changed == {"menu.cnt 1": ("7", "2")}


def test_without_characters_confidences_those_of_the_words_count() -> None:
    plain = tuple(
        replace(line, words=tuple(replace(word, confidences=()) for word in line.words)) for line in RECEIPT.lines
    )
    given = Given({"total": "18.00", "cash": "10.00", "change": "0.00"}, ITEMS)
    assert facts(replace(RECEIPT, lines=plain), given).sums.changed == {"total": ("18.00", "10.00")}
    bare = tuple(replace(line, words=()) for line in RECEIPT.lines)
    found = facts(replace(RECEIPT, lines=bare), given)
    assert found.sums.changed == {"total": ("18.00", "10.00")}
    (total,) = found.fields["total"].parts
    assert np.allclose(total.points_N2, box(140, 150, 190, 170))


def test_values_that_go_on_in_the_next_line_have_the_words_of_both() -> None:
    found = facts(RECEIPT, Given({"address": "BESAR 43000 DATE: 12/02/2018"}))
    assert [(part.line, part.text) for part in found.fields["address"].parts] == [
        (1, "BESAR"), (1, "43000"), (2, "DATE:12/02/2018"),
    ]  # fmt: skip


def test_a_page_without_lines_has_no_facts() -> None:
    found = facts(Page((9, 9), ()), RuleFinder())
    assert (found.fields, found.items, found.sums.verdict, found.currency) == ({}, (), "unknown", None)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_polygons_turn_with_the_page(degrees: int) -> None:
    page = with_facts(replace(RECEIPT, orientation=degrees), RuleFinder())
    lying = in_file(page)
    assert lying.facts is not None
    for name, fact in lying.facts.fields.items():
        for part in fact.parts:
            outer_N2 = lying.lines[part.line].points_N2
            low, high = outer_N2.min(axis=0) - 0.01, outer_N2.max(axis=0) + 0.01
            assert ((part.points_N2 >= low) & (part.points_N2 <= high)).all(), name


def test_what_finds_facts_is_chosen() -> None:
    assert finder_for(False) is None
    assert isinstance(finder_for("rules"), RuleFinder)
    given = Given({})
    assert finder_for(given) is given
    with pytest.raises(InputError, match=r"none\.onnx: "):
        finder_for("none.onnx")


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    picture, _ = render_receipt(2, "test", 1)
    path = tmp_path_factory.mktemp("photos") / "receipt.png"
    picture.convert("RGB").save(path)
    return path


def test_a_reader_with_a_network_says_what_it_finds_and_one_without_says_nothing(photo: Path, tmp_path: Path) -> None:
    file = save_extractor(tmp_path / "facts.ckpt")
    chosen = {"device": "cpu", "threads": 1}
    reader = Reader(**chosen, extractor=file)
    receipt = reader.read(photo)
    alone = FactFinder.load(file, device="cpu").find([Word(line.points_N2, line.text) for line in receipt.lines])
    assert {name: fact.text for name, fact in receipt.fields.items()} == alone.facts.fields != {}
    assert len(receipt.items) == sum(any(value.text for value in item.values()) for item in alone.items)
    assert receipt.sums is not None
    for fact in receipt.fields.values():
        read = " ".join(part.text for part in fact.parts)
        assert fact.text in read
        assert 0 < fact.confidence <= 1
    assert json.dumps(receipt.to_dict()) == json.dumps(reader.read(photo).to_dict())
    silent = Reader(reader.detector, reader.recogniser, extractor=False).read(photo)
    assert (silent.fields, silent.items, silent.sums, silent.page.facts) == ({}, (), None, None)
    assert set(silent.to_dict()) == {"img_w", "img_h", "words"}
    assert set(receipt.to_dict()) == {"img_w", "img_h", "words", "fields", "items", "sums", "facts"}


def test_the_exported_network_finds_the_same_without_torch(photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    file = save_extractor(tmp_path / "facts.ckpt")
    export(Export(str(file), str(tmp_path / "facts.onnx"), "onnx"))
    code = (
        "import json, sys, ocr\n"
        f"reader = ocr.Reader(engine='onnxruntime', extractor={str(tmp_path / 'facts.onnx')!r})\n"
        f"print(json.dumps(reader.read({str(photo)!r}).to_dict()['fields']), 'torch' in sys.modules)\n"
    )
    environment = {"PYTHONPATH": str(REPOSITORY_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    parts = Detector.load(engine="onnxruntime"), LineReader.load(engine="onnxruntime")
    by_torch = Reader(*parts, device="cpu", extractor=FactFinder.load(file, device="cpu")).read(photo)
    assert done.stdout == json.dumps(by_torch.to_dict()["fields"]) + " False\n"


def test_facts_of_an_invented_receipt_are_words_of_it() -> None:
    words = invented_facts(0, "test", 5).words
    lines = tuple(TextLine(word.points_N2, word.text or "", 1.0, 1.0) for word in words)
    found = facts(Page((1000, 1000), lines), RuleFinder())
    assert found.fields
    for _, _, fact in found.each():
        for part in fact.parts:
            assert lines[part.line].text[part.start : part.end] == part.text
