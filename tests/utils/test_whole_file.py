import os
from pathlib import Path

import pytest

from ocr.utils.whole_file import remove_leftovers, whole_file


def test_the_file_is_there_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with whole_file(path) as temporary:
        temporary.write_text("content")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "content"
    assert list(path.parent.iterdir()) == [path]


def test_a_block_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("half")
            raise KeyError("as when the disk is full")

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "file"):
        pass


@pytest.mark.parametrize("name", ["file", "file[1]", "a" * 255])
def test_leftovers_of_this_file_alone_are_removed(tmp_path: Path, name: str) -> None:
    with whole_file(tmp_path / name) as temporary:
        temporary.touch()
        left = temporary.name
    for other in (left, ".other.1.tmp", ".file1.1.tmp"):
        (tmp_path / other).touch()
    remove_leftovers(tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {".other.1.tmp", ".file1.1.tmp", name}


def test_a_link_in_the_way_is_replaced_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "file").symlink_to("precious")
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to("precious")
    with whole_file(tmp_path / "file") as temporary:
        temporary.write_text("content")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "file").read_text() == "content"
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.parametrize("name", ["a" * 255, "가" * 85])
def test_the_longest_name_can_be_written(tmp_path: Path, name: str) -> None:
    with whole_file(tmp_path / name) as temporary:
        temporary.write_text("content")
    assert [path.name for path in tmp_path.iterdir()] == [name]
