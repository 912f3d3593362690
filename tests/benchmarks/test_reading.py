"""The comparison of recognisers: what is read, kept, counted and drawn; with stand-ins for the peers."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.line_peers import crop_BGR
from benchmarks.line_readers import Reader, lines_digest
from benchmarks.reading import new_companies, options
from benchmarks.reading_report import confusion_table, read_by_all, table, write_worst
from ocr.types import InputError, Record, Word

BOX = np.array([[2, 2], [42, 2], [42, 12], [2, 12]], np.float32)
IMAGE = np.full((20, 60, 3), 200, np.uint8)
TRUTH = {"a.jpg": [Word(BOX, "TOTAL 1.50"), Word(BOX, "Cash")], "b.jpg": [Word(BOX, "9.00")]}


def reader(folder: Path, texts: list[str]) -> Reader:
    return Reader("peer", "1", lambda: lambda _, polygons: texts[: len(polygons)], folder / "kept.json")


def test_a_crop_keeps_its_size_and_gets_a_margin() -> None:
    image_HWC = np.zeros((40, 80, 3), np.uint8)
    image_HWC[2:12, 2:42] = (255, 0, 0)
    crop_HWC = crop_BGR(image_HWC, BOX, 0.2)
    assert crop_HWC.shape == (14, 44, 3)
    assert crop_HWC[7, 20].tolist() == [0, 0, 255]  # blue, green, red


def test_figures_are_those_of_the_images_that_were_read(tmp_path: Path) -> None:
    peer = reader(tmp_path, ["total 1.60", "cash"])
    peer("a.jpg", IMAGE, TRUTH["a.jpg"])
    first, second = peer.counts(TRUTH, ["a.jpg", "b.jpg"])
    assert (first.bare_edits, first.amounts, first.amounts_wrong) == (1, 1, 1)
    assert (second.bare_exact, second.exact) == (1, 0)
    assert table([peer], TRUTH, ["a.jpg", "b.jpg"]).row_count == 1


def test_what_was_read_is_kept_for_the_same_lines(tmp_path: Path) -> None:
    peer = reader(tmp_path, ["total 1.50", "cash"])
    for name, words in TRUTH.items():
        peer(name, IMAGE, words)
    digests = {name: lines_digest("annotation", "word", words) for name, words in TRUTH.items()}
    peer.keep(digests)
    again, other = reader(tmp_path, []), reader(tmp_path, [])
    again.load(digests)
    other.load({**digests, "a.jpg": lines_digest("annotation", "line", TRUTH["a.jpg"])})
    assert again.texts == {"a.jpg": ["total 1.50", "cash"], "b.jpg": ["total 1.50"]}
    assert again.seconds == peer.seconds
    assert other.texts == {"b.jpg": ["total 1.50"]}


def test_lines_are_the_same_if_annotation_granularity_and_polygons_are() -> None:
    words = TRUTH["a.jpg"]
    moved = [Word(BOX + 1, word.text) for word in words]
    cases = [("a", "word", words), ("b", "word", words), ("a", "line", words), ("a", "word", moved)]
    assert len({lines_digest(*case) for case in cases}) == 4
    assert lines_digest(*cases[0]) == lines_digest("a", "word", [Word(BOX, "x"), Word(BOX, "y")])


def test_only_images_that_all_have_read_are_comparable(tmp_path: Path) -> None:
    fast, slow = reader(tmp_path, ["x", "y"]), reader(tmp_path, ["x", "y"])
    for name, words in TRUTH.items():
        fast(name, IMAGE, words)
    slow("b.jpg", IMAGE, TRUTH["b.jpg"])
    assert read_by_all([fast, slow], list(TRUTH)) == ["b.jpg"]


def test_confusions_are_counted(tmp_path: Path) -> None:
    peer = reader(tmp_path, ["T0TAL 1.50", "Cash"])
    peer("a.jpg", IMAGE, TRUTH["a.jpg"])
    rows = confusion_table(peer, TRUTH, list(TRUTH))
    assert [list(column.cells) for column in rows.columns] == [["'o'"], ["'0'"], ["1"]]


def test_companies_are_new_if_no_training_receipt_is_theirs(tmp_path: Path) -> None:
    (tmp_path / "jsons").mkdir()
    (tmp_path / "jsons" / "train.json").write_text(json.dumps({"images": {"000.jpg": {}}}), encoding="utf-8")
    for number, company in enumerate(("AEON CO. (M) BHD", "Aeon Co (M) Bhd.", "SOMEBODY ELSE")):
        (tmp_path / f"{number:03d}.json").write_text(json.dumps({"company": company}), encoding="utf-8")
    assert new_companies(tmp_path, tmp_path, ["001.jpg", "002.jpg"]) == ["002.jpg"]


def test_the_lines_read_wrong_are_on_a_page(tmp_path: Path) -> None:
    Image.fromarray(IMAGE).save(tmp_path / "a.jpg")
    peer = reader(tmp_path, ["TOTAL 1.50", "C"])
    peer("a.jpg", IMAGE, TRUTH["a.jpg"])
    write_worst(peer, {"a.jpg": Record(tmp_path / "a.jpg", {})}, TRUTH, 5, tmp_path / "worst.html")
    page = (tmp_path / "worst.html").read_text(encoding="utf-8")
    assert page.count("<li ") == page.count("<img") == 1
    assert '<span class="missing">ash</span>' in page


def test_a_misspelt_option_is_refused() -> None:
    with pytest.raises(InputError, match="modle=a: unknown option"):
        options(["modle=a"])
