"""The folder of a run."""

import errno
import fcntl
import logging
import os
from pathlib import Path

import pytest

from ocr.utils.runs import RunFolder, hold, run_folder


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


def point(run: Path) -> Path:
    (run / "checkpoints").mkdir(parents=True)
    (run / "checkpoints" / "last.ckpt").touch()
    return run


def test_auto_is_not_led_by_a_folder_of_the_future_or_by_an_odd_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = "2026-01-02_03-04-05"
    odd, future = point(tmp_path / "zz_backup"), point(tmp_path / "2099-01-01_00-00-00")
    assert run_folder(str(tmp_path), "auto", now) == str(odd)  # what else is there
    newest = point(tmp_path / "2026-01-01_00-00-00")
    point(tmp_path / "2025-12-31_00-00-00")
    capsys.readouterr()
    assert run_folder(str(tmp_path), "auto", now) == str(newest)
    assert f"skipped {future}, which is dated in the future; resume={future} continues it" in capsys.readouterr().out


def test_auto_knows_a_run_of_another_time_zone(tmp_path: Path) -> None:
    run = point(tmp_path / "2026-01-02_12-00-00")
    assert run_folder(str(tmp_path), "auto", "2026-01-02_03-00-00") == str(run)


def test_weights_alone_are_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "2026-01-01_00-00-00" / "checkpoints").mkdir(parents=True)
    (tmp_path / "2026-01-01_00-00-00" / "checkpoints" / "best.ckpt").touch()
    assert run_folder(str(tmp_path), "auto", "2026-01-02_00-00-00") == f"{tmp_path}/2026-01-02_00-00-00"


@pytest.mark.parametrize(
    ("stamp", "second", "third"),
    [
        ("2025-12-31_23-59-59", "2026-01-01_00-00-00", "2026-01-01_00-00-01"),
        ("2025-12-31/23-59-59", "2026-01-01/00-00-00", "2026-01-01/00-00-01"),
    ],
)
@pytest.mark.parametrize("resume", [None, "auto"])
def test_starts_within_a_second_get_folders_of_their_own(
    tmp_path: Path, stamp: str, second: str, third: str, resume: str | None
) -> None:
    starts = [RunFolder() for _ in range(3)]
    chosen = [start.choose(str(tmp_path / "a"), resume, stamp) for start in starts]
    assert chosen == [f"{tmp_path}/a/{name}" for name in (stamp, second, third)]
    assert starts[0].choose(str(tmp_path / "a"), resume, stamp) == chosen[0]
    for start in starts:
        start.leave(refused=True)
    assert not list((tmp_path / "a").glob("**/*-59"))


def test_further_devices_make_nothing(tmp_path: Path) -> None:
    folder = RunFolder(first=False)
    path = Path(folder.choose(str(tmp_path / "a"), None, "2026-01-01_00-00-00"))
    assert folder.enter(path, {"b": "c"}, "run.log")
    folder.begin()
    folder.leave(refused=True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_goes_on_writes_when_it_begins(tmp_path: Path) -> None:
    point(tmp_path)
    (tmp_path / "checkpoints" / ".last.ckpt.1.tmp").touch()
    folder = RunFolder()
    assert folder.enter(tmp_path, {".hydra/config.yaml": "new"}, "run.log")
    assert not RunFolder().enter(tmp_path, {}, "run.log")
    logging.getLogger("a").warning("before")
    assert not (tmp_path / ".hydra").exists()
    folder.begin()
    logging.getLogger("a").warning("after")
    folder.begin()
    folder.leave(refused=False)
    logging.getLogger("a").warning("too late")
    assert (tmp_path / ".hydra" / "config.yaml").read_text() == "new"
    lines = (tmp_path / "run.log").read_text().splitlines()
    assert [line.split(" - ")[1] for line in lines] == ["before", "after"]
    assert not (tmp_path / "checkpoints" / ".last.ckpt.1.tmp").exists()
    again = RunFolder()
    assert again.enter(tmp_path, {}, "run.log")
    again.leave(refused=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hydra", ".lock", "checkpoints", "run.log"]


def test_a_lock_is_on_the_file_that_has_the_name(tmp_path: Path) -> None:
    first = hold(tmp_path / ".lock")
    assert first is not None
    (tmp_path / ".lock").unlink()
    second = hold(tmp_path / ".lock")
    assert second is not None
    assert hold(tmp_path / ".lock") is None
    os.close(first)
    os.close(second)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_a_file_system_without_locks_is_told_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    def none(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", none)
    for _ in range(2):
        lock = hold(tmp_path / ".lock")
        assert lock is not None
        os.close(lock)
    assert f"{tmp_path / '.lock'}: cannot be locked here ({os.strerror(number)})" in capsys.readouterr().err
