import json
from pathlib import Path

import pytest

from ocr.utils.data_pointer import damaged_objects, holds, listed, stored
from ocr.utils.digest import directory_digest, directory_entries

FILES = {"images/a.jpg": "one", "images/b.jpg": "two"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(text, encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def cache(root: Path) -> Path:
    """A cache as DVC leaves it."""
    folder = root.parent / "cache"
    entries = directory_entries(root)
    listing = json.dumps([{"md5": md5, "relpath": name} for name, md5 in entries.items()])
    for path, text in {
        stored(folder, directory_digest(root)): listing,
        **{stored(folder, md5): FILES[name] for name, md5 in entries.items()},
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_whole_cache_holds_the_folder_undamaged(root: Path, cache: Path) -> None:
    assert holds(cache, directory_digest(root))
    assert list(damaged_objects(cache, directory_digest(root))) == []


def test_a_missing_object_is_missing_and_not_damaged(root: Path, cache: Path) -> None:
    stored(cache, directory_entries(root)["images/b.jpg"]).unlink()
    assert not holds(cache, directory_digest(root))
    assert list(damaged_objects(cache, directory_digest(root))) == []


@pytest.mark.parametrize("text", ["twO", "", "two "])
def test_a_damaged_object_is_named_with_its_file(root: Path, cache: Path, text: str) -> None:
    path = stored(cache, directory_entries(root)["images/b.jpg"])
    path.write_text(text, encoding="utf-8")
    assert list(damaged_objects(cache, directory_digest(root))) == [(path, "images/b.jpg")]


@pytest.mark.parametrize("text", ["[]", "", "["])
def test_a_damaged_list_is_named(root: Path, cache: Path, text: str) -> None:
    path = stored(cache, directory_digest(root))
    path.write_text(text, encoding="utf-8")
    assert list(damaged_objects(cache, directory_digest(root))) == [(path, "the file listing")]


def test_an_empty_cache_holds_nothing(tmp_path: Path) -> None:
    assert not holds(tmp_path, "0" * 32 + ".dir")
    assert list(damaged_objects(tmp_path, "0" * 32 + ".dir")) == []


def test_the_first_are_named_and_the_others_counted() -> None:
    assert listed({"ab/c": "a.jpg"}) == ["  ab/c (a.jpg)"]
    lines = listed({str(number): "x" for number in range(8)})
    assert len(lines) == 6
    assert lines[-1] == "  and 3 more"
