"""The decisions; what DVC then does is in tests/gates/test_data_sharing.py."""

import importlib.util
import sys
from pathlib import Path

import pytest

from ocr.utils.data_pointer import DigestError, read_pointer, write_pointer
from ocr.utils.data_store import Store, StoreError, find_store, obtain, push, record

CONFIG = "[core]\n    remote = store\n['remote \"store\"']\n    url = /srv/x%20y\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1", encoding="utf-8")
    write_pointer(tmp_path / "data", tmp_path / "data.dvc")
    return tmp_path / "data"


@pytest.fixture
def no_dvc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """DVC's calls, of which none is made; its cache is empty and where it was."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(importlib.util, "find_spec", {"dvc": object()}.get)
    monkeypatch.setattr(Store, "run", lambda _, *arguments: calls.append(arguments))
    monkeypatch.setattr(Store, "cache", lambda store: store.folder / ".dvc" / "cache")
    return calls


def set_remote(root: Path, file: str = "config") -> Path:
    (root.parent / ".dvc" / file).write_text(CONFIG, encoding="utf-8")
    return root.parent / "data.dvc"


def never(_: Path) -> None:
    raise AssertionError("nothing is to be generated")


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize("file", ["config", "config.local"])
def test_the_remote_is_read_from_either_file(root: Path, file: str) -> None:
    pointer = root.parent / "data.dvc"
    assert find_store(pointer) == Store(pointer, root.parent, (sys.executable, "-m", "dvc"), None)
    store = find_store(set_remote(root, file))
    assert store is not None
    assert store.remote == "store"


def test_a_pointer_below_the_repository_and_one_outside(root: Path) -> None:
    (root.parent / "sets").mkdir()
    store = find_store(root.parent / "sets" / "mine.dvc")
    assert store is not None
    assert store.folder == root.parent
    assert find_store(Path("/nowhere/data.dvc")) is None


@pytest.mark.usefixtures("no_dvc")
def test_without_a_remote_a_missing_folder_is_generated_and_verified(root: Path) -> None:
    pointer = root.parent / "data.dvc"
    (root / "a.txt").unlink()
    root.rmdir()

    def generate(folder: Path) -> None:
        folder.mkdir()
        (folder / "a.txt").write_text("1", encoding="utf-8")

    assert obtain(root, pointer, generate) == read_pointer(pointer)
    assert obtain(root, pointer, never) == read_pointer(pointer)


@pytest.mark.usefixtures("no_dvc")
def test_a_folder_that_nothing_can_make_is_missing(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match="mine: no such data folder"):
        obtain(root.with_name("mine"), root.parent / "data.dvc", None)


@pytest.mark.usefixtures("no_dvc")
def test_without_a_remote_changed_data_are_refused(root: Path) -> None:
    (root / "a.txt").write_text("2", encoding="utf-8")
    with pytest.raises(DigestError, match=r"does not match data\.dvc"):
        obtain(root, root.parent / "data.dvc", never)


def test_with_a_remote_missing_or_changed_data_are_pulled(
    root: Path, called: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    pointer = set_remote(root)
    (root / "a.txt").write_text("2", encoding="utf-8")
    with pytest.raises(StoreError, match=r"the remote 'store' does not hold [0-9a-f]{32}\.dir of data\.dvc"):
        obtain(root, pointer, never)
    assert called == [("fetch", "data.dvc")]
    assert "data does not match data.dvc: pulling it from the remote 'store'" in capsys.readouterr().out
    (root / "a.txt").unlink()
    root.rmdir()
    with pytest.raises(StoreError, match="was it pushed"):
        obtain(root, pointer, never)
    assert "no " in capsys.readouterr().out


def test_data_that_are_right_are_not_pulled_but_made_known_to_dvc(root: Path, called: list[tuple[str, ...]]) -> None:
    obtain(root, set_remote(root), never)
    assert called == [("commit", "--quiet", "data.dvc")]


def test_outside_a_git_checkout_right_data_are_enough(root: Path, called: list[tuple[str, ...]]) -> None:
    (root.parent / ".git").rmdir()
    obtain(root, root.parent / "data.dvc", never)
    assert called == []


@pytest.mark.usefixtures("no_dvc")
def test_a_remote_without_dvc_says_what_to_install(root: Path) -> None:
    pointer = set_remote(root)
    assert obtain(root, pointer, never) == read_pointer(pointer), "right data need no DVC"
    (root / "a.txt").write_text("2", encoding="utf-8")
    with pytest.raises(StoreError, match="DVC is not installed, and the remote 'store' is set: run `make setup-data`"):
        obtain(root, pointer, never)


def test_push_sends_what_is_in_the_cache(root: Path, called: list[tuple[str, ...]]) -> None:
    push(set_remote(root))
    assert called == [("commit", "--quiet", "data.dvc"), ("push", "data.dvc")]


def test_push_needs_a_repository_and_a_remote(root: Path) -> None:
    with pytest.raises(StoreError, match="no DVC remote is set"):
        push(root.parent / "data.dvc")
    (root.parent / ".dvc").rmdir()
    with pytest.raises(StoreError, match="is not in a DVC repository"):
        push(root.parent / "data.dvc")


def test_recorded_data_are_known_to_dvc(root: Path, called: list[tuple[str, ...]]) -> None:
    (root / "a.txt").write_text("2", encoding="utf-8")
    assert record(root, root.parent / "data.dvc") == read_pointer(root.parent / "data.dvc")
    assert called == [("commit", "--quiet", "data.dvc")]


def test_a_command_that_fails_is_named_with_its_status(root: Path) -> None:
    store = Store(root.parent / "data.dvc", root.parent, (sys.executable, "-c", "import sys; sys.exit(3)"), None)
    with pytest.raises(StoreError, match=r"`dvc fetch data\.dvc` failed with exit status 3"):
        store.run("fetch", "data.dvc")
    with pytest.raises(StoreError, match="`dvc cache dir` failed with exit status 3"):
        store.cache()
