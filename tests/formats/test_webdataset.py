"""Shards as they are written: what lies in them, and what cannot be written."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from ocr.formats.common.base import AnnotationError
from ocr.formats.native import mapped, read_entry
from ocr.formats.webdataset import key_of, shard_images, write_webdataset
from ocr.types import Record, Word

SQUARE = np.array([[1, 1], [9, 1], [9, 5], [1, 5]], np.float32)


def record(path: Path, **changes: object) -> Record:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())
    words = {"0001": Word(SQUARE, "합계", False, 3), "x": Word(SQUARE + 2, None, True)}
    return Record(path, words, **{"width": 20, "height": 10, **changes})  # type: ignore[arg-type]


def test_shards_hold_each_image_and_its_entry_of_the_native_format(tmp_path: Path) -> None:
    records = [record(tmp_path / name) for name in ("b.jpg", "a.page.png", "한글.JPG")]
    assert write_webdataset(records, tmp_path / "out", "train", images_per_shard=2) == []
    shards = sorted((tmp_path / "out" / "train").iterdir())
    assert [shard.name for shard in shards] == ["train-000000.tar", "train-000001.tar"]
    with tarfile.open(shards[0]) as archive:
        assert archive.getnames() == ["b.jpg", "b.json", "a.page.png", "a.page.json"]
        entry = archive.extractfile("b.json")
        assert entry is not None
        assert json.loads(entry.read()) == {
            "img_w": 20,
            "img_h": 10,
            "words": {
                "0001": {
                    "points": [[1, 1], [9, 1], [9, 5], [1, 5]],
                    "transcription": "합계",
                    "ignore": False,
                    "line": 3,
                },
                "x": {"points": [[3, 3], [11, 3], [11, 7], [3, 7]], "transcription": None, "ignore": True},
            },
        }


def test_members_are_found_where_their_bytes_lie(tmp_path: Path) -> None:
    records = [record(tmp_path / name) for name in ("b.jpg", f"{'long' * 40}.png", "한글.JPG")]
    write_webdataset(records, tmp_path / "out", "train")
    content = mapped(tmp_path / "out" / "train" / "train-000000.tar")
    found = list(shard_images(content, "x.tar"))
    assert [image.image.name for image in found] == [each.name for each in records]
    for each, original in zip(found, records, strict=True):
        assert content[each.image.offset :][: each.image.size] == original.name.encode()
        assert each.entry is not None
        read = read_entry(each.image.name, content[each.entry.offset :][: each.entry.size], "x", tmp_path)
        assert (read.image_path, read.width, read.height) == (original.image_path, 20, 10)
        assert read.words.keys() == original.words.keys()


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    records = [record(tmp_path / "a.jpg"), record(tmp_path / "b.jpg")]
    for output in ("one", "two"):
        write_webdataset(records, tmp_path / output, "train")
    one, two = (tmp_path / output / "train" / "train-000000.tar" for output in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("name", "key"), [("a.jpg", "a"), ("a/b.c/d.seg.png", "a/b.c/d"), ("./a.jpg", "a"), ("a", "a")]
)
def test_a_key_ends_at_the_first_dot_of_the_file_s_name(name: str, key: str) -> None:
    assert key_of(name) == key


@pytest.mark.parametrize("names", [("a.1.jpg", "a.2.jpg"), ("x/a.jpg", "y/a.jpg"), (".a.jpg",)])
def test_images_of_one_key_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(AnnotationError, match=r"its key in a shard.*rename one of them"):
        write_webdataset([record(tmp_path / name) for name in names], tmp_path / "out", "train")
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_written_leaves_no_shard(tmp_path: Path) -> None:
    good, missing = record(tmp_path / "a.jpg"), record(tmp_path / "b.jpg")
    missing.image_path.unlink()
    for bad, problem in ((missing, r"b\.jpg: cannot be read"), (record(tmp_path / "c.jpg", width=None), "no width")):
        with pytest.raises(AnnotationError, match=problem):
            write_webdataset([good, bad], tmp_path / "out", "train")
        assert list((tmp_path / "out" / "train").iterdir()) == []
    write_webdataset([good], tmp_path / "out", "train")
    with pytest.raises(AnnotationError, match="is not empty"):
        write_webdataset([good], tmp_path / "out", "train")
