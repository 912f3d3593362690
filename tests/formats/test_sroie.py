"""SROIE folders as they are published and as they are not."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.convert import convert
from ocr.formats.native import read_native
from ocr.formats.sroie import read_row, read_sroie, write_sroie
from ocr.geometry import repair
from ocr.types import Record, Word
from tests.support.foreign import told

SROIE = Path(os.environ.get("OCR_SROIE_DIR", Path(__file__).resolve().parents[2].parent / "shared/data/sroie"))


def write(folder: Path, images: str = "images", boxes: str = "boxes", ending: str = ".csv") -> None:
    for name in (images, boxes):
        (folder / name).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / images / "001.jpg"), np.zeros((40, 80, 3), np.uint8))
    rows = '\ufeff1,2,11,2,11,8,1,8,TOTAL: 9,00 "net"\r\n\r\n20,20,60,20,60,30,20,30,\r\n'
    (folder / boxes / f"001{ending}").write_bytes(rows.encode())


@pytest.mark.parametrize(
    ("images", "boxes", "ending"), [("images", "boxes", ".csv"), ("img", "box", ".txt"), (".", ".", ".txt")]
)
def test_rows_become_words_and_lines(tmp_path: Path, images: str, boxes: str, ending: str) -> None:
    write(tmp_path, images, boxes, ending)
    data = read_sroie(tmp_path)
    assert not data.left_out
    (record,) = data.records
    assert record.image_path == tmp_path / images / "001.jpg"
    assert list(record.words) == ["0001", "0003"]
    first, second = record.words.values()
    assert first.points_N2.tolist() == [[1, 2], [11, 2], [11, 8], [1, 8]]
    assert first.transcription == 'TOTAL: 9,00 "net"'
    assert second.transcription == ""
    assert (first.line, second.line) == (1, 3)
    assert not first.ignore


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,2,3,4,5,6,7,text", "8 finite numbers"),
        ("1,2,3,4,5,6,7,8", "8 finite numbers and a transcription"),
        ("1,2,3,4,5,6,7,nan,a", "8 finite numbers"),
        ("a,2,3,4,5,6,7,8,a", "'a'"),
        ("no commas", "8 finite numbers"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    write(tmp_path)
    (tmp_path / "boxes" / "001.csv").write_text(f"1,2,11,2,11,8,1,8,fine\n{row}\n", encoding="utf-8")
    told_of = told(read_sroie(tmp_path))
    assert re.search(r"001\.csv, row 2", told_of)
    assert said in told_of
    assert row in told_of


def test_other_faults_are_told(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"neither images/ and boxes/ nor img/ and box/"):
        read_sroie(tmp_path)
    write(tmp_path)
    (tmp_path / "boxes" / "001.csv").write_bytes("1,2,3,4,5,6,7,8,é".encode("latin-1"))
    assert re.search(r"001\.csv, row 1: '1,.*\\udce9' is not UTF-8; save", told(read_sroie(tmp_path)))


def test_an_image_without_text_has_no_words(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "boxes" / "001.csv").write_text("\n", encoding="utf-8")
    assert read_sroie(tmp_path).records[0].words == {}


def test_a_row_alone() -> None:
    assert read_row("0,0,1,0,1,1,0,1,a,b", "x", 7).transcription == "a,b"


def test_writes_rows_and_tells_what_they_lose(tmp_path: Path) -> None:
    write(tmp_path)
    square = np.float32([[1, 2], [11, 2], [11, 8], [1, 8]])
    words = {
        "0001": Word(square, 'TOTAL: 9,00 "net"', line=1),
        "0002": Word(square, "no", ignore=True, line=1),
        "0003": Word(square, "a\rb", line=1),
    }
    told = write_sroie([Record(tmp_path / "images" / "001.jpg", words, 80, 40)], tmp_path / "out", "val")
    rows = (tmp_path / "out" / "val" / "boxes" / "001.csv").read_text(encoding="utf-8")
    assert rows == '1,2,11,2,11,8,1,8,TOTAL: 9,00 "net"\n1,2,11,2,11,8,1,8,a b\n'
    assert told == [
        "001.jpg, word 0002: is ignored, so it is left out: [[1.0, 2.0], [11.0, 2.0], [11.0, 8.0], [1.0, 8.0]]",
        "001.jpg, word 0003: line breaks become blanks in 'a\\rb'",
        "line numbers, as each row is a line: 1 words, such as 001.jpg, word 0003: line 1 is 2",
        "keys: 1 words, such as 001.jpg, word 0003 is 0002",
    ]


@pytest.mark.parametrize(
    ("images", "boxes", "entities"),
    [
        ("images", "boxes", "entities/001.json"),
        ("img", "box", "key/001.json"),
        ("img", "box", "entities/001.txt"),
    ],
)
def test_the_key_information_becomes_fields(tmp_path: Path, images: str, boxes: str, entities: str) -> None:
    write(tmp_path, images, boxes)
    known = {"company": "가 SDN BHD", "date": "25/12/2018", "address": " ", "total": "9.00"}
    (tmp_path / entities).parent.mkdir()
    (tmp_path / entities).write_text(json.dumps(known), encoding="utf-8")
    for source in (tmp_path, tmp_path / boxes):
        (record,) = read_sroie(source).records
        assert record.fields == {"company": "가 SDN BHD", "date": "25/12/2018", "total": "9.00"}


def test_wrong_key_information_costs_no_words(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "entities").mkdir()
    for content, said in (('{"total": 9.0}', r"field 'total': .*is 9\.0"), ("[1]", "not a file of SROIE's key")):
        (tmp_path / "entities" / "001.json").write_text(content, encoding="utf-8")
        data = read_sroie(tmp_path)
        assert re.search(rf"entities/001\.json.*{said}", told(data))
        assert (len(data.records[0].words), data.records[0].fields) == (2, {})


def test_values_come_from_labelled_words_where_there_are_no_fields(tmp_path: Path) -> None:
    write(tmp_path)
    square = np.float32([[1, 2], [11, 2], [11, 8], [1, 8]])
    words = {
        "0001": Word(square, "TOTAL", line=1),
        "0002": Word(square + 20, "9.00", line=2, field="total"),
        "0003": Word(square + 30, "1.00", line=3, field="tips"),
        "0004": Word(square + np.float32([40, 30]), "Kopi", line=4, field="menu.nm", item=1),
    }
    image = tmp_path / "images" / "001.jpg"
    lost = write_sroie([Record(image, words, 80, 40)], tmp_path / "out", "val")
    assert json.loads((tmp_path / "out" / "val" / "entities" / "001.json").read_text("utf-8")) == {"total": "9.00"}
    assert lost == [
        "labels of words, of which entities/ has the texts: 3 words, such as 001.jpg, word 0002: 'total'; "
        "001.jpg, word 0003: 'tips'; 001.jpg, word 0004: 'menu.nm'",
        "item numbers: 1 words, such as 001.jpg, word 0004: 1",
    ]
    fields = {"date": "25/12/2018", "phone": "7"}
    lost = write_sroie([Record(image, {"0001": words["0001"]}, 80, 40, fields)], tmp_path / "own", "val")
    assert json.loads((tmp_path / "own/val/entities/001.json").read_text("utf-8")) == {"date": "25/12/2018"}
    assert lost == ["values of fields: 1 images, such as 001.jpg: {'phone': '7'}"]
    write_sroie([Record(image, {"0001": words["0001"]}, 80, 40)], tmp_path / "none", "val")
    assert not (tmp_path / "none/val/entities").exists()


@pytest.mark.skipif(not SROIE.is_dir(), reason="the SROIE sample is not here; set OCR_SROIE_DIR")
def test_real_receipts_come_back_word_for_word(tmp_path: Path) -> None:
    """All 500: what was read is written and read again; ten of them by way of the native layout."""
    data = read_sroie(SROIE)
    assert len(data.records) == 500
    numbered = [replace(record, words=sound_rows(record)) for record in data.records]
    flawed = [(old.name, len(old.words) - len(new.words)) for old, new in zip(data.records, numbered, strict=True)]
    assert [entry for entry in flawed if entry[1]] == [("178.jpg", 1)]  # its row 19 is no wider than a line
    assert write_sroie(numbered, tmp_path / "all", "val") == []
    again = read_sroie(tmp_path / "all" / "val")
    assert again.left_out == {}
    for before, after in zip(numbered, again.records, strict=True):
        assert comparable(before) == comparable(after)
        assert before.fields == after.fields
    assert sum(len(record.fields) for record in again.records) == 1998  # one address and one total are empty

    convert(ForeignData(data.records[:10]), tmp_path, "ten")
    native = read_native(tmp_path / "jsons" / "ten.json", tmp_path / "images" / "ten")
    assert [record.fields for record in native] == [record.fields for record in data.records[:10]]
    write_sroie(native, tmp_path / "ten", "val")
    for before, after in zip(native, read_sroie(tmp_path / "ten" / "val").records, strict=True):
        assert [word[:2] for word in comparable(before)] == [word[:2] for word in comparable(after)]


def sound_rows(record: Record) -> dict[str, Word]:
    """The words that have an area, numbered as the rows of a file."""
    sound = (word for word in record.words.values() if repair(word.points_N2) is not None)
    return {f"{number:04d}": replace(word, line=number) for number, word in enumerate(sound, start=1)}


def comparable(record: Record) -> list[tuple[list[list[float]], str | None, int | None]]:
    return [(word.points_N2.tolist(), word.transcription, word.line) for word in record.words.values()]
