"""The entry point, run as a user runs it."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from refusals import assert_refused

REPOSITORY = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(run_runner: Run, tmp_path: Path) -> Run:
    return partial(run_runner, "data", cwd=tmp_path)


def test_records_verifies_and_refuses_changed_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1", encoding="utf-8")
    recorded = run("record=true")
    assert recorded.returncode == 0, recorded.stderr
    assert "(1 files, 1 bytes) recorded in data.dvc" in recorded.stdout

    assert run().returncode == 0
    (tmp_path / "data" / "a.txt").write_text("2", encoding="utf-8")
    refused = run()
    assert_refused(refused, "data does not match data.dvc")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "data.dvc"]


def test_paths_are_taken_as_they_are_typed(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "data [1], new=x"
    root.mkdir()
    (root / "a.txt").write_text("1", encoding="utf-8")
    for override in ("record=true", "record=false"):
        done = run(f"root={root}", f"pointer={root}.dvc", override)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{root.name}.dvc").is_file()


def test_another_folder_goes_by_its_own_pointer_and_is_never_drawn(run: Run, tmp_path: Path) -> None:
    missing = run("root=mine")
    assert_refused(missing, "mine.dvc")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("1", encoding="utf-8")
    assert run("root=mine/", "record=true").returncode == 0
    assert "as in mine.dvc" in run("root=mine").stdout
    (tmp_path / "mine" / "a.txt").unlink()
    (tmp_path / "mine").rmdir()
    gone = run("root=mine")
    assert_refused(gone, "mine: no such data folder")
    assert not (tmp_path / "mine").exists()


def test_pushing_needs_a_remote(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1", encoding="utf-8")
    assert run("record=true").returncode == 0
    (tmp_path / ".dvc").mkdir()
    refused = run("push=true")
    assert_refused(refused)


def test_the_projects_pointer_stands_for_the_default_corpus() -> None:
    from ocr.utils.data_pointer import read_pointer

    digest = read_pointer(REPOSITORY / "data.dvc")
    assert digest.nfiles == 800 + 100 + 100 + 3
