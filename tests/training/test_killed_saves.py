"""A save that is killed at any step, from every state that the files of a run can be in, loses no good point."""

import itertools
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from ocr.training.points import resume_point
from ocr.weights.checkpoint_file import CheckpointError, load_checkpoint
from small_training import fit, outcome

pytestmark = pytest.mark.filterwarnings("ignore:Checkpoint directory", "ignore:Be aware that when using `ckpt_path`")
KILLED = 77
STEPS = 9
"""Changes to the folder that the first two saves make between them."""
STATES = ("whole", "damaged", "missing")
CHANGES = {"os.rename", "os.link", "os.remove", "os.truncate"}


def killed_at(step: int | None, run: Path, monkeypatch: pytest.MonkeyPatch, from_point: str = "auto") -> bool:
    """Go on with a run in a process that is killed before it changes the checkpoints for the n-th time.

    Returns:
        It was killed; else it came to its end.
    """
    sys.stdout.flush()
    child = os.fork()
    if not child:
        changes = 0

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal changes
            writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
            if (event in CHANGES or writes) and f"{run}/checkpoints/" in str(arguments[0]):
                changes += 1
                if changes == step:
                    os._exit(KILLED)

        try:
            sys.addaudithook(watch)
            fit(run, {"max_epochs": 2}, monkeypatch, None, from_point)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, KILLED}, f"status {status}"
    return status == KILLED


def damage(path: Path) -> None:
    """As a disk that failed leaves it: the file, under whatever name it is known."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def put(run: Path, started: Path, last: str, previous: str) -> None:
    """A run whose files are in these states."""
    shutil.copytree(started, run)
    for name, state in (("last.ckpt", last), ("previous.ckpt", previous)):
        path = run / "checkpoints" / name
        if state == "damaged":
            damage(path)
        elif state == "missing":
            path.unlink()


def newest_step(run: Path) -> int:
    """Of the newest good point."""
    point = resume_point("auto", run)
    assert point is not None
    return int(load_checkpoint(point)["global_step"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """What the training comes to that nobody touched."""
    run = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as monkeypatch:
        fit(run, {"max_epochs": 2}, monkeypatch, None)
    return outcome(run)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped when it had written two points."""
    run = tmp_path_factory.mktemp("started") / "run"
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert fit(run, {"max_epochs": 2}, monkeypatch, 6) is not None
    assert (run / "checkpoints" / "previous.ckpt").exists()
    return run


@pytest.mark.parametrize(("last", "previous"), [pair for pair in itertools.product(STATES, STATES) if "whole" in pair])
def test_a_save_killed_at_any_step(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: Path,
    whole: tuple[Any, ...],
    last: str,
    previous: str,
) -> None:
    for step in range(1, STEPS + 1):
        run = tmp_path / str(step)
        put(run, started, last, previous)
        (run / "checkpoints" / ".last.ckpt.1.tmp").write_bytes(b"PK")
        before = newest_step(run)
        assert killed_at(step, run, monkeypatch)
        assert newest_step(run) >= before
        if previous == "whole":  # what it went on from, or what it wrote: never what is damaged
            load_checkpoint(run / "checkpoints" / "previous.ckpt")
        if step % 3 == 0:  # the save of the run that goes on from there is killed too
            assert killed_at(step // 3, run, monkeypatch)
            assert newest_step(run) >= before
    assert not killed_at(None, run, monkeypatch)
    assert outcome(run) == whole


def test_a_point_that_the_run_did_not_load_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: Path
) -> None:
    """Taken back to the point before: what came after it is another history."""
    run = tmp_path / "run"
    put(run, started, "whole", "whole")
    folder = run / "checkpoints"
    with monkeypatch.context() as patch:
        assert fit(run, {"max_epochs": 2}, patch, 2, str(folder / "previous.ckpt")) is not None
    for name in ("last.ckpt", "previous.ckpt"):
        load_checkpoint(folder / name)


def test_where_both_are_damaged_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: Path
) -> None:
    run = tmp_path / "run"
    put(run, started, "damaged", "damaged")
    files = {path.name: path.read_bytes() for path in (run / "checkpoints").iterdir()}
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        fit(run, {"max_epochs": 2}, monkeypatch, None)
    assert {path.name: path.read_bytes() for path in (run / "checkpoints").iterdir()} == files


def test_a_save_that_failed_on_a_full_disk_leaves_both_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: Path
) -> None:
    """And the save after it, in a run that goes on from the point before a damaged one."""
    import torch

    def full(*_: object) -> None:
        raise RuntimeError("file write failed")

    for last in ("whole", "damaged"):
        run = tmp_path / last
        put(run, started, last, "whole")
        before = {name: (run / "checkpoints" / name).read_bytes() for name in ("last.ckpt", "previous.ckpt")}
        with monkeypatch.context() as patch:
            patch.setattr(torch, "save", full)
            with pytest.raises(CheckpointError, match="An earlier checkpoint"):
                fit(run, {"max_epochs": 2}, patch, None)
        assert {name: (run / "checkpoints" / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("state", ["damaged", "missing"])
def test_a_best_checkpoint_that_is_lost_is_not_the_best_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    run = tmp_path / "run"
    assert fit(run, {"max_epochs": 2}, monkeypatch, 12) is not None
    best = run / "checkpoints" / "best.ckpt"
    step = load_checkpoint(best)["global_step"]
    if state == "damaged":
        damage(best)
    else:
        best.unlink()
    assert fit(run, {"max_epochs": 2}, monkeypatch, None) is None
    assert load_checkpoint(best)["global_step"] > step
    assert f"resume: {best}: " in capsys.readouterr().out
