"""Repairs: what is safe is repaired, everything is listed, and what is written has no error left."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from corruptions import corrupt
from encoded_images import exif
from flawed_data import Data, check, entry, page, square
from ocr.checks.kinds import Kind, Severity
from ocr.checks.repair import Change
from ocr.checks.repair_folder import check_output, repair_folder
from ocr.formats.native import read_native
from ocr.types import InputError, Record


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "data")


def repaired(root: Path, output: Path) -> dict[str, list[Change]]:
    """Repair here, without processes."""

    def work(function: Any, items: Sequence[Any]) -> Iterable[Any]:
        return map(function, items)

    return repair_folder(check(root), check_output(output, root), work)


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
    assert repaired(tiny_data, tmp_path / "out") == {"train": [], "val": [], "test": []}
    for path in tiny_data.glob("*/*/*"):
        assert (tmp_path / "out" / path.relative_to(tiny_data)).read_bytes() == path.read_bytes()
    for path in tiny_data.glob("jsons/*"):
        assert (tmp_path / "out" / "jsons" / path.name).read_bytes() == path.read_bytes()


def test_words_are_repaired_as_far_as_is_safe(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    image = entry(square(10, 10), square(110, 10), square(40, 40)[::-1], square(10, 10), square(200, 10), None)
    image["words"]["0001"] |= {"transcription": "CafÃ©\t", "tags": ["x"]}
    image["words"]["0007"] = {"points": [[60, 60], [90, 90], [90, 60], [60, 90]]}
    image["words"]["0008"] = {"points": np.random.default_rng(0).uniform(10, 90, (200, 2)).tolist()}
    image["language"] = "fr"
    del image["img_w"]
    data.annotate("train", {"a.png": image})
    changes = repaired(data.root, tmp_path / "out")["train"]
    assert told(changes) == {
        ("size corrected", "a.png", None),
        ("text repaired", "a.png", "0001"),
        ("polygon clipped", "a.png", "0002"),
        ("points ordered", "a.png", "0003"),
        ("word left out", "a.png", "0004"),  # a copy of the first
        ("word left out", "a.png", "0005"),  # outside
        ("word left out", "a.png", "0006"),  # no points
        ("word left out", "a.png", "0008"),  # thousands of crossings
        ("polygon made simple", "a.png", "0007"),
        ("key left out", "language", None),
        ("key left out", "words.tags", None),
    }
    words = read(tmp_path / "out")["a.png"].words
    assert list(words) == ["0001", "0002", "0003", "0007"]
    assert words["0001"].transcription == "Café"
    assert words["0002"].points_N2.tolist() == [[110, 10], [120, 10], [120, 30], [110, 30]]
    assert words["0003"].points_N2.tolist() == square(40, 40)


def test_labels_and_values_are_kept(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    image = entry(square(10, 10), square(50, 10), square(90, 10)[::-1], transcription="9.00")
    image["words"]["0002"] |= {"field": "menu.price", "item": 2}
    image["words"]["0003"] |= {"field": "total"}
    data.annotate("train", {"a.png": {**image, "fields": {"total": "8.00"}}})
    assert told(repaired(data.root, tmp_path / "out")["train"]) == {("points ordered", "a.png", "0003")}
    record = read(tmp_path / "out")["a.png"]
    assert [(word.field, word.item) for word in record.words.values()] == [
        (None, None),
        ("menu.price", 2),
        ("total", None),
    ]
    assert record.fields == {"total": "8.00"}


def test_images_are_stored_as_they_are_read(data: Data, tmp_path: Path) -> None:
    folder = data.root / "images" / "train"
    folder.mkdir(parents=True)
    Image.fromarray(page(1)).save(folder / "turned.jpg", exif=exif(6), quality=95)
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
    changes = repaired(data.root, tmp_path / "out")["train"]
    assert told(changes) == {
        ("image re-encoded", "turned.jpg", None),
        ("size corrected", "turned.jpg", None),
        ("polygons turned", "turned.jpg", None),
        ("image re-encoded", "inks.jpg", None),
        ("image re-encoded", "moving.gif", None),
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
    changes = repaired(data.root, tmp_path / "out")
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
def test_what_is_repaired_has_no_error_left(tiny_data: Path, tmp_path: Path, seed: int) -> None:
    root, output = tmp_path / "data", tmp_path / "out"
    shutil.copytree(tiny_data, root)
    corrupt(root, np.random.default_rng(seed))
    before = state(root)
    changes = repaired(root, output)
    result = check(output)
    errors = {finding.kind for finding in result.findings if finding.about.severity is Severity.ERROR}
    assert errors <= {Kind.NO_TEXT}  # no word may be left
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
        repaired(data.root, tmp_path / "out")
    assert not (tmp_path / "out").exists()


SHARES = [[[0.1, 0.2], [0.5, 0.2], [0.5, 0.25], [0.1, 0.25]], [[0.1, 0.5], [0.9, 0.5], [0.9, 0.55], [0.1, 0.55]]]


@pytest.mark.parametrize("count", [1, 2])
def test_shares_of_the_sides_are_an_error_and_become_pixels(data: Data, tmp_path: Path, count: int) -> None:
    data.image("train", "pixels.png")
    data.image("train", "shares.png")
    data.annotate("train", {"pixels.png": entry(square(10, 10)), "shares.png": entry(*SHARES[:count])})
    (finding,) = check(data.root).findings
    assert (finding.kind, finding.image, finding.word) == (Kind.RELATIVE, "shares.png", None)
    assert f"{count} words, such as [[0.1, 0.2]" in finding.value
    changes = repaired(data.root, tmp_path / "out")
    assert ("polygons scaled", "shares.png", None) in told(changes["train"])
    words = read(tmp_path / "out")["shares.png"].words
    expected = (np.array(SHARES[:count], np.float32) * np.float32([120, 160])).tolist()
    assert [word.points_N2.tolist() for word in words.values()] == expected
    assert not check(tmp_path / "out").findings


def test_one_word_in_shares_among_pixels_is_left_out(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    data.annotate("train", {"a.png": entry(square(10, 10), SHARES[0])})
    assert (Kind.RELATIVE, "0002") in {(finding.kind, finding.word) for finding in check(data.root).findings}
    repaired(data.root, tmp_path / "out")
    assert list(read(tmp_path / "out")["a.png"].words) == ["0001"]


@pytest.mark.parametrize(
    ("size", "polygons", "suspected"),
    [
        ((1000, 1400), [[[10, 10], [90, 10], [90, 14], [10, 14]]], True),  # far apart
        ((1000, 1400), [square(10, 10, 8), square(30, 10, 8), square(20, 30, 8)], True),  # several
        ((1000, 1400), [square(10, 10, 20)], False),  # one small word in the corner
        ((1000, 1400), [square(10, 10, 8), square(30, 10, 8), square(20, 300, 8)], False),
        ((250, 1400), [[[10, 10], [90, 10], [90, 14], [10, 14]]], False),  # a small image
        ((3000, 4200), [[[100, 100], [900, 100], [900, 140], [100, 140]]], True),  # per mille
        ((2000, 4200), [[[100, 100], [900, 100], [900, 140], [100, 140]]], False),
    ],
)
def test_per_cent_and_per_mille_are_suspected(
    data: Data, size: tuple[int, int], polygons: list[Any], suspected: bool
) -> None:
    data.image("train", "a.png", page(1, *size))
    data.annotate("train", {"a.png": entry(*polygons, size=size)})
    kinds = [finding.kind for finding in check(data.root, pixels=10**8).findings if finding.word is None]
    assert kinds == [Kind.OTHER_SCALE] * suspected


def test_an_ignored_region_around_words_is_left_out(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    words = entry(square(10, 10), square(60, 60), square(5, 5, 90), square(90, 120))
    words["words"]["0003"]["ignore"] = words["words"]["0004"]["ignore"] = True
    data.annotate("train", {"a.png": words})
    findings = [(f.kind, f.word) for f in check(data.root).findings]
    assert findings == [(Kind.IN_IGNORED, "0001"), (Kind.IN_IGNORED, "0002")]
    changes = repaired(data.root, tmp_path / "out")
    assert [(c.what, c.word, c.value) for c in changes["train"]] == [
        ("ignored region left out", "0003", "words lie in it: 0001, 0002")
    ]
    assert list(read(tmp_path / "out")["a.png"].words) == ["0001", "0002", "0004"]
    assert not check(tmp_path / "out").findings


def test_a_split_without_text_is_told_before_and_after(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    data.annotate("train", {"a.png": entry(square(10, 10), ignore=True)})
    finding = next(f for f in check(data.root).findings if f.kind is Kind.NO_TEXT)
    assert (finding.split, finding.image, finding.value) == ("train", None, "1 images, no word to find, 1 ignored")
    changes = repaired(data.root, tmp_path / "out")
    assert ("split without text", "train", None) in told(changes["train"])
