"""One bad entry costs no other: it is left out and named, in every format; what is there is found by any path."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import encoded_images
from ocr.formats.convert import convert, export, select
from ocr.formats.icdar2013 import write_icdar2013
from ocr.formats.icdar2015 import read_icdar2015, write_icdar2015
from ocr.formats.native import read_native
from ocr.formats.native_writing import write_native
from ocr.formats.registry import READERS, WRITERS
from ocr.types import InputError, Record, Word
from tests.support.foreign import told

WIDTH, HEIGHT = 200, 100
BOX = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)
picture = partial(encoded_images.picture, size=(WIDTH, HEIGHT))


def data_set(name: str, folder: Path) -> Path:
    """``a.png`` and ``b.png`` with three words each, in a format, below ``folder / "set"``."""
    words = {f"{n:04d}": Word(BOX + np.float32([20 * n, 5 * n]), f"word {n}", line=n) for n in (1, 2, 3)}
    images = [picture(folder / f"{stem}.png", value=value) for stem, value in (("a", 0), ("b", 9))]
    records = [Record(image, words, WIDTH, HEIGHT) for image in images]
    root = folder / "theirs" / "set"
    if name in {"native", "ufo"}:
        for image in images:
            image.rename(picture(root / "images" / image.name))
        write_native(records, root / "jsons.json")
    else:
        WRITERS[name](records, root.parent, root.name)
    return root


def edited_json(change: Callable[[Any], object]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return edit


def replaced(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def first_row(text: str) -> str:
    return "1,2,three\n" + text.partition("\n")[2]


EDITS: dict[str, tuple[str, Callable[[str], str]]] = {
    "sroie": ("boxes/a.csv", first_row),
    "icdar2013": ("gt/gt_a.txt", first_row),
    "icdar2015": ("gt/gt_a.txt", first_row),
    "totaltext": ("gt/poly_gt_a.txt", replaced("y: [[", "y: [[7 ")),
    "paddle": ("label.txt", replaced('"points":[[', '"points":[["no",1],[')),
    "wildreceipt": ("labels.txt", replaced('"box":[', '"box":[5,')),
    "coco": ("annotations.json", edited_json(lambda c: c["annotations"][0].update(bbox=[], segmentation=[]))),
    "cord": ("json/a.json", edited_json(lambda c: c["valid_line"][0]["words"][0].pop("quad"))),
    "doctr": ("labels.json", edited_json(lambda c: c["a.png"]["polygons"].__setitem__(0, [[1, 2], [3]]))),
    "labelstudio": ("tasks.json", edited_json(lambda c: c[0]["annotations"][0]["result"][0]["value"].pop("points"))),
    "page": ("page/a.xml", lambda text: re.sub(r'(<Word id="word_0001">\s*)<Coords [^>]*>', r"\1", text, count=1)),
    "ufo": ("jsons.json", edited_json(lambda c: c["images"]["a.png"]["words"]["0001"].update(points=[[1, "x"]]))),
    "native": ("jsons.json", edited_json(lambda c: c["images"]["a.png"]["words"]["0001"].update(line="four"))),
}
"""For each format a file, and what makes the first of its words unreadable."""


def test_every_format_is_tried() -> None:
    assert EDITS.keys() == READERS.keys()


@pytest.mark.parametrize("name", EDITS)
def test_a_bad_word_is_left_out_and_named(name: str, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    file, edit = EDITS[name]
    assert sum(len(record.words) for record in READERS[name](root).records) == 6
    (root / file).write_text(edit((root / file).read_text(encoding="utf-8")), encoding="utf-8")
    data = READERS[name](root)
    assert [(record.name, len(record.words)) for record in data.records] == [("a.png", 2), ("b.png", 3)]
    assert data.left_out == {}
    ((image, (fault,)),) = data.faults.items()
    assert image == data.records[0].image_path
    assert str(root / file) in fault
    report = convert(data, tmp_path / "ours", "val")
    assert (report.images, report.words, report.faults) == (2, 5, [fault])
    assert "entries left out: 1" in report.lines()
    stored = json.loads((tmp_path / "ours" / "reports" / "val.json").read_text(encoding="utf-8"))
    assert stored["faults"] == [fault]
    assert select(data, "b").faults == {}


@pytest.mark.parametrize("name", READERS)
def test_what_has_no_partner_is_left_out_with_the_reason(name: str, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    (image,) = root.rglob("b.png")
    image.rename(image.with_name("c.png"))
    data = READERS[name](root)
    assert [record.name for record in data.records] == ["a.png"]
    annotated, (path, why) = sorted(data.left_out.items(), key=lambda item: item[0].name == "c.png")
    assert (path.parent, path.name) == (image.parent, "c.png")
    assert "has no annotation" in why
    assert annotated[0] == image or "b" in annotated[0].stem
    assert "but missing" in annotated[1] or annotated[1] == f"has no image in {image.parent}"


NUMBERS = {
    "paddle": r'"points":\[\[[\d.]+',
    "wildreceipt": r'"box":\[[\d.]+',
    "coco": r'"segmentation": ?\[\s*\[\s*[\d.]+',
    "cord": r'"x1": ?[\d.]+',
    "doctr": r'"polygons": ?\[\s*\[\s*\[\s*[\d.]+',
    "labelstudio": r'"points": ?\[\s*\[\s*[\d.]+',
    "ufo": r'"points": ?\[\s*\[\s*[\d.]+',
    "native": r'"points": ?\[\s*\[\s*[\d.]+',
}
"""The formats in JSON, and what ends in the first number of their first word."""


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_json_does_not_have_costs_what_it_is_in_alone(name: str, number: bytes, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    path = root / EDITS[name][0]
    good = path.read_bytes()
    bad, count = re.subn(rf"({NUMBERS[name][:-6]})[\d.]+".encode(), rb"\g<1>" + number, good, count=1)
    assert count == 1
    path.write_bytes(bad)
    data = READERS[name](root)
    assert [(record.name, len(record.words)) for record in data.records] == [("a.png", 2), ("b.png", 3)]
    ((image, (fault, *_)),) = data.faults.items()
    assert image == data.records[0].image_path
    assert str(path) in fault
    assert "not JSON" in fault or "out of range" in fault
    path.write_bytes(good.replace(b"{", b'{"comment": ' + number + b", ", 1) if name != "doctr" else good)
    data = READERS[name](root)
    assert [len(record.words) for record in data.records] == [3, 3]
    assert told(data) == ""


@pytest.mark.parametrize("text", [rb"\ud83d", b"\xff"])
@pytest.mark.parametrize("name", sorted({*EDITS} - {"doctr", "page", "labelstudio"}))
def test_a_text_that_is_none_costs_its_word_alone(name: str, text: bytes, tmp_path: Path) -> None:
    if text == rb"\ud83d" and name not in NUMBERS:
        text = b"\xff"
    root = data_set(name, tmp_path)
    path = root / EDITS[name][0]
    content = path.read_bytes()
    assert content.count(b"word 1") >= 1
    path.write_bytes(content.replace(b"word 1", text, 1))
    data = READERS[name](root)
    assert [(record.name, len(record.words)) for record in data.records] == [("a.png", 2), ("b.png", 3)]
    ((image, (fault,)),) = data.faults.items()
    assert image == data.records[0].image_path
    assert str(path) in fault


NAMES = ("a.png", "images/a.png", "image_files/a.png")
NAMED = {
    "paddle": "label.txt",
    "wildreceipt": "labels.txt",
    "coco": "annotations.json",
    "doctr": "labels.json",
    "labelstudio": "tasks.json",
    "page": "page/a.xml",
    "ufo": "jsons.json",
    "native": "jsons.json",
}
"""The formats whose annotation names its images, and the file that does."""


def renamed(root: Path, name: str, to: str) -> None:
    """Give ``a.png`` another path in its annotation."""
    file = root / NAMED[name]
    escaped = to if name == "page" else json.dumps(to)[1:-1] if name != "paddle" else to
    pattern = r"(?<=d=)val/images/a\.png|(?<=[\"\n])([\w/?=-]*/)?a\.png|^([\w/]*/)?a\.png"
    text, count = re.subn(pattern, lambda _: escaped, file.read_text(encoding="utf-8"), count=1)
    assert count == 1
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "path",
    [
        "/home/somebody/set/images/a.png",
        "../images/a.png",
        "x/../../a.png",
        "C:\\data\\images\\a.png",
        "https://example.org/images/a.png",
    ],
)
def test_what_lies_where_the_end_of_a_path_says_is_found(name: str, path: str, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    if name in {"paddle", "wildreceipt"}:
        folder = "images" if name == "paddle" else "image_files"
        (root / folder / "a.png").rename(root / "a.png")
    renamed(root, name, path)
    data = READERS[name](root)
    assert told(data) == ""
    assert sorted((record.name, len(record.words)) for record in data.records) == [("a.png", 3), ("b.png", 3)]


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("path", ["../../secret.png", "{root}/../../secret.png", "/etc/hostname"])
def test_what_leads_out_of_the_set_is_left_out_alone(name: str, path: str, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    picture(tmp_path / "secret.png")
    renamed(root, name, path.format(root=root))
    data = READERS[name](root)
    assert [record.name for record in data.records] == ["b.png"]
    assert re.search(r"leads out of the image folder|is annotated in .* but missing", told(data))


@pytest.mark.parametrize("width", ["200.0", '"200"', '"200.0"', "2e2"])
@pytest.mark.parametrize(
    ("name", "file", "key"),
    [
        ("coco", "annotations.json", "width"),
        ("wildreceipt", "labels.txt", "width"),
        ("cord", "json/a.json", "width"),
        ("labelstudio", "tasks.json", "original_width"),
        ("ufo", "jsons.json", "img_w"),
        ("native", "jsons.json", "img_w"),
    ],
)
def test_a_whole_number_may_be_written_as_another_kind(
    name: str, file: str, key: str, width: str, tmp_path: Path
) -> None:
    root = data_set(name, tmp_path)
    text = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(re.sub(rf'("{key}":\s*)200', rf"\g<1>{width}", text), encoding="utf-8")
    data = READERS[name](root)
    assert told(data) == ""
    assert [(record.width, len(record.words)) for record in data.records] == [(200, 3), (200, 3)]
    if name == "native":
        assert [record.width for record in read_native(root / file, root / "images")] == [200, 200]


def test_a_page_may_have_a_whole_width_with_a_point(tmp_path: Path) -> None:
    root = data_set("page", tmp_path)
    file = root / "page" / "a.xml"
    file.write_text(file.read_text(encoding="utf-8").replace('imageWidth="200"', 'imageWidth="200.0"'))
    assert [record.width for record in READERS["page"](root).records] == [200, 200]


def test_an_image_of_which_nothing_can_be_read_is_no_image_without_text(tmp_path: Path) -> None:
    """The rows of another format: nobody wants images without words of them."""
    images = [picture(tmp_path / f"{stem}.png") for stem in "ab"]
    write_icdar2013([Record(image, {"0001": Word(BOX, "a")}) for image in images], tmp_path / "theirs", "val")
    data = read_icdar2015(tmp_path / "theirs" / "val")
    assert data.records == []
    assert all("none of its entries" in why for why in data.left_out.values())
    with pytest.raises(InputError, match=r"no annotated image was found, 2 are left out: .*gt_a\.txt"):
        select(data)


def test_two_entries_of_one_image_are_told(tmp_path: Path) -> None:
    root = data_set("coco", tmp_path)
    file = root / "annotations.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["images"].append({"id": 7, "file_name": "/elsewhere/a.png"})
    content["images"].append({"id": 8, "file_name": 5})
    content["annotations"].append({"id": 99, "image_id": 8, "bbox": [1, 2, 3, 4]})
    file.write_text(json.dumps(content), encoding="utf-8")
    data = READERS["coco"](root)
    assert [(record.name, len(record.words)) for record in data.records] == [("a.png", 3), ("b.png", 3)]
    assert [len(faults) for faults in data.faults.values()] == [1, 1]
    assert "image '/elsewhere/a.png': 'a.png' is in" in told(data)
    assert "image 3: Expected `str`" in told(data)


ENCODED = [(name, encoding) for name in EDITS for encoding in ("utf-8-sig", "utf-16", "utf-32")]
ENCODED.remove(("page", "utf-32"))  # no XML reader takes it


@pytest.mark.parametrize(("name", "encoding"), ENCODED)
def test_a_byte_order_mark_is_no_part_of_a_file(name: str, encoding: str, tmp_path: Path) -> None:
    root = data_set(name, tmp_path)
    for file in (path for path in root.rglob("*") if path.suffix in {".json", ".txt", ".csv", ".xml"}):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("UTF-8", encoding) if encoding != "utf-8-sig" else text, encoding=encoding)
    data = READERS[name](root)
    assert told(data) == ""
    assert [len(record.words) for record in data.records] == [3, 3]
    if name == "native":
        assert [len(record.words) for record in read_native(root / "jsons.json", root / "images")] == [3, 3]


CLOSED = [[2, 3], [12, 5], [11, 12], [1, 9], [2, 3]]


@pytest.mark.parametrize("name", ["paddle", "coco", "doctr", "labelstudio", "page", "native"])
def test_closed_rings_stay_quads(name: str, tmp_path: Path) -> None:
    """Written to a format of four corners nothing changes, as a fifth corner would have it."""
    root = data_set(name, tmp_path)
    file, _ = EDITS[name]
    pairs = " ".join(f"{x},{y}" for x, y in CLOSED)
    word = re.compile(r'(?<=<Word id="word_0001">)(\s*<Coords points=")[^"]*')
    plain: dict[str, Callable[[str], str]] = {
        "paddle": replaced('"points":[[22,8],[32,8],[32,14],[22,14]]', f'"points":{CLOSED}'),
        "page": lambda text: word.sub(rf"\g<1>{pairs}", text),
    }
    flat = [value for point in CLOSED for value in point]
    per_cent = [[100 * x / WIDTH, 100 * y / HEIGHT] for x, y in CLOSED]
    edits = {
        "coco": lambda c: c["annotations"][0].update(segmentation=[flat]),
        "doctr": lambda c: c["a.png"]["polygons"].__setitem__(0, CLOSED),
        "labelstudio": lambda c: c[0]["annotations"][0]["result"][0]["value"].update(points=per_cent),
        "native": lambda c: c["images"]["a.png"]["words"]["0001"].update(points=CLOSED),
    }
    edit = plain.get(name) or edited_json(edits[name])
    (root / file).write_text(edit((root / file).read_text(encoding="utf-8")), encoding="utf-8")
    report = export(READERS[name](root), tmp_path / "ours", "val", writer=write_icdar2015)
    assert not [loss for loss in report.lost if "becomes" in loss]
    rows = (tmp_path / "ours/val/gt/gt_a.txt").read_text(encoding="utf-8")
    assert rows.startswith("2,3,12,5,11,12,1,9,")
    if name == "native":
        words = read_native(root / file, root / "images")[0].words
        assert words["0001"].points_N2.tolist() == CLOSED[:-1]
