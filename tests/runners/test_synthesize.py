"""The entry point, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from patience import PATIENCE_S

RUNNER = Path(__file__).resolve().parents[2] / "runners" / "synthesize.py"


def run(folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUNNER), *overrides],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_writes_a_corpus_from_any_folder_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, "output=made", "seed=3", "train=2", "val=1", "test=1", "workers=auto")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert len(list((tmp_path / "made" / "images" / "train").iterdir())) == 2
    again = run(tmp_path, "output=made", "train=1", "val=0", "test=0")
    assert again.returncode != 0
    assert "overwrite=true" in again.stderr


def test_a_misspelt_key_fails_with_its_name(tmp_path: Path) -> None:
    done = run(tmp_path, "sead=3")
    assert done.returncode != 0
    assert "sead" in done.stderr
    assert list(tmp_path.iterdir()) == []
