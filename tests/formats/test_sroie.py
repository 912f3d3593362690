"""SROIE folders as they are published and as they are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.formats.base import AnnotationError
from ocr.formats.sroie import read_row, read_sroie


def write(folder: Path, images: str = "images", boxes: str = "boxes", ending: str = ".csv") -> None:
    (folder / images).mkdir(parents=True)
    (folder / boxes).mkdir()
    cv2.imwrite(str(folder / images / "001.jpg"), np.zeros((40, 80, 3), np.uint8))
    rows = '\ufeff1,2,11,2,11,8,1,8,TOTAL: 9,00 "net"\r\n\r\n20,20,60,20,60,30,20,30,\r\n'
    (folder / boxes / f"001{ending}").write_bytes(rows.encode())


@pytest.mark.parametrize(("images", "boxes", "ending"), [("images", "boxes", ".csv"), ("img", "box", ".txt")])
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
    with pytest.raises(AnnotationError, match=r"001\.csv, row 2") as error:
        read_sroie(tmp_path)
    assert said in str(error.value)
    assert row in str(error.value)


def test_what_has_no_partner_is_left_out_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "boxes" / "002.csv").write_text("", encoding="utf-8")
    (tmp_path / "images" / "003.png").write_bytes(b"x")
    data = read_sroie(tmp_path)
    assert len(data.records) == 1
    assert data.left_out[tmp_path / "boxes" / "002.csv"] == "has no image"
    assert "has no annotation" in data.left_out[tmp_path / "images" / "003.png"]


def test_other_faults_are_told(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"neither images/ and boxes/ nor img/ and box/"):
        read_sroie(tmp_path)
    write(tmp_path)
    (tmp_path / "images" / "001.png").write_bytes(b"x")
    with pytest.raises(AnnotationError, match=r"001\.jpg has the same name"):
        read_sroie(tmp_path)
    (tmp_path / "images" / "001.png").unlink()
    (tmp_path / "boxes" / "001.csv").write_bytes("1,2,3,4,5,6,7,8,é".encode("latin-1"))
    with pytest.raises(AnnotationError, match=r"001\.csv: is not UTF-8"):
        read_sroie(tmp_path)


def test_an_image_without_text_has_no_words(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "boxes" / "001.csv").write_text("\n", encoding="utf-8")
    assert read_sroie(tmp_path).records[0].words == {}


def test_a_row_alone() -> None:
    assert read_row("0,0,1,0,1,1,0,1,a,b", "x", 7).transcription == "a,b"
