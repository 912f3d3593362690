"""What stands in metrics.json beside the figures."""

import json
from pathlib import Path

import pytest

from ocr.utils import provenance
from ocr.utils.digest import directory_digest
from ocr.utils.provenance import RunClock, git_revision, installed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.txt").write_text("12345", encoding="utf-8")
    return tmp_path / "data"


def test_everything_is_there_as_plain_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = RunClock()
    monkeypatch.setattr(clock, "started", clock.started - 100)
    found = clock.provenance(7, folder)
    assert json.loads(json.dumps(found)) == found
    assert found["seed"] == 7
    assert found["data"] == {"root": str(folder), "md5": directory_digest(folder)}
    assert 100 <= found["wall_time_s"] < 110
    assert found["versions"]["torch"] is not None
    assert found["machine"]["cores"] >= 1


def test_a_package_that_is_not_there_loses_no_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV comes as opencv-python too, or without any Python package's metadata."""
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "opencv-from-elsewhere"))
    versions = RunClock().provenance(0, folder)["versions"]
    assert versions["opencv-from-elsewhere"] is None
    assert versions["torch"] == installed("torch")


def test_only_a_large_folder_is_announced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    RunClock().provenance(0, folder)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(provenance, "LARGE", 4)
    assert RunClock().provenance(0, folder)["data"]["md5"] == directory_digest(folder)
    assert capsys.readouterr() == ("", f"reading {folder} to compute its digest\n")


def test_outside_a_repository_there_is_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "REPOSITORY_ROOT", tmp_path)
    monkeypatch.delenv("GIT_REVISION", raising=False)
    assert git_revision() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_revision() is None


def test_outside_a_repository_the_environment_says_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an image, which holds no repository, still says what code it is; a repository knows better."""
    monkeypatch.setenv("GIT_REVISION", "0123456789-dirty")
    assert git_revision() != "0123456789-dirty"
    monkeypatch.setattr(provenance, "REPOSITORY_ROOT", tmp_path)
    assert git_revision() == "0123456789-dirty"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_revision() == "0123456789-dirty"
    monkeypatch.setenv("GIT_REVISION", "")
    assert git_revision() is None


def test_a_folder_that_cannot_be_read_loses_no_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied", "a.txt")

    monkeypatch.setattr(provenance, "directory_digest", refuse)
    assert RunClock().provenance(0, folder)["data"]["md5"] == "unknown ([Errno 13] Permission denied: 'a.txt')"
    assert RunClock().provenance(0, folder / "none")["data"]["md5"].startswith("unknown (")


def test_data_behind_an_address_have_no_digest():
    found = RunClock().provenance(0, "https://host/receipts")["data"]
    assert found == {"root": "https://host/receipts", "md5": None}
