"""A mapping whose values wait in a file."""

import re
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.types import InputError
from ocr.utils.spool import Mapped, Spool

KEYS = st.integers(0, 5)
STEPS = st.lists(st.tuples(st.sampled_from(["set", "remove"]), KEYS, st.binary(max_size=40) | st.lists(KEYS)))


@given(STEPS)
def test_it_does_what_a_dictionary_does(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, object]]):
    folder = tmp_path_factory.mktemp("spool") / "new" / "folder"
    known: dict[int, object] = {}
    spool = Spool[int, object](folder)
    for what, key, value in steps:
        if what == "set":
            known[key] = spool[key] = value
        else:
            assert spool.pop(key, None) == known.pop(key, None)
        assert list(spool.items()) == list(known.items())
        assert (len(spool), key in spool, spool.get(key)) == (len(known), key in known, known.get(key))
    if folder.exists():
        assert list(folder.iterdir()) == []  # the file has no name


def test_a_value_that_is_changed_is_changed_for_nobody_else(tmp_path: Path) -> None:
    spool = Spool[str, list[int]](tmp_path)
    spool["a"] = [1]
    spool["a"].append(2)
    assert spool["a"] == [1]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    spool = Spool[str, int](tmp_path / "file" / "below")
    with pytest.raises(
        InputError, match=re.escape(f"{tmp_path}/file/below: cannot be written (Not a directory); free")
    ):
        spool["a"] = 1


def test_without_space_the_other_values_stay(tmp_path: Path) -> None:
    """A limit of the file's size stands for a full disk: a part is still written, as there."""
    spool = Spool[str, bytes](tmp_path)
    spool["a"] = bytes(60_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(
            InputError, match=r"cannot be written \(File too large\); free some space or choose another"
        ):
            spool["b"] = bytes(60_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(spool) == ["a"]
    spool["b"] = b"2" * 60_000
    assert list(spool.values()) == [bytes(60_000), b"2" * 60_000]


def test_values_made_of_others_are_made_when_they_are_asked_for() -> None:
    made = []
    squares = Mapped({"a": 2, "b": 3}, lambda value: made.append(value) or value**2)
    assert (list(squares), len(squares), "b" in squares, "c" in squares, made) == (["a", "b"], 2, True, False, [])
    assert squares["b"] == 9
    assert made == [3]
    assert dict(squares) == {"a": 4, "b": 9}
