"""Foreign to foreign: nothing is lost without being listed, nothing is written over without being asked for."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoded_images import exif
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.conversion_report import Report
from ocr.formats.convert import export
from ocr.formats.icdar2015 import read_icdar2015, write_icdar2015
from ocr.formats.paddle import read_paddle, write_paddle
from ocr.types import InputError, Record, Word

SQUARE = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)


def record(path: Path, *words: Word, orientation: int = 1) -> Record:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (30, 20), "white").save(path, exif=exif(orientation))
    return Record(path, {f"{n:04d}": word for n, word in enumerate(words, start=1)})


def run(output: Path, *records: Record, **options: object) -> Report:
    return export(ForeignData(list(records)), output, "val", writer=write_icdar2015, **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_words_are_cleaned_and_every_loss_is_listed(tmp_path: Path) -> None:
    words = Word(SQUARE, "a", line=3), Word(SQUARE - 5, "b"), Word(SQUARE + 100, "c")
    report = run(tmp_path / "out", record(tmp_path / "a.jpg", *words))
    assert (report.images, report.words, len(report.clipped), len(report.dropped)) == (1, 2, 1, 1)
    assert report.lost == ["line numbers: 1 words, such as a.jpg, word 0001: 3"]
    assert "lost: 1" in report.lines()
    (read,) = read_icdar2015(tmp_path / "out" / "val").records
    assert read.words["0002"].points_N2.tolist() == [[0, 0], [7, 0], [7, 4], [0, 4]]
    told = json.loads((tmp_path / "out" / "val.report.json").read_text(encoding="utf-8"))
    assert (told["lost"], told["dropped"]) == (report.lost, report.dropped)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["val", "val.report.json"]


def test_images_stand_upright_afterwards(tmp_path: Path) -> None:
    report = run(tmp_path / "out", record(tmp_path / "a.jpg", Word(SQUARE, "a"), orientation=6), frame="raw")
    assert len(report.turned) == 1
    (read,) = read_icdar2015(tmp_path / "out" / "val").records
    assert read.words["0001"].points_N2.tolist() == [[11, 2], [17, 2], [17, 12], [11, 12]]
    with Image.open(read.image_path) as image:
        assert image.size == (20, 30)


def test_the_source_is_not_tied_to_what_was_written(tmp_path: Path) -> None:
    source = record(tmp_path / "a.jpg", Word(SQUARE, "a")).image_path
    run(tmp_path / "out", Record(source, {}))
    assert not (tmp_path / "out" / "val" / "images" / "a.jpg").samefile(source)


def test_a_split_is_replaced_when_asked_and_only_what_an_export_wrote(tmp_path: Path) -> None:
    one, two = record(tmp_path / "a.jpg", Word(SQUARE, "a")), record(tmp_path / "b.jpg", Word(SQUARE, "b"))
    run(tmp_path / "out", one)
    with pytest.raises(InputError, match="has a split 'val'; choose another split= or give overwrite=true"):
        run(tmp_path / "out", two)
    run(tmp_path / "out", two, overwrite=True)
    assert list(contents(tmp_path / "out")) == ["val/gt/gt_b.txt", "val/images/b.jpg", "val.report.json"]
    with pytest.raises(InputError, match="the images to convert are in"):
        run(tmp_path / "out", *read_icdar2015(tmp_path / "out" / "val").records, overwrite=True)
    (tmp_path / "out" / "val.report.json").unlink()
    with pytest.raises(InputError, match="is not an export of this converter"):
        run(tmp_path / "out", one, overwrite=True)
    assert list(contents(tmp_path / "out")) == ["val/gt/gt_b.txt", "val/images/b.jpg"]


@pytest.mark.parametrize("split", ["", ".", "..", "a/b", ".hidden"])
def test_a_split_is_one_folder(tmp_path: Path, split: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a folder"):
        export(ForeignData([]), tmp_path / "out", split, writer=write_icdar2015)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("fault", ["reader", "name", "writer", "interruption"])
def test_an_aborted_export_leaves_everything_as_it_was(tmp_path: Path, fault: str) -> None:
    one, two = record(tmp_path / "x" / "a.jpg", Word(SQUARE)), record(tmp_path / "y" / "b.jpg", Word(SQUARE))
    run(tmp_path / "out", one)
    before = contents(tmp_path / "out")

    def interrupted(records: Sequence[Record], output: Path, split: str) -> list[str]:
        write_icdar2015(records, output, split)
        raise KeyboardInterrupt

    def refused(*_: object) -> list[str]:
        raise AnnotationError("the format cannot hold it")

    records = {"reader": [Record(tmp_path / "y" / "gone.jpg", {})], "name": [one, one]}.get(fault, [two])
    writer = {"writer": refused, "interruption": interrupted}.get(fault, write_icdar2015)
    with pytest.raises((InputError, KeyboardInterrupt)):
        export(ForeignData(records), tmp_path / "out", "val", writer=writer, overwrite=True)
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["val", "val.report.json"]


def test_an_image_left_out_is_listed_and_the_rest_is_done(tmp_path: Path) -> None:
    good, bad = record(tmp_path / "a.jpg", Word(SQUARE)), record(tmp_path / "b.jpg", Word(SQUARE))
    bad.image_path.write_bytes(b"")
    report = export(ForeignData([good, bad]), tmp_path / "out", "val", writer=write_paddle)
    assert (report.images, len(report.left_out)) == (1, 1)
    assert [one.name for one in read_paddle(tmp_path / "out" / "val").records] == ["a.jpg"]
