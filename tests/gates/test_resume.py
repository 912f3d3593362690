"""A training that was stopped and continued is the training that was not. `make resume`."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gate_trainings import figures, history, leftovers, start_training, weights_hash

pytestmark = pytest.mark.gate
DETECTION, RECOGNITION, EXTRACTION = "detection", "recognition", "extraction"
CASES = [
    pytest.param(DETECTION, "train", 3, signal.SIGINT, 0, 2, id="mid-epoch"),
    pytest.param(DETECTION, "train", 7, signal.SIGTERM, 0, 0, id="last-batch-of-an-epoch", marks=pytest.mark.slow),
    pytest.param(DETECTION, "validation", 2, signal.SIGTERM, 2, 0, id="validation", marks=pytest.mark.slow),
    pytest.param(DETECTION, "train", 10, signal.SIGTERM, 2, 2, id="second-epoch", marks=pytest.mark.slow),
    pytest.param(
        DETECTION, "validation", 10, signal.SIGKILL, 2, 0, id="killed-in-the-last-validation", marks=pytest.mark.slow
    ),
    pytest.param(DETECTION, "test", 10, signal.SIGINT, 0, 0, id="test", marks=pytest.mark.slow),
    pytest.param(RECOGNITION, "train", 3, signal.SIGTERM, 2, 0, id="mid-pool"),
    pytest.param(RECOGNITION, "train", 10, signal.SIGINT, 0, 2, id="between-two-pools", marks=pytest.mark.slow),
    pytest.param(EXTRACTION, "train", 3, signal.SIGTERM, 2, 0, id="facts"),
]


@pytest.mark.parametrize(("task", "phase", "after", "signum", "workers", "workers_after"), CASES)
def test_continued_is_uninterrupted(
    whole_trainings: Callable[[str], Path],
    gate_data: Path,
    tmp_path: Path,
    task: str,
    phase: str,
    after: int,
    signum: int,
    workers: int,
    workers_after: int,
) -> None:
    whole = whole_trainings(task)
    stopped = start_training(tmp_path, gate_data, f"data.num_workers={workers}", task=task, phase=phase, after=after)
    stopped.wait_for((tmp_path / "phase").exists)
    stopped.send(signum, group=True)
    stopped.finish()
    assert stopped.survivors() == []

    continued = start_training(tmp_path, gate_data, f"data.num_workers={workers_after}", "resume=auto", task=task)
    output = continued.finish()
    assert continued.process.returncode == 0, output
    assert continued.run == stopped.run
    assert len(list(continued.run.parent.iterdir())) == 1

    run = continued.run
    assert weights_hash(run / "checkpoints" / "last.ckpt") == weights_hash(whole / "checkpoints" / "last.ckpt")
    assert weights_hash(run / "checkpoints" / "best.ckpt") == weights_hash(whole / "checkpoints" / "best.ckpt")
    assert figures(run) == figures(whole)
    assert history(run) == history(whole)
    steps = [int(line) for line in (tmp_path / "steps").read_text().split()]
    assert sorted(set(steps)) == list(range(1, 17))
    if signum != signal.SIGKILL:
        assert steps == sorted(set(steps))  # no finished step was done again
    assert leftovers(run) == []


DDP = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp", "data.num_workers=0")
DRAWN = ("data=drawn", "data.drawn_per_epoch=8", "data.num_workers=1")
INVENTED = ("data=invented_facts", "data.stored=true", "data.invented_per_epoch=8", "data.num_workers=1")
DRAWN_LINES = ("data=drawn_lines", "data.drawn_per_epoch=16", "data.num_workers=1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "overrides"),
    [
        pytest.param(DETECTION, DDP, id="two-processes"),
        pytest.param(DETECTION, DRAWN, id="drawn"),
        pytest.param(RECOGNITION, DDP, id="lines-two-processes"),
        pytest.param(RECOGNITION, DRAWN_LINES, id="drawn-lines"),
        pytest.param(EXTRACTION, DDP, id="facts-two-processes"),
        pytest.param(EXTRACTION, INVENTED, id="invented-facts"),
    ],
)
def test_other_trainings_continue_too(gate_data: Path, tmp_path: Path, task: str, overrides: tuple[str, ...]) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    whole = start_training(tmp_path / "whole", gate_data, *overrides, task=task)
    assert whole.finish()
    assert whole.process.returncode == 0, whole.output
    stopped = start_training(tmp_path / "stopped", gate_data, *overrides, task=task, phase="train", after=3)
    stopped.wait_for((tmp_path / "stopped" / "phase").exists)
    stopped.send(signal.SIGTERM, group=False)
    stopped.finish()
    assert stopped.process.returncode == 143, stopped.output
    assert stopped.survivors() == []

    continued = start_training(tmp_path / "stopped", gate_data, *overrides, "resume=auto", task=task)
    output = continued.finish()
    assert continued.process.returncode == 0, output
    for name in ("last.ckpt", "best.ckpt"):
        assert weights_hash(continued.run / "checkpoints" / name) == weights_hash(whole.run / "checkpoints" / name)
    assert figures(continued.run) == figures(whole.run)
    assert history(continued.run) == history(whole.run)


@pytest.mark.slow
def test_a_killed_first_process_leaves_no_other(gate_data: Path, tmp_path: Path) -> None:
    training = start_training(tmp_path, gate_data, *DDP, phase="train", after=2)
    training.wait_for((tmp_path / "phase").exists)
    training.send(signal.SIGKILL, group=False)
    training.finish()
    assert training.survivors() == []


@pytest.mark.slow
@pytest.mark.parametrize("task", [DETECTION, RECOGNITION, EXTRACTION])
def test_the_number_of_workers_changes_nothing(
    whole_trainings: Callable[[str], Path], gate_data: Path, tmp_path: Path, task: str
) -> None:
    training = start_training(tmp_path, gate_data, "data.num_workers=2", task=task)
    output = training.finish()
    assert training.process.returncode == 0, output
    whole = whole_trainings(task)
    for name in ("last.ckpt", "best.ckpt"):
        assert weights_hash(training.run / "checkpoints" / name) == weights_hash(whole / "checkpoints" / name)
    assert history(training.run) == history(whole)
