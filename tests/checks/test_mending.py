"""Repairs: what is safe is mended, everything is told, and what is written has no error left."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from corruptions import corrupt
from flawed_data import Data, check, entry, page, square
from ocr.checks.kinds import Severity
from ocr.checks.mending import check_output, mend_folder
from ocr.checks.repair import Change
from ocr.formats.native import read_native
from ocr.types import InputError, Record


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "data")


def mend(root: Path, output: Path) -> dict[str, list[Change]]:
    """Repair here, without processes."""

    def work(function: Any, items: Sequence[Any]) -> Iterable[Any]:
        return map(function, items)

    return mend_folder(check(root), check_output(output, root), work)


def told(changes: list[Change]) -> set[tuple[str, str, str | None]]:
    return {(change.what, change.image, change.word) for change in changes}


def read(output: Path, split: str = "train") -> dict[str, Record]:
    records = read_native(output / "jsons" / f"{split}.json", output / "images" / split)
    return {record.name: record for record in records}


def state(root: Path) -> dict[Path, tuple[int, int, int]]:
    """Kind, size and time of all that is below a folder."""
    found = {path: path.lstat() for path in root.rglob("*")}
    return {path: (about.st_mode, about.st_size, about.st_mtime_ns) for path, about in found.items()}


def test_a_sound_folder_is_copied(tiny_data: Path, tmp_path: Path) -> None:
    assert mend(tiny_data, tmp_path / "out") == {"train": [], "val": [], "test": []}
    for path in tiny_data.glob("*/*/*"):
        assert (tmp_path / "out" / path.relative_to(tiny_data)).read_bytes() == path.read_bytes()
    for path in tiny_data.glob("jsons/*"):
        assert (tmp_path / "out" / "jsons" / path.name).read_bytes() == path.read_bytes()


def test_words_are_mended_as_far_as_is_safe(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    image = entry(square(10, 10), square(110, 10), square(40, 40)[::-1], square(10, 10), square(200, 10), None)
    image["words"]["0001"] |= {"transcription": "CafÃ©\t", "tags": ["x"]}
    image["words"]["0007"] = {"points": [[60, 60], [90, 90], [90, 60], [60, 90]]}
    image["language"] = "fr"
    del image["img_w"]
    data.annotate("train", {"a.png": image})
    changes = mend(data.root, tmp_path / "out")["train"]
    assert told(changes) == {
        ("size corrected", "a.png", None),
        ("text mended", "a.png", "0001"),
        ("polygon clipped", "a.png", "0002"),
        ("points ordered", "a.png", "0003"),
        ("word left out", "a.png", "0004"),  # a copy of the first
        ("word left out", "a.png", "0005"),  # outside
        ("word left out", "a.png", "0006"),  # no points
        ("polygon made simple", "a.png", "0007"),
        ("key left out", "language", None),
        ("key left out", "words.tags", None),
    }
    words = read(tmp_path / "out")["a.png"].words
    assert list(words) == ["0001", "0002", "0003", "0007"]
    assert words["0001"].transcription == "Café"
    assert words["0002"].points_N2.tolist() == [[110, 10], [120, 10], [120, 30], [110, 30]]
    assert words["0003"].points_N2.tolist() == square(40, 40)


def test_images_are_stored_as_they_are_read(data: Data, tmp_path: Path) -> None:
    folder = data.root / "images" / "train"
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(page(1)).save(folder / "turned.jpg", exif=exif, quality=95)
    Image.fromarray(page(2)).convert("CMYK").save(folder / "inks.jpg")
    Image.fromarray(page(3)).save(folder / "moving.gif", save_all=True, append_images=[Image.fromarray(page(4))])
    Image.fromarray(page(5)).save(folder / "named.png", "JPEG")
    Image.fromarray(page(6)).save(folder / "scan.001", "PNG")
    Image.fromarray(page(7)).save(folder / "scan.png")
    data.annotate(
        "train",
        {
            "turned.jpg": entry(square(30, 5), size=(120, 160)),  # annotated before it was turned
            **{name: entry(square(10, 10)) for name in ("inks.jpg", "moving.gif", "named.png", "scan.001", "scan.png")},
        },
    )
    changes = mend(data.root, tmp_path / "out")["train"]
    assert told(changes) == {
        ("image encoded anew", "turned.jpg", None),
        ("size corrected", "turned.jpg", None),
        ("polygons turned", "turned.jpg", None),
        ("image encoded anew", "inks.jpg", None),
        ("image encoded anew", "moving.gif", None),
        ("image renamed", "moving.gif", None),
        ("image renamed", "named.png", None),
        ("image renamed", "scan.001", None),
    }
    records = read(tmp_path / "out")
    assert sorted(records) == ["inks.jpg", "moving.png", "named.jpg", "scan.001.png", "scan.png", "turned.jpg"]
    turned = records["turned.jpg"]
    assert (turned.width, turned.height) == (160, 120)
    # Turned by a quarter to the right: x' = 160 - y, y' = x.
    assert turned.words["0001"].points_N2.tolist() == [[135, 30], [155, 30], [155, 50], [135, 50]]
    for name in ("turned.jpg", "inks.jpg"):
        before, after = (cv2.imread(str(root / name)) for root in (folder, tmp_path / "out/images/train"))
        assert np.abs(before.astype(int) - after).mean() < 2


def test_of_copies_one_is_kept_and_what_cannot_be_used_is_left_out(data: Data, tmp_path: Path) -> None:
    data.image("train", "copy.png", page(1))
    data.image("train", "kept.png", page(2))
    data.image("train", "again.png", page(2))
    data.image("train", "broken.png", b"")
    data.image("train", "extra.png")
    data.image("train", "sideways.png", page(3))
    data.image("val", "val.png", page(1))
    names = ("copy.png", "kept.png", "again.png", "broken.png", "gone.png")
    data.annotate(
        "train",
        {**{n: entry(square(10, 10)) for n in names}, "sideways.png": entry(square(10, 10), size=(160, 120))},
    )
    data.annotate("val", {"val.png": entry(square(10, 10))})
    data.annotate("other", "[]")
    changes = mend(data.root, tmp_path / "out")
    left_out = {change.image: change.value for change in changes["train"]}
    assert left_out == {
        "copy.png": "duplicate-across-splits",
        "again.png": "duplicate-in-split",
        "broken.png": "empty-file",
        "gone.png": "missing-image",
        "extra.png": "extra-image",
        "sideways.png": "size-swapped",
    }
    assert [change.what for change in changes["other"]] == ["file left out"]
    assert sorted(read(tmp_path / "out")) == ["kept.png"]
    assert sorted(read(tmp_path / "out", "val")) == ["val.png"]
    assert not (tmp_path / "out" / "jsons" / "other.json").exists()


@pytest.mark.parametrize("seed", range(100, 125))
def test_what_is_mended_has_no_error_left(tiny_data: Path, tmp_path: Path, seed: int) -> None:
    root, output = tmp_path / "data", tmp_path / "out"
    shutil.copytree(tiny_data, root)
    corrupt(root, np.random.default_rng(seed))
    before = state(root)
    changes = mend(root, output)
    result = check(output)
    assert result.severities[Severity.ERROR] == 0
    assert state(root) == before
    for split, each in changes.items():  # every image is there or said to be left out
        planned = sum(entry.task.split == split for entry in check(root).entries)
        written = len(read(output, split)) if (output / "jsons" / f"{split}.json").exists() else 0
        assert planned == written + sum(change.what == "image left out" for change in each)


def test_nothing_is_written_in_place_or_over_anything(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png", b"")
    data.annotate("train", {"a.png": entry(square(10, 10))})
    with pytest.raises(InputError, match="name it with output="):
        check_output(None, data.root)
    with pytest.raises(InputError, match="exists"):
        check_output(data.root, data.root)
    with pytest.raises(InputError, match="lies in input="):
        check_output(data.root / "out", data.root)
    with pytest.raises(InputError, match="no image can be kept"):
        mend(data.root, tmp_path / "out")
    assert not (tmp_path / "out").exists()
