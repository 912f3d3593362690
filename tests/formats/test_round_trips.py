"""Native to any format and back: what the format can hold is kept, and what is not kept is listed."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ocr.formats.coco import read_coco, write_coco
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.rounding import as_written
from ocr.formats.convert import convert
from ocr.formats.cord import read_cord, write_cord
from ocr.formats.doctr import read_doctr, write_doctr
from ocr.formats.icdar2013 import read_icdar2013, write_icdar2013
from ocr.formats.icdar2015 import read_icdar2015, write_icdar2015
from ocr.formats.labelstudio import read_labelstudio, write_labelstudio
from ocr.formats.native import mapped, read_entry, read_native
from ocr.formats.paddle import read_paddle, write_paddle
from ocr.formats.page import read_page, write_page
from ocr.formats.sroie import read_sroie, write_sroie
from ocr.formats.totaltext import read_totaltext, write_totaltext
from ocr.formats.webdataset import shard_images, write_webdataset
from ocr.formats.wildreceipt import read_wildreceipt, write_wildreceipt
from ocr.geometry import clip_points
from ocr.types import Record, Word

WIDTH, HEIGHT = 60, 40
BOX = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)
SLANTED = np.array([[2, 3], [12, 5], [11, 12], [1, 9]], np.float32)
CURVED = np.array([[2, 10], [10, 4], [20, 10], [20, 18], [10, 12], [2, 18]], np.float32)


@dataclass(frozen=True)
class Sample:
    """A word of which a format holds one field or does not."""

    word: Word
    field: str
    key: str = "0001"


SAMPLES = {
    "box": Sample(Word(BOX, "a"), "points_N2"),
    "quad": Sample(Word(SLANTED, "a"), "points_N2"),
    "curve": Sample(Word(CURVED, "a"), "points_N2"),
    "hundredths": Sample(Word(BOX + np.float32(0.25), "a"), "points_N2"),
    "text": Sample(Word(BOX, ' 합계: 9,00 "net" \\n [x]'), "transcription"),
    "line break": Sample(Word(BOX, "a\nb\r\nc"), "transcription"),
    "marks": Sample(Word(BOX, "###"), "ignore"),
    "unknown": Sample(Word(BOX), "transcription"),
    "ignored": Sample(Word(BOX, ignore=True), "ignore"),
    "ignored text": Sample(Word(BOX, "a", ignore=True), "transcription"),
    "first line": Sample(Word(BOX, "a", line=1), "line"),
    "line": Sample(Word(BOX, "a", line=7), "line"),
    "key": Sample(Word(BOX, "a"), "key", "w"),
    "field": Sample(Word(BOX, "9.00", field="total"), "field"),
    "fact": Sample(Word(BOX, "9.00", field="menu.price"), "field"),
    "own field": Sample(Word(BOX, "a", field="합계; {x} %20"), "field"),
    "common name": Sample(Word(BOX, "a", field="text"), "field"),
    "item": Sample(Word(BOX, "9.00", field="menu.price", item=1), "item"),
    "any item": Sample(Word(BOX, "9.00", field="menu.price", item=7), "item"),
}


FIELDS = {"company": "가 SDN BHD", "date": "25/12/2018", "menu.nm": ' "a" & <b>', "Name": ""}
"""A receipt's own values."""


@dataclass(frozen=True)
class Format:
    """Both ways of a format, the samples that it holds, and those of `FIELDS`."""

    read: Callable[[Path], ForeignData]
    write: Callable[[Sequence[Record], Path, str], list[str]]
    holds: str
    fields: str = ""


def read_shards(folder: Path) -> ForeignData:
    """What a training finds in shards, with the images as files."""
    records = []
    for shard in sorted(folder.glob("*.tar")):
        content = mapped(shard)
        for found in shard_images(content, str(shard)):
            assert found.entry is not None
            path = folder / found.image.name
            path.write_bytes(content[found.image.offset :][: found.image.size])
            records.append(read_entry(path.name, content[found.entry.offset :][: found.entry.size], "", folder))
    return ForeignData(records)


FORMATS = {
    "sroie": Format(read_sroie, write_sroie, "box, quad, text, marks, first line", "company, date"),
    "icdar2013": Format(read_icdar2013, write_icdar2013, "box, text, ignored"),
    "icdar2015": Format(read_icdar2015, write_icdar2015, "box, quad, text, ignored"),
    "totaltext": Format(read_totaltext, write_totaltext, "box, quad, curve, text, line break, marks, ignored"),
    "paddle": Format(
        read_paddle,
        write_paddle,
        "box, quad, curve, hundredths, text, line break, ignored, field, fact, own field, common name",
    ),
    "wildreceipt": Format(
        read_wildreceipt,
        write_wildreceipt,
        "box, quad, hundredths, text, line break, marks, ignored, ignored text, field, fact",
    ),
    "coco": Format(
        read_coco,
        write_coco,
        "box, quad, curve, hundredths, text, line break, marks, unknown, ignored, ignored text, field, fact, own field",
    ),
    "cord": Format(
        read_cord,
        write_cord,
        "box, quad, hundredths, text, line break, marks, ignored, first line, field, fact, own field, common name, "
        "item",
    ),
    "doctr": Format(
        read_doctr, write_doctr, "box, quad, hundredths, marks, unknown, field, fact, own field, common name"
    ),
    "labelstudio": Format(
        read_labelstudio,
        write_labelstudio,
        "box, quad, curve, hundredths, text, line break, marks, unknown, ignored, ignored text, key, "
        "field, fact, own field, common name, item, any item",
    ),
    "page": Format(
        read_page,
        write_page,
        "box, quad, curve, text, marks, unknown, ignored, ignored text, first line, key, field, fact, own field, "
        "common name, item, any item",
        ", ".join(FIELDS),
    ),
    "webdataset": Format(read_shards, write_webdataset, ", ".join(SAMPLES), ", ".join(FIELDS)),
}
every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "a b.png"
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    return path


def there_and_back(form: Format, records: Sequence[Record], folder: Path) -> tuple[list[Record], list[str]]:
    told = form.write(records, folder / "theirs", "val")
    data = form.read(folder / "theirs" / "val")
    assert data.left_out == {}
    report = convert(data, folder / "ours", "val")
    assert report.left_out == []
    return read_native(folder / "ours" / "jsons" / "val.json", folder / "ours" / "images" / "val"), told


def read_back(form: Format, record: Record, folder: Path) -> tuple[dict[str, Word], list[str]]:
    """The same for one image, without its picture: converting cleans every polygon just so."""
    told = form.write([record], folder, "val")
    (read,) = form.read(folder / "val").records
    words = {}
    for key, word in read.words.items():
        clean_N2 = as_written(clip_points(word.points_N2, WIDTH, HEIGHT))
        if clean_N2 is not None:
            words[key] = replace(word, points_N2=clean_N2)
    return words, told


def same(sample: Sample, words: dict[str, Word], field: str) -> bool:
    """Whether a field of the one word is as it was."""
    if len(words) != 1:
        return False
    ((key, word),) = words.items()
    if field == "key":
        return key == sample.key
    if field == "points_N2":
        return np.array_equal(word.points_N2, sample.word.points_N2)
    return getattr(word, field) == getattr(sample.word, field)


@every_format
def test_holds_what_the_table_says(form: Format, image: Path, tmp_path: Path) -> None:
    held = []
    for name, sample in SAMPLES.items():
        one = Record(image, {sample.key: sample.word}, WIDTH, HEIGHT)
        read, told = read_back(form, one, tmp_path / name)
        if same(sample, read, sample.field):
            held.append(name)
        else:
            assert told, name
    assert ", ".join(held) == form.holds


@every_format
def test_holds_the_values_of_a_receipt_that_the_table_says(form: Format, image: Path, tmp_path: Path) -> None:
    record = Record(image, {"0001": Word(BOX, "a", line=1)}, WIDTH, HEIGHT, FIELDS)
    ((read,), lost) = there_and_back(form, [record], tmp_path)
    assert ", ".join(read.fields) == form.fields
    assert read.fields.items() <= FIELDS.items()
    assert any("a b.png" in line and "Name" in line for line in lost) == (read.fields != FIELDS)


coordinates = st.tuples(
    st.integers(0, 10 * WIDTH).map(lambda value: value / 10) | st.integers(0, WIDTH),
    st.integers(0, 10 * HEIGHT).map(lambda value: value / 10) | st.integers(0, HEIGHT),
)
texts = st.none() | st.text(max_size=6) | st.sampled_from(["", "#", "*", "###", "a\rb", "\n", ' "', "\\x41", "\ufeff "])
polygons = st.sampled_from([BOX, SLANTED, CURVED]) | st.lists(coordinates, min_size=3, max_size=7).map(
    lambda points: np.array(points, np.float32)
)
labels = (
    st.none()
    | st.text(min_size=1, max_size=6)
    | st.sampled_from(
        ["total", "menu.nm", "menu.price", "sub_total.tax_price", "etc", "text", "words", "Ignore", "None"]
    )
)
words = st.builds(
    Word,
    polygons,
    texts,
    st.booleans(),
    st.none() | st.integers(0, 2),
    field=labels,
    item=st.none() | st.integers(1, 3),
)


@every_format
@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(word=words, key=st.sampled_from(["0001", "0002", "w"]))
def test_a_word_comes_back_as_it_was_or_the_loss_is_listed(form: Format, image: Path, word: Word, key: str) -> None:
    clean_N2 = as_written(word.points_N2)
    assume(clean_N2 is not None)
    sample = Sample(replace(word, points_N2=clean_N2), "", key)
    with tempfile.TemporaryDirectory() as folder:
        one = Record(image, {key: sample.word}, WIDTH, HEIGHT)
        read, told = read_back(form, one, Path(folder))
    fields = ("points_N2", "transcription", "ignore", "line", "field", "item", "key")
    changed = [field for field in fields if not same(sample, read, field)]
    assert bool(changed) == bool(told), (changed, told)
    assert all(f"a b.png, word {key}" in line for line in told)


@every_format
def test_many_words_stay_in_their_order_on_their_image(form: Format, image: Path, tmp_path: Path) -> None:
    def shifted(count: int) -> dict[str, Word]:
        return {f"{n:04d}": Word(BOX + np.float32([3 * n, n]), f"word {n}") for n in range(1, count + 1)}

    other = tmp_path / "b.png"
    other.write_bytes(image.read_bytes())
    empty = tmp_path / "c.png"
    empty.write_bytes(image.read_bytes())
    records = [Record(path, shifted(n), WIDTH, HEIGHT) for path, n in ((image, 12), (other, 3), (empty, 0))]
    read, _ = there_and_back(form, records, tmp_path)
    assert [record.name for record in read] == ["a b.png", "b.png", "c.png"]
    for before, after in zip(records, read, strict=True):
        polygons = [[word.points_N2.tolist() for word in one.words.values()] for one in (before, after)]
        assert polygons[0] == polygons[1]


@every_format
def test_two_images_of_one_name_are_told(form: Format, image: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    twin = tmp_path / "x" / image.name
    twin.write_bytes(image.read_bytes())
    records = [Record(path, {"0001": Word(BOX, "a")}, WIDTH, HEIGHT) for path in (image, twin)]
    with pytest.raises(AnnotationError, match=r"a b\.png"):
        form.write(records, tmp_path / "theirs", "val")


@every_format
def test_what_is_written_lies_in_the_image(form: Format, image: Path, tmp_path: Path) -> None:
    """The smallest rectangle around this triangle stands on a corner, above the image."""
    triangle = np.array([[20, 0], [30, 0], [25, 6]], np.float32)
    form.write([Record(image, {"0001": Word(triangle, "a")}, WIDTH, HEIGHT)], tmp_path, "val")
    (read,) = form.read(tmp_path / "val").records
    ((_, word),) = read.words.items()
    assert (word.points_N2 >= 0).all()
    assert (word.points_N2 <= (WIDTH, HEIGHT)).all()


@pytest.mark.parametrize("name", FORMATS)
def test_an_image_is_found_again_whatever_it_is_called(name: str, image: Path, tmp_path: Path) -> None:
    for number, other in enumerate(("a.gif", "b.001", "c")):
        (tmp_path / other).write_bytes(image.read_bytes())
        split = f"val{number}"
        FORMATS[name].write([Record(tmp_path / other, {"0001": Word(BOX, "a")}, WIDTH, HEIGHT)], tmp_path, split)
        read = FORMATS[name].read(tmp_path / split)
        assert ([record.name for record in read.records], read.left_out) == ([other], {})
