"""A training that was stopped and continued is the training that was not. `make resume-test`."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from gate_trainings import figures, history, leftovers, start_training, weights_hash

CASES = [
    pytest.param("train", 3, signal.SIGINT, 0, 2, id="mid-epoch"),
    pytest.param("train", 7, signal.SIGTERM, 0, 0, id="last-batch-of-an-epoch", marks=pytest.mark.slow),
    pytest.param("validation", 2, signal.SIGTERM, 2, 0, id="validation", marks=pytest.mark.slow),
    pytest.param("train", 10, signal.SIGTERM, 2, 2, id="second-epoch", marks=pytest.mark.slow),
    pytest.param("validation", 10, signal.SIGKILL, 2, 0, id="killed-in-the-last-validation", marks=pytest.mark.slow),
    pytest.param("test", 10, signal.SIGINT, 0, 0, id="test", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("phase", "after", "signum", "workers", "workers_after"), CASES)
def test_continued_is_uninterrupted(
    whole_training: Path,
    gate_data: Path,
    tmp_path: Path,
    phase: str,
    after: int,
    signum: int,
    workers: int,
    workers_after: int,
) -> None:
    stopped = start_training(tmp_path, gate_data, f"data.num_workers={workers}", phase=phase, after=after)
    stopped.wait_for((tmp_path / "phase").exists)
    stopped.send(signum, group=True)
    stopped.finish()
    assert stopped.survivors() == []

    continued = start_training(tmp_path, gate_data, f"data.num_workers={workers_after}", "resume=auto")
    output = continued.finish()
    assert continued.process.returncode == 0, output
    assert continued.run == stopped.run
    assert len(list(continued.run.parent.iterdir())) == 1

    run = continued.run
    assert weights_hash(run / "checkpoints" / "last.ckpt") == weights_hash(whole_training / "checkpoints" / "last.ckpt")
    assert weights_hash(run / "checkpoints" / "best.ckpt") == weights_hash(whole_training / "checkpoints" / "best.ckpt")
    assert figures(run) == figures(whole_training)
    assert history(run) == history(whole_training)
    steps = [int(line) for line in (tmp_path / "steps").read_text().split()]
    assert sorted(set(steps)) == list(range(1, 17))
    if signum != signal.SIGKILL:
        assert steps == sorted(set(steps))  # no finished step was done again
    assert leftovers(run) == []


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(whole_training: Path, gate_data: Path, tmp_path: Path) -> None:
    training = start_training(tmp_path, gate_data, "data.num_workers=2")
    output = training.finish()
    assert training.process.returncode == 0, output
    for name in ("last.ckpt", "best.ckpt"):
        assert weights_hash(training.run / "checkpoints" / name) == weights_hash(whole_training / "checkpoints" / name)
    assert history(training.run) == history(whole_training)
