"""Parts of a prediction: which images each takes, and what becomes of them together."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.formats.native_writing import write_predictions
from ocr.formats.submission import write_submission
from ocr.pipeline.shards import Shard, merge_shards
from ocr.types import Detection, InputError

NAMES = ["-rf.jpg", "=1+1.jpg", "'=1.jpg", "a.jpg", "a/b.jpg", "a-b.jpg", 'quoted "name", with a comma.jpg', "z\n.jpg"]


@given(count=st.integers(1, 9), length=st.integers(0, 40))
def test_each_image_is_in_one_part(count: int, length: int) -> None:
    items = {f"{number:03d}": number for number in range(length)}
    parts = [Shard(number, count).take(items) for number in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == list(items)
    assert {name: value for part in parts for name, value in part.items()} == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        (None, {}, None),
        ("2/8", {"RANK": "0", "WORLD_SIZE": "4"}, Shard(2, 8)),
        ("auto", {"RANK": "0", "WORLD_SIZE": "4"}, Shard(1, 4)),
        ("auto", {"SLURM_PROCID": "3", "SLURM_NTASKS": "4"}, Shard(4, 4)),
    ],
)
def test_the_part_comes_from_the_user_or_the_launcher(
    text: str | None, environment: dict[str, str], expected: Shard | None
) -> None:
    assert Shard.of(text, environment) == expected


@pytest.mark.parametrize(
    "text", ["0/8", "9/8", "2", "2/0", "-1/8", "a/b", "auto", "1/3000000000", "1/100001", "1.0/2", ""]
)
def test_a_part_that_is_none_is_told(text: str) -> None:
    with pytest.raises(InputError, match=f"shard={text}"):
        Shard.of(text, {})


def found(name: str) -> tuple[tuple[int, int], list[Detection]]:
    """Something else for each image."""
    left = len(name) / 3
    return (90, 80), [Detection(np.array([[left, 5], [50, 5], [50, 20], [left, 20]], np.float32), 0.987654)]


def write_parts(folder: Path, count: int, settings: str = "same") -> None:
    folder.mkdir(exist_ok=True)
    predictions = {name: found(name) for name in sorted(NAMES, key=Path)}
    for number in range(1, count + 1):
        shard = Shard(number, count)
        path, part = shard.path(folder), shard.take(predictions)
        write_predictions(part, path, shard={"number": number, "count": count, "settings": settings})
        write_submission({name: regions for name, (_, regions) in part.items()}, path.with_suffix(".csv"))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_parts_together_are_the_whole_byte_for_byte(tmp_path: Path, count: int) -> None:
    predictions = {name: found(name) for name in sorted(NAMES, key=Path)}
    write_predictions(predictions, tmp_path / "whole.json")
    write_submission({name: regions for name, (_, regions) in predictions.items()}, tmp_path / "whole.csv")
    write_parts(tmp_path / "parts", count)
    assert merge_shards(tmp_path / "parts", tmp_path / "merged.json", submission=True) == len(NAMES)
    for ending in ("json", "csv"):
        assert (tmp_path / f"merged.{ending}").read_bytes() == (tmp_path / f"whole.{ending}").read_bytes()


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    write_parts(tmp_path, 12)
    for number in (3, 11):
        Shard(number, 12).path(tmp_path).unlink()
    with pytest.raises(InputError, match=r"2 of 12 shards missing; .* shard=3/12 shard=11/12$"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
    assert not (tmp_path / "merged.json").exists()


def test_what_does_not_belong_together_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no predictions"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
    write_parts(tmp_path, 2)
    Shard(2, 2).path(tmp_path).with_suffix(".csv").unlink()
    with pytest.raises(InputError, match=r"002-of-002.csv: is missing"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=True)
    shard = {"number": 2, "count": 2, "settings": "other"}
    write_predictions({"a.jpg": found("a.jpg")}, Shard(2, 2).path(tmp_path), shard=shard)
    with pytest.raises(InputError, match="not made from the same images"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
    write_parts(tmp_path, 3)
    with pytest.raises(InputError, match="shards of 2 and of 3"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
    Shard(1, 2).path(tmp_path).write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"001-of-002.json: is not a shard"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"count": 3_000_000_000}, "Expected `int` <= 100000"),
        ({"count": 10**400}, "is not a shard"),
        ({"count": 0}, "Expected `int` >= 1"),
        ({"count": -1}, "Expected `int` >= 1"),
        ({"count": True}, "Expected `int`, got `bool`"),
        ({"count": "2"}, "Expected `int`, got `str`"),
        ({"count": [2]}, "Expected `int`, got `array`"),
        ({"count": None}, "Expected `int`, got `null`"),
        ({"count": 1e308}, "Expected `int`"),
        ({"number": 2}, r"according to its content it is predictions-002-of-002\.json"),
        ({"number": 0}, "Expected `int` >= 1"),
        ({"number": -3_000_000_000}, "Expected `int` >= 1"),
        ({"settings": "x" * 1_000_000}, "Expected `str` of length <= 64"),
        ({"settings": {"a": 1}}, "Expected `str`"),
    ],
)
def test_a_part_that_says_something_else_of_itself_is_told(tmp_path: Path, said: dict[str, Any], reason: str) -> None:
    write_parts(tmp_path, 2)
    stamp = {"number": 1, "count": 2, "settings": "same", **said}
    content = json.dumps({"images": {"a.jpg": {"words": {}}}, "shard": stamp})
    Shard(1, 2).path(tmp_path).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=rf"predictions-001-of-002\.json: .*{reason}"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ({"../../etc/x.jpg": {"words": {}}}, r"image '\.\./\.\./etc/x\.jpg': the name"),
        ({"": {"words": {}}}, "image '': "),
        ({"a.jpg": 5}, "image 'a.jpg': Expected `object`"),
        ({"a.jpg": {"words": {"1": {"points": [[0, 0]]}}}}, "word '1': points has 1 points"),
    ],
)
def test_a_part_with_an_image_that_nothing_can_read_is_told(tmp_path: Path, images: Any, reason: str) -> None:
    stamp = {"number": 1, "count": 1, "settings": "x"}
    part = tmp_path / "predictions-001-of-001.json"
    part.write_text(json.dumps({"images": images, "shard": stamp}), encoding="utf-8")
    with pytest.raises(InputError, match=rf"predictions-001-of-001\.json: {reason}|{reason}"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
    assert not (tmp_path / "merged.json").exists()


def test_many_missing_parts_are_counted(tmp_path: Path) -> None:
    write_parts(tmp_path, 1)
    shard = {"number": 1, "count": 100_000, "settings": "same"}
    Shard(1, 1).path(tmp_path).unlink()
    write_predictions({}, Shard(1, 100_000).path(tmp_path), shard=shard)
    with pytest.raises(InputError, match=r"99999 of 100000 shards missing; .* shard=21/100000 and 99979 more$"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)


def test_an_image_in_two_parts_is_told(tmp_path: Path) -> None:
    write_parts(tmp_path, 2)
    for number in (1, 2):
        shard = {"number": number, "count": 2, "settings": "same"}
        write_predictions({"a.jpg": found("a.jpg")}, Shard(number, 2).path(tmp_path), shard=shard)
    with pytest.raises(InputError, match=r"002-of-002\.json: image 'a\.jpg' is in another shard too"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_nobody_waits_for_a_pipe(tmp_path: Path, ending: str) -> None:
    write_parts(tmp_path, 2)
    pipe = Shard(2, 2).path(tmp_path).with_suffix(ending)
    pipe.unlink()
    os.mkfifo(pipe)
    with pytest.raises(InputError, match=rf"002-of-002\{ending}: (cannot be read|is missing)"):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=True)


def test_parts_of_long_lists_are_merged(tmp_path: Path) -> None:
    regions = [Detection(np.array([[1, 5], [50, 5], [50, 20], [1, 20]], np.float32), 0.9)] * 10_000
    shard = {"number": 1, "count": 1, "settings": "same"}
    write_predictions({"a.jpg": ((90, 80), regions)}, Shard(1, 1).path(tmp_path), shard=shard)
    write_submission({"a.jpg": regions}, Shard(1, 1).path(tmp_path).with_suffix(".csv"))
    assert merge_shards(tmp_path, tmp_path / "merged.json", submission=True) == 1
    part = Shard(1, 1).path(tmp_path).with_suffix(".csv")
    assert (tmp_path / "merged.csv").read_bytes() == part.read_bytes()


def test_json_inside_each_other_is_told(tmp_path: Path) -> None:
    path = Shard(1, 1).path(tmp_path)
    deep = "[" * 100_000 + "]" * 100_000
    path.write_text(f'{{"images": {{"a.jpg": {deep}}}, "shard": {{"number": 1, "count": 1, "settings": "x"}}}}')
    with pytest.raises(InputError, match=r"001-of-001\.json: "):
        merge_shards(tmp_path, tmp_path / "merged.json", submission=False)
