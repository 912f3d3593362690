"""A whole folder: every flaw at its place, nothing hidden by another, counts that add up."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from corruptions import corrupt
from encoded_images import exif
from flawed_data import Data, check, entry, page, square
from ocr.checks.catalogue import ABOUT
from ocr.checks.duplicates import same_look, same_pixels
from ocr.checks.findings import State
from ocr.checks.folder import contents_of
from ocr.checks.kinds import Kind, Severity
from ocr.checks.result import CheckResult, state_of
from ocr.types import InputError


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "data")


def found(result: CheckResult) -> list[tuple[str, str | None, str | None]]:
    """Kind, image and word of each finding, sorted."""
    return sorted(((f.kind, f.image, f.word) for f in result.findings), key=str)


def test_every_kind_says_what_it_is_and_what_to_do() -> None:
    assert ABOUT.keys() == set(Kind)
    assert all(about.meaning and about.fix for about in ABOUT.values())


def test_a_sound_folder_is_clean(tiny_data: Path) -> None:
    result = check(tiny_data)
    assert result.findings == []
    assert {split: (t.checked, t.clean) for split, t in result.images.items()} == {
        "train": (4, 4),
        "val": (2, 2),
        "test": (2, 2),
    }
    assert (result.words["train"].checked, result.words["train"].clean) == (32, 32)
    assert (result.files.checked, result.files.clean) == (3, 3)


def test_words_without_a_line_number_are_noted_split_by_split(data: Data) -> None:
    """A training takes lines unless it is told otherwise, and refuses them."""
    for split in ("train", "val"):
        data.image(split, f"{split}.png")
    data.annotate("train", {"train.png": entry(square(10, 10), square(50, 50), line=None)})
    data.annotate("val", {"val.png": entry(square(10, 10), square(50, 50))})
    (finding,) = check(data.root).findings
    assert (finding.kind, finding.split, finding.value) == (Kind.NO_LINE_NUMBERS, "train", "2 of 2 words")
    assert finding.about.severity is Severity.NOTE


def test_each_flaw_is_found_and_hides_no_other(data: Data) -> None:
    for name in ("sound.png", "bad words.png", "swapped.png", "other.png", "empty.png", "ignored.png", "extra.png"):
        data.image("train", name)
    data.image("train", "broken.png", b"")
    data.image("train", "notes.txt", b"notes")
    cross = [[10, 10], [30, 30], [30, 10], [10, 30]]
    data.annotate(
        "train",
        {
            "sound.png": entry(square(10, 10)),
            "bad words.png": entry(square(10, 10), None, cross, square(500, 10)),
            "broken.png": entry(square(10, 10)),
            "gone.png": entry(square(10, 10), square(10, 10)),
            "../out.png": entry(square(10, 10)),
            "swapped.png": entry(square(10, 10), size=(160, 120)),
            "other.png": entry(square(10, 10), size=(120, 161)),
            "empty.png": entry(),
            "ignored.png": entry(square(10, 10), ignore=True),
            "list": [],
        },
    )
    result = check(data.root)
    assert found(result) == sorted(
        [
            (Kind.BAD_WORD, "bad words.png", "0002"),
            (Kind.CROSSES_ITSELF, "bad words.png", "0003"),
            (Kind.OUT_OF_BOUNDS, "bad words.png", "0004"),
            (Kind.EMPTY_FILE, "broken.png", None),
            (Kind.MISSING_IMAGE, "gone.png", None),
            (Kind.DUPLICATE_POLYGON, "gone.png", "0002"),
            (Kind.UNSAFE_NAME, "../out.png", None),
            (Kind.SIZE_SWAPPED, "swapped.png", None),
            (Kind.SIZE_DIFFERS, "other.png", None),
            (Kind.NO_WORDS, "empty.png", None),
            (Kind.IGNORE_ONLY, "ignored.png", None),
            (Kind.MISSING_IMAGE, "list", None),
            (Kind.BAD_ENTRY, "list", None),
            (Kind.EXTRA_IMAGE, "extra.png", None),
            (Kind.STRAY_FILE, "notes.txt", None),
        ],
        key=str,
    )
    images, words = result.images["train"], result.words["train"]
    assert (images.checked, images.clean, images.with_findings, images.unreadable) == (11, 1, 6, 4)
    assert (words.checked, words.clean, words.with_findings, words.unreadable) == (12, 8, 3, 1)


BLANK = (Kind.NO_WORDS, Kind.NO_TEXT)


@pytest.mark.parametrize(
    ("text", "kinds", "images"),
    [
        ('{"images": {"a.png": {"words": {"1": {"points": [[NaN, 1], [2, 2], [3, 3]]}}}}}',
         {Kind.NOT_STANDARD_JSON, Kind.NOT_FINITE, Kind.NO_TEXT}, 1),
        ('\ufeff{"images": {"a.png": {}}}', {*BLANK}, 1),
        ('{"images": {"a.png": {}}}'.encode("utf-16"), {*BLANK}, 1),
        ('{"images": {"a.png": {}}}'.encode("utf-32"), {*BLANK}, 1),
        ('{"images": {"a.png": {}}}'.encode("utf-16-le"), {Kind.NOT_STANDARD_JSON, *BLANK}, 1),
        ('{"images": {"a.png": {}}}'.encode("utf-16")[:-1], {Kind.ANNOTATION_UNREADABLE, Kind.EXTRA_IMAGE}, 1),
        (b'{"images": {"a.png": {"words": {"1": {"points": [[1, 1], [9, 1], [9, 9]], "transcription": "\xff"}}}}}',
         {Kind.INVALID_UTF8, Kind.LOST_CHARACTERS, Kind.NO_LINE_NUMBERS}, 1),
        ('{"images": {"a.png": {}, "a.png": {}}}', {Kind.REPEATED_IMAGE, *BLANK}, 2),
        ('{"images": {"a.png": {}, "b\\udcff.png": {}}}',
         {Kind.NOT_STANDARD_JSON, *BLANK, Kind.MISSING_IMAGE}, 2),
        ('{"images": {"a.png": {"img_w": 0}}}', {Kind.BAD_ENTRY, Kind.NO_TEXT}, 1),
        ('{"images": {"a.png": {"words": 7}}}', {Kind.BAD_ENTRY, Kind.NO_TEXT}, 1),
        ("", {Kind.ANNOTATION_UNREADABLE, Kind.EXTRA_IMAGE}, 1),
        ("[]", {Kind.ANNOTATION_UNREADABLE, Kind.EXTRA_IMAGE}, 1),
        ('{"images": {}}', {Kind.ANNOTATION_UNREADABLE, Kind.EXTRA_IMAGE}, 1),
        ('{"images": {"a.png": {"words": ' + "[" * 9999 + "]" * 9999 + "}}}",
         {Kind.ANNOTATION_UNREADABLE, Kind.EXTRA_IMAGE}, 1),
    ],
)  # fmt: skip
def test_a_file_that_only_lenient_readers_take_is_read_and_told(
    data: Data, text: str | bytes, kinds: set[Kind], images: int
) -> None:
    data.image("train", "a.png")
    data.annotate("train", text)
    result = check(data.root)
    assert {finding.kind for finding in result.findings} == kinds
    assert result.images["train"].checked == images


def test_images_without_an_annotation_file_are_told(data: Data) -> None:
    data.image("train", "a.png")
    assert found(check(data.root)) == [(Kind.EXTRA_IMAGE, "a.png", None), (Kind.NO_ANNOTATION_FILE, None, None)]


def test_an_annotation_that_is_a_link_out_of_the_folder_is_not_read(data: Data, tmp_path: Path) -> None:
    data.image("train", "a.png")
    data.annotate("train", {"a.png": entry(square(10, 10))})
    (data.root / "jsons" / "train.json").rename(tmp_path / "elsewhere.json")
    (data.root / "jsons" / "train.json").symlink_to(tmp_path / "elsewhere.json")
    result = check(data.root)
    assert found(result) == [(Kind.EXTRA_IMAGE, "a.png", None), (Kind.OUTSIDE_LINK, None, None)]
    assert (result.files.checked, result.files.unreadable) == (1, 1)
    assert contents_of(data.root, follow_links=True).findings == []


def test_tar_shards_are_refused_and_can_be_left_out(data: Data) -> None:
    """Every image would be said to be missing."""
    data.image("train", "0.tar", b"")
    data.annotate("train", {"a.png": entry()})
    data.image("val", "a.png")
    with pytest.raises(InputError, match=r"images/train holds tar shards, .*; unpack .* splits="):
        contents_of(data.root)
    assert contents_of(data.root, ["val"]).splits == ["val"]


def test_copies_are_told_once_and_the_measuring_split_keeps_its_own(data: Data) -> None:
    for split, names in {"train": ["a.png", "b.png", "c.png"], "val": ["v.png"], "test": ["t.png"]}.items():
        for name in names:
            data.image(split, name, page(1) if name != "c.png" else page(2))
        data.annotate(split, {name: entry(square(10, 10)) for name in names})
    again = cv2.cvtColor(page(2), cv2.COLOR_RGB2BGR)
    data.image("val", "near.jpg", cv2.imencode(".jpg", again, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes())
    data.annotate("val", {name: entry(square(10, 10)) for name in ("v.png", "near.jpg")})
    result = check(data.root)
    assert {(f.split, f.image, f.kind, f.value.split(",")[0]) for f in result.findings} == {
        ("train", "a.png", Kind.DUPLICATE_ACROSS_SPLITS, "as test/t.png"),
        ("train", "b.png", Kind.DUPLICATE_ACROSS_SPLITS, "as test/t.png"),
        ("val", "v.png", Kind.DUPLICATE_ACROSS_SPLITS, "as test/t.png"),
        ("val", "near.jpg", Kind.NEAR_DUPLICATE, "like train/c.png"),
    }


def test_an_image_that_is_left_out_anyway_does_not_drive_out_its_copy() -> None:
    assert same_pixels([b"x", b"x"], ["test", "train"], [False, True]) == {0: 1}
    assert same_pixels([b"x", b"x", b"", b""], ["train", "test", "a", "b"], [True] * 4) == {0: 1}


def test_looks_are_compared_to_16_bits() -> None:
    look = bytes(range(32))
    near, far = bytes([0xFF, 0xFE, *look[2:]]), bytes([0xFF, 0xFF, 0xFF, *look[3:]])
    assert same_look([look, b"", near, far]) == {2: (0, 16), 3: (2, 8)}
    assert same_look([look, far]) == {}


def test_without_a_size_sideways_polygons_show_the_wrong_frame(data: Data) -> None:
    path = data.root / "images" / "train" / "turned.jpg"
    path.parent.mkdir(parents=True)
    Image.fromarray(page(1)).save(path, exif=exif(6))  # upright 160 x 120
    data.annotate("train", {"turned.jpg": {"words": {"1": {"points": square(10, 130), "line": 1}}}})
    assert Kind.SIZE_SWAPPED in {finding.kind for finding in check(data.root).findings}
    data.annotate("train", {"turned.jpg": {"words": {"1": {"points": square(130, 10), "line": 1}}}})
    assert {finding.kind for finding in check(data.root).findings} == {Kind.EXIF_ROTATED}


@pytest.mark.parametrize("seed", range(12))
def test_of_any_corrupted_folder_nothing_is_lost(tiny_data: Path, tmp_path: Path, seed: int) -> None:
    """The harness of `make fuzz` does this thousands of times, and more."""
    root = tmp_path / "data"
    shutil.copytree(tiny_data, root)
    corrupt(root, np.random.default_rng(seed))
    result = check(root)
    for split, tally in result.images.items():
        entries = [entry for entry in result.entries if entry.task.split == split]
        states = [state_of(entry) for entry in entries]
        assert tally.checked == len(entries) == sum(map(states.count, State))
        assert [tally.clean, tally.with_findings, tally.unreadable] == [states.count(state) for state in State]
    result.write(tmp_path / "report.json", {})
    written: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert len(written["findings"]) == sum(written["severities"].values())
    assert sum(kind["count"] for kind in written["kinds"].values()) == len(written["findings"])


def test_statistics_are_those_of_the_words_and_images(data: Data) -> None:
    for name in ("a.png", "b.png"):
        data.image("train", name)
    data.annotate("train", {"a.png": entry(square(10, 10, 10), square(40, 40, 30)), "b.png": entry(square(1, 1, 20))})
    figures = check(data.root).statistics()["train"]
    assert figures["words"] == 3
    assert figures["words_an_image"]["p50"] == 1.5
    assert [figures["text_height"][f"p{share}"] for share in (0, 50, 100)] == [10, 20, 30]
    assert figures["width"]["p50"] == 120
    assert figures["formats"] == {"PNG": 2}


@pytest.mark.parametrize(
    ("splits", "message"), [(None, "holds neither"), (["vall"], "splits=vall: not in .*; there are train")]
)
def test_what_is_no_data_folder_is_refused(data: Data, splits: list[str] | None, message: str) -> None:
    data.root.mkdir()
    if splits:
        data.annotate("train", {})
    with pytest.raises(InputError, match=message):
        contents_of(data.root, splits)
    with pytest.raises(InputError, match="no such folder"):
        contents_of(data.root / "gone")


def test_severities_are_counted(data: Data) -> None:
    data.image("train", "a.png")
    data.image("train", "b.png")
    data.annotate("train", {"a.png": entry(), "gone.png": entry(square(1, 1))})
    assert check(data.root).severities == {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 0}
