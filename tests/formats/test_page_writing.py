"""Pages that were read, as files."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr.fields import FIELDS
from ocr.formats.common.writing import json_bytes
from ocr.formats.native import read_native
from ocr.formats.page_facts import items_csv, receipts_csv
from ocr.formats.page_writing import page_entry, pages_json, table_csv, write_pages
from ocr.page import CheckedSum, Fact, FactPart, Page, PageFacts, Sums, TextLine, TextWord
from ocr.utils.csv_text import csv_rows

NAME = np.float32([[10, 10], [50, 10], [50, 20], [10, 20]])
PRICE = NAME + np.float32([100, 0.456])
POINT = np.float32([[1, 1], [1, 1], [1, 1], [1, 1]])
LINES = (
    TextLine(NAME, "-RF TEA", 0.81239, 0.7, (TextWord(NAME, "-RF", 0.9), TextWord(NAME, "TEA", 0.81239)), 0),
    TextLine(PRICE, "1.20", 0.5, 0.6, (TextWord(PRICE, "1.20", 0.5),), 0),
    TextLine(POINT, "", 0.0, 0.5, (), 1),
)
PAGE = Page((200, 100), LINES)


def test_lines_have_their_numbers_and_rows() -> None:
    entry, left_out = page_entry(PAGE)
    assert (entry["img_w"], entry["img_h"], list(entry["words"])) == (200, 100, ["0001", "0002"])
    assert entry["words"]["0001"] == {
        "points": [[10, 10], [50, 10], [50, 20], [10, 20]],
        "transcription": "-RF TEA",
        "ignore": False,
        "line": 1,
        "confidence": 0.8124,
        "score": 0.7,
        "row": 1,
    }
    assert entry["words"]["0002"]["points"][0] == [110, 10.46]
    marked, _ = page_entry(Page(PAGE.size, (replace(LINES[0], unsure=True), *LINES[1:])), words=True)
    assert [entry.get("unsure") for entry in marked["words"].values()] == [True, True, None]
    assert (entry["words"]["0002"]["line"], entry["words"]["0002"]["row"]) == (2, 1)
    assert left_out == [f"line 3: {POINT.tolist()} has no area in hundredths of a pixel"]


def test_words_have_the_number_of_their_line(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    assert write_pages({"a.jpg": PAGE}, path, words=True, unread={"a.jpg": 2}, shard={"number": 1}) == []
    (record,) = read_native(path)
    words = [(word.transcription, word.line) for word in record.words.values()]
    assert words == [("-RF", 1), ("TEA", 1), ("1.20", 2)]
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["shard"], content["images"]["a.jpg"]["pages_not_read"]) == ({"number": 1}, 2)


@pytest.mark.parametrize("about", [{}, {"shard": {"number": 1}, "further": []}])
@pytest.mark.parametrize("names", [[], ["a.jpg"], ['a "\n.jpg', "\\b", "영수증.pdf#2"]])
def test_page_by_page_the_file_is_what_it_is_as_a_whole(
    names: list[str], about: dict[str, object], tmp_path: Path
) -> None:
    pages = {name: PAGE if number % 2 == 0 else Page((9, 9), ()) for number, name in enumerate(names)}
    images = {name: page_entry(page)[0] for name, page in pages.items()}
    unread = dict.fromkeys(names[:1], 3)
    for name, count in unread.items():
        images[name]["pages_not_read"] = count
    write_pages(pages, tmp_path / "p.json", unread=unread, **about)
    content = (tmp_path / "p.json").read_bytes()
    assert content == json_bytes({"images": images, **about})
    assert pages_json(pages, unread=unread, **about) == (content, write_pages(pages, tmp_path / "p.json"))


def test_what_is_not_written_is_told_with_its_image(tmp_path: Path) -> None:
    (left,) = write_pages({"a.jpg": PAGE, "b.jpg": Page((9, 9), ())}, tmp_path / "p.json")
    assert left.startswith("image 'a.jpg', line 3: ")


def test_the_table_has_a_line_each_and_no_formulas() -> None:
    assert table_csv({"a.jpg": PAGE, "b.jpg": Page((9, 9), ())}).decode().splitlines() == [
        "filename,row,line,text,confidence,polygon",
        "a.jpg,1,1,'-RF TEA,0.8124,10 10 50 10 50 20 10 20",
        "a.jpg,1,2,1.20,0.5,110 10.46 150 10.46 150 20.46 110 20.46",
        "a.jpg,2,3,,0.0,1 1 1 1 1 1 1 1",
    ]


ITEM = {
    "menu.nm": Fact("-RF TEA", None, 0.876543, (FactPart(0, 0, 3, "-RF", NAME), FactPart(0, 4, 7, "TEA", NAME))),
    "menu.price": Fact("1.20", "1.20", 0.5, (FactPart(1, 0, 4, "1.20", PRICE),)),
}
TOTAL = Fact("7.20", "7.20", 0.3, (FactPart(1, 0, 4, "1.20", PRICE), FactPart(2, 0, 0, "", POINT)))
SUMS = Sums("consistent", (CheckedSum("total", "total: 7.20 adds up", "0.00"),), {"total": ("1.20", "7.20")})
FACTS = PageFacts({"total": TOTAL}, (ITEM,), SUMS, "MYR")


def test_facts_stand_beside_the_words_that_state_them(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    write_pages({"a.jpg": replace(PAGE, facts=replace(FACTS, fields={}))}, path)
    image = json.loads(path.read_text(encoding="utf-8"))["images"]["a.jpg"]
    assert (image["words"]["0001"]["field"], image["words"]["0001"]["item"]) == ("menu.nm", 1)
    assert (image["words"]["0002"]["field"], image["words"]["0002"]["item"]) == ("menu.price", 1)
    assert image["items"] == [{"menu.nm": "-RF TEA", "menu.price": "1.20"}]
    (record,) = read_native(path)
    assert [(word.field, word.item) for word in record.words.values()] == [("menu.nm", 1), ("menu.price", 1)]
    entry, _ = page_entry(replace(PAGE, facts=FACTS))
    assert entry["fields"] == {"total": "7.20"}
    assert entry["sums"] == {
        "verdict": "consistent",
        "sums": [{"name": "total", "text": "total: 7.20 adds up", "difference": "0.00"}],
        "changed": {"total": {"read": "1.20", "chosen": "7.20"}},
    }
    assert entry["facts"]["currency"] == "MYR"
    assert entry["facts"]["items"][0]["menu.nm"]["confidence"] == 0.8765
    (polygon,) = entry["facts"]["fields"]["total"]["polygons"]
    assert polygon[0] == [110, 10.46]


def test_words_are_labelled_where_the_line_as_a_whole_is_not() -> None:
    label = Fact("TEA", None, 0.9, (FactPart(0, 4, 7, "TEA", NAME),))
    page = replace(PAGE, facts=PageFacts({"company": label}, (), Sums("unknown", (), {})))
    lines, _ = page_entry(page)
    words, _ = page_entry(page, words=True)
    assert "field" not in lines["words"]["0001"]
    assert [entry.get("field") for entry in words["words"].values()] == [None, "company", None]


def test_a_page_whose_facts_were_not_looked_for_has_no_keys_of_them() -> None:
    assert set(page_entry(PAGE)[0]) == {"img_w", "img_h", "words"}


def item(number: int) -> dict[str, Fact]:
    """An item of one fact, and a price that a spreadsheet must not compute."""
    price = Fact("-1,20", "-1.20", 0.5, ())
    return {"menu.nm": Fact(f"=TEA {number}", None, 0.9, ()), "menu.price": price}


def test_tables_have_a_row_for_each_receipt_and_each_item() -> None:
    fields = {"company": Fact("A, B", None, 0.9, ()), "date": Fact("1 FEB 2018", "2018-02-01", 0.9, ())}
    fields["phone"] = Fact("03-4023 7733", "0340237733", 0.9, ())
    facts = PageFacts(fields, (item(1), item(2)), SUMS, "MYR")
    pages = {"a.jpg": replace(PAGE, facts=facts), "b.jpg": replace(PAGE, facts=PageFacts({}, (), SUMS)), "c.jpg": PAGE}
    header, first, second = csv_rows(receipts_csv(pages).decode())
    names = [name for name in FIELDS if not name.startswith("menu.")]
    assert [name for name in header if not name.endswith("_value")] == ["filename", *names, "currency", "sums"]
    row = {name: cell for name, cell in zip(header, first, strict=True) if cell}
    assert row == {
        "filename": "a.jpg", "company": "A, B", "date": "1 FEB 2018", "date_value": "2018-02-01", "currency": "MYR",
        "phone": "03-4023 7733", "phone_value": "0340237733", "sums": "consistent",
    }  # fmt: skip
    assert {cell for cell in second if cell} == {"b.jpg", "consistent"}
    assert items_csv(pages).decode().splitlines() == [
        "filename,item,nm,cnt,unitprice,unitprice_value,discountprice,discountprice_value,price,price_value",
        "a.jpg,1,'=TEA 1,,,,,,\"'-1,20\",-1.20",
        "a.jpg,2,'=TEA 2,,,,,,\"'-1,20\",-1.20",
    ]
