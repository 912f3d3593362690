"""The formats with one annotation file an image: what is no pair of two is left out, and hides nothing of the rest."""

from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

import encoded_images
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.convert import convert
from ocr.types import Record, Word

LABELS = {
    "sroie": "boxes/{}.csv",
    "icdar2013": "gt/gt_{}.txt",
    "icdar2015": "gt/gt_{}.txt",
    "totaltext": "gt/poly_gt_{}.txt",
    "cord": "json/{}.json",
}
BOX = np.float32([[10, 10], [50, 10], [50, 30], [10, 30]])


def data_set(form: str, folder: Path) -> Path:
    """``a.png`` and ``b.png`` with a word each."""
    records = []
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.full((48, 64, 3), 200, np.uint8))
        records.append(Record(folder / name, {"1": Word(BOX, "a", line=1)}, 64, 48))
    getattr(import_module(f"ocr.formats.{form}"), f"write_{form}")(records, folder, "set")
    return folder / "set"


def read(form: str, root: Path) -> ForeignData:
    return getattr(import_module(f"ocr.formats.{form}"), f"read_{form}")(root)


def images(root: Path) -> Path:
    return next(path for path in (root / "images", root / "image") if path.is_dir())


@pytest.mark.parametrize("form", LABELS)
def test_folders_within_are_named_and_counted(form: str, tmp_path: Path) -> None:
    root = data_set(form, tmp_path)
    for path in (images(root) / "b.png", root / LABELS[form].format("b")):
        (path.parent / "s").mkdir()
        path.rename(path.parent / "s" / path.name)
        (path.parent / "empty").mkdir()
        (path.parent / "__MACOSX").mkdir()
        (path.parent / "__MACOSX" / "b.png").touch()
    data = read(form, root)
    assert [record.name for record in data.records] == ["a.png"]
    folders = [images(root) / "s", (root / LABELS[form]).parent / "s"]
    assert list(data.left_out) == folders
    assert all(why.startswith("is a folder with 1 files, which are not read; move") for why in data.left_out.values())
    assert convert(data, tmp_path / "ours", "val").incomplete


@pytest.mark.parametrize("form", LABELS)
def test_two_images_of_one_stem_cost_no_other(form: str, tmp_path: Path) -> None:
    root = data_set(form, tmp_path)
    twin = images(root) / "b.jpg"
    cv2.imwrite(str(twin), np.zeros((48, 64, 3), np.uint8))
    data = read(form, root)
    assert [record.name for record in data.records] == ["a.png"]
    assert data.left_out.keys() == {twin, twin.with_suffix(".png"), root / LABELS[form].format("b")}
    assert all("b.jpg and b.png differ only in extension" in why for why in data.left_out.values())


@pytest.mark.parametrize("form", LABELS)
def test_two_images_of_one_stem_are_not_written(form: str, tmp_path: Path) -> None:
    records = [Record(encoded_images.picture(tmp_path / f"a.{ending}", (9, 9)), {}, 9, 9) for ending in ("png", "jpg")]
    write = getattr(import_module(f"ocr.formats.{form}"), f"write_{form}")
    with pytest.raises(AnnotationError, match="differs only in its extension"):
        write(records, tmp_path / "out", "val")


@pytest.mark.parametrize(
    ("form", "twin"),
    [
        ("sroie", "b.txt"),
        ("icdar2013", "GT_b.txt"),
        ("icdar2015", "GT_b.txt"),
        ("totaltext", "poly_gt_b.TXT"),
        ("cord", "b.JSON"),
    ],
)
def test_two_annotations_of_one_image_cost_no_other(form: str, twin: str, tmp_path: Path) -> None:
    root = data_set(form, tmp_path)
    own = root / LABELS[form].format("b")
    own.with_name(twin).write_bytes(own.read_bytes())
    data = read(form, root)
    assert [record.name for record in data.records] == ["a.png"]
    assert data.left_out.keys() == {own, own.with_name(twin), images(root) / "b.png"}
    assert all(twin in why and "rename or remove all but one" in why for why in data.left_out.values())
