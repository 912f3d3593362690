"""Splits and their folders in two of Unicode's normal forms: what looks the same is the same, in every program."""

import tarfile
import unicodedata
from pathlib import Path

import pytest

from flawed_data import Data, check, entry, square
from ocr.checks.folder import contents_of
from ocr.data.stored import has_split, read_split
from ocr.formats.coco import read_coco
from ocr.formats.common.writing import write_json
from ocr.formats.ufo import read_ufo
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.types import InputError

SPLITS = ("\uac80\uc99d", unicodedata.normalize("NFD", "\uac80\uc99d"))


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "data")


@pytest.mark.parametrize(("annotated", "stored"), [SPLITS, SPLITS[::-1]])
def test_a_split_and_its_folder_are_joined_by_what_they_look_like(data: Data, annotated: str, stored: str) -> None:
    data.image(stored, "a.png")
    data.annotate(annotated, {"a.png": entry(square(10, 10))})
    result = check(data.root)
    assert (result.splits, result.findings) == ([annotated], [])
    assert contents_of(data.root, [stored]).splits == [annotated]
    found = read_ufo(data.root / "jsons" / f"{annotated}.json")
    assert [record.image_path for record in found.records] == [data.root / "images" / stored / "a.png"]
    assert not found.left_out


@pytest.mark.parametrize(("annotated", "stored"), [SPLITS, SPLITS[::-1]])
def test_coco_joins_a_split_and_its_folder(tmp_path: Path, annotated: str, stored: str) -> None:
    image = Data(tmp_path / "set").image(stored, "a.png")
    words = [{"id": 1, "image_id": 1, "bbox": [1, 2, 30, 10]}]
    path = tmp_path / "set" / "annotations" / f"instances_{annotated}.json"
    write_json({"images": [{"id": 1, "file_name": "a.png"}], "annotations": words}, path)
    data = read_coco(path)
    assert [record.image_path for record in data.records] == [image]


@pytest.mark.parametrize("shards", [False, True])
@pytest.mark.parametrize(("annotated", "stored"), [SPLITS, SPLITS[::-1]])
def test_a_training_joins_a_split_and_its_folder(tmp_path: Path, annotated: str, stored: str, shards: bool) -> None:
    image = Data(tmp_path).image(stored, "a.png")
    write_json({"images": {"a.png": entry(square(10, 10))}}, tmp_path / "jsons" / f"{annotated}.json")
    if shards:
        with tarfile.open(image.with_suffix(".tar"), "w") as archive:
            archive.add(image, image.name)
        image.unlink()
    for split in SPLITS:
        assert has_split(str(tmp_path), split, is_there=Path.is_file)
        receipts = read_split(str(tmp_path), split, "word", is_there=Path.is_file, on_error=None)
        assert len(receipts.records) == 1


@pytest.mark.parametrize(("annotated", "stored"), [SPLITS, SPLITS[::-1]])
def test_an_evaluation_joins_a_split_and_its_folder(tmp_path: Path, annotated: str, stored: str) -> None:
    folder = Data(tmp_path).image(stored, "a.png").parent
    truth = str(tmp_path / "jsons" / f"{annotated}.json")
    assert images_folder(Evaluation(truth, truth, "word", [0.5])) == folder


def test_two_splits_that_look_the_same_are_told(data: Data) -> None:
    for split in SPLITS:
        data.image(split, "a.png")
        data.annotate(split, {"a.png": entry(square(10, 10))})
    with pytest.raises(InputError, match=r"look the same.*rename one"):
        check(data.root)
