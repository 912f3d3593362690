"""Points to continue from: which one is taken, what is told, what comes back. Whole trainings: tests/gates."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from ocr.training.points import (
    KEY,
    before_batch,
    before_validation,
    differences,
    random_state,
    restore_random_state,
    resume_point,
)
from ocr.weights.checkpoint_file import CheckpointError


def save(path: Path, **content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": {}, "config": {}, **content}, path)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in ("last.ckpt", "previous.ckpt"):
        save(tmp_path / "checkpoints" / name, **{KEY: {}})
    return tmp_path


def test_a_new_run_has_no_point(run: Path) -> None:
    assert resume_point(None, run / "empty") is None
    assert resume_point("auto", run / "empty") is None


def test_the_newest_good_point_is_taken_and_the_other_told(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = run / "checkpoints" / "last.ckpt"
    assert resume_point("auto", run) == last
    assert resume_point(str(run), run) == last
    last.write_bytes(last.read_bytes()[:-100])
    assert resume_point("auto", run) == run / "checkpoints" / "previous.ckpt"
    assert f"skipped {last}: is not a readable checkpoint" in capsys.readouterr().out


def test_a_flipped_bit_is_seen(run: Path) -> None:
    last = save(run / "checkpoints" / "last.ckpt", weights=torch.ones(1000), **{KEY: {}})
    content = bytearray(last.read_bytes())
    content[content.index(torch.ones(4).numpy().tobytes()) + 400] ^= 1
    last.write_bytes(content)
    assert resume_point("auto", run) == run / "checkpoints" / "previous.ckpt"


def test_where_none_is_good_nothing_is_begun_anew(run: Path) -> None:
    for name in ("last.ckpt", "previous.ckpt"):
        (run / "checkpoints" / name).write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"resume=auto: no checkpoint in .*checkpoints can be resumed"):
        resume_point("auto", run)
    with pytest.raises(CheckpointError, match=r"no checkpoint in .*checkpoints can be resumed"):
        resume_point(str(run / "missing"), run / "missing")


def test_weights_alone_are_no_point(tmp_path: Path) -> None:
    path = save(tmp_path / "checkpoints" / "best.ckpt")
    with pytest.raises(CheckpointError, match=r"best\.ckpt: has weights.*init_checkpoint="):
        resume_point(str(path), tmp_path)


def test_a_new_run_does_not_write_over_another(run: Path) -> None:
    with pytest.raises(CheckpointError, match=r"last\.ckpt: this folder belongs to another run"):
        resume_point(None, run)


def test_a_named_checkpoint_is_that_one_or_an_error(run: Path) -> None:
    assert resume_point(str(run / "checkpoints" / "previous.ckpt"), run) == run / "checkpoints" / "previous.ckpt"
    with pytest.raises(CheckpointError, match=r"lost\.ckpt: no such checkpoint"):
        resume_point(str(run / "checkpoints" / "lost.ckpt"), run)
    with pytest.raises(CheckpointError, match="is not in the checkpoints folder of its run"):
        resume_point(str(save(run / "bk" / "last.ckpt", **{KEY: {}})), run)


def test_a_run_does_not_go_on_over_another(run: Path, tmp_path: Path) -> None:
    for resume in (str(run), str(run / "checkpoints" / "last.ckpt")):
        assert resume_point(resume, tmp_path / "new") == run / "checkpoints" / "last.ckpt"
        assert resume_point(resume, f"{run}/../{run.name}") == run / "checkpoints" / "last.ckpt"
        other = tmp_path / "other" / "checkpoints"
        other.mkdir(parents=True, exist_ok=True)
        (other / "best.ckpt").touch()
        with pytest.raises(CheckpointError, match=r"other/checkpoints: has the checkpoints of another run"):
            resume_point(resume, tmp_path / "other")


def test_random_states_come_back_through_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "state"
    torch.save(random_state(), path)
    drawn = (torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random())
    restore_random_state(torch.load(path, weights_only=True))
    assert (torch.rand(3).tolist(), np.random.rand(3).tolist(), random.random()) == drawn


def test_differences_are_told_by_their_keys() -> None:
    before = {"a": 1, "b": {"c": [1], "d": 2}}
    assert differences(before, before) == []
    now = {"a": 1, "b": {"c": [2], "d": 2, "e": 3}}
    assert differences(before, now) == ["b.c was [1] and is [2]", "b.e was None and is 3"]


def test_progress_is_written_as_lightning_restarts_it() -> None:
    counts = {"ready": 4, "started": 3, "processed": 3, "completed": 3}
    loops = {
        "epoch_loop.batch_progress": {"total": dict(counts), "current": dict(counts), "is_last_batch": True},
        "epoch_loop.state_dict": {"_batches_that_stepped": 3},
        "epoch_loop.val_loop.batch_progress": {"total": {"ready": 5, "started": 5, "processed": 5, "completed": 5}},
    }
    before_batch(loops)
    assert loops["epoch_loop.batch_progress"]["total"] == {"ready": 3, "started": 3, "processed": 3, "completed": 2}
    assert loops["epoch_loop.batch_progress"]["is_last_batch"] is False
    assert loops["epoch_loop.state_dict"]["_batches_that_stepped"] == 2
    before_validation(loops)
    total = loops["epoch_loop.val_loop.batch_progress"]["total"]
    assert total == {"ready": 6, "started": 6, "processed": 5, "completed": 5}
