"""The folder of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.utils.runs import run_folder


@pytest.fixture
def parent(tmp_path: Path) -> str:
    for run, files in {"01": ["last.ckpt"], "02": ["previous.ckpt"], "03": []}.items():
        (tmp_path / run / "checkpoints").mkdir(parents=True)
        for name in files:
            (tmp_path / run / "checkpoints" / name).touch()
    return str(tmp_path)


def test_a_new_run_has_its_own(parent: str) -> None:
    assert run_folder(parent, None, "04") == f"{parent}/04"


def test_auto_is_the_newest_with_a_checkpoint_or_a_new_one(parent: str) -> None:
    assert run_folder(parent, "auto", "04") == f"{parent}/02"
    assert run_folder(f"{parent}/03", "auto", "04") == f"{parent}/03/04"
    assert run_folder(f"{parent}/none", "auto", "04") == f"{parent}/none/04"


def test_a_path_is_the_run_or_a_checkpoint_in_it(parent: str) -> None:
    assert run_folder("elsewhere", f"{parent}/01", "04") == f"{parent}/01"
    assert run_folder("elsewhere", f"{parent}/01/checkpoints/last.ckpt", "04") == f"{parent}/01"
    assert run_folder("elsewhere", f"{parent}/last.ckpt", "04") == "elsewhere/04"  # the run will say that it is none


def test_a_relative_path_becomes_absolute(parent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(parent)
    assert run_folder("elsewhere", "01/checkpoints/last.ckpt", "04") == f"{parent}/01"
