"""The entry point, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parents[2]


def run(folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "runners" / "data.py"), *overrides]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def test_records_verifies_and_refuses_changed_data(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1", encoding="utf-8")
    recorded = run(tmp_path, "record=true")
    assert recorded.returncode == 0, recorded.stderr
    assert "(1 files, 1 bytes) recorded in data.dvc" in recorded.stdout

    assert run(tmp_path).returncode == 0
    (tmp_path / "data" / "a.txt").write_text("2", encoding="utf-8")
    refused = run(tmp_path)
    assert refused.returncode == 1
    assert "data does not match data.dvc" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "data.dvc"]


def test_paths_are_taken_as_they_are_typed(tmp_path: Path) -> None:
    root = tmp_path / "data [1], new=x"
    root.mkdir()
    (root / "a.txt").write_text("1", encoding="utf-8")
    for override in ("record=true", "record=false"):
        done = run(tmp_path, f"root={root}", f"pointer={root}.dvc", override)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{root.name}.dvc").is_file()


def test_another_folder_goes_by_its_own_pointer_and_is_never_drawn(tmp_path: Path) -> None:
    missing = run(tmp_path, "root=mine")
    assert missing.returncode == 1
    assert "mine.dvc" in missing.stderr
    assert "Traceback" not in missing.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("1", encoding="utf-8")
    assert run(tmp_path, "root=mine/", "record=true").returncode == 0
    assert "as in mine.dvc" in run(tmp_path, "root=mine").stdout
    (tmp_path / "mine" / "a.txt").unlink()
    (tmp_path / "mine").rmdir()
    gone = run(tmp_path, "root=mine")
    assert gone.returncode == 1
    assert "mine: no such data folder" in gone.stderr
    assert not (tmp_path / "mine").exists()


def test_pushing_needs_a_remote(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1", encoding="utf-8")
    assert run(tmp_path, "record=true").returncode == 0
    (tmp_path / ".dvc").mkdir()
    refused = run(tmp_path, "push=true")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_the_projects_pointer_stands_for_the_default_corpus() -> None:
    from ocr.utils.data_pointer import read_pointer

    digest = read_pointer(REPOSITORY / "data.dvc")
    assert digest.nfiles == 800 + 100 + 100 + 3
