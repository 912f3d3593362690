"""A program that is stopped or killed leaves no process, and nothing staged: at once, or when the next one starts."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate_trainings import Training, processes_with, start

DRAWING = {
    "synthesize": ("output=data", "train=400", "val=0", "test=0", "workers=2"),
    "data": (),
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "data.dvc").write_text("outs: []\n", encoding="utf-8")  # `make data` reads it when the data are there
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def drawing(folder: Path, runner: str) -> Training:
    """A program whose worker processes are at work."""
    started = start(folder, runner, *DRAWING[runner])
    started.wait_for(lambda: bool(list(folder.glob(".data.*.tmp/**/*.jpg"))))
    assert len(processes_with(f"OCR_GATE_TRAINING={started.mark}")) > 2
    return started


@pytest.mark.parametrize("runner", DRAWING)
@pytest.mark.parametrize(
    ("signum", "group"), [(signal.SIGTERM, False), (signal.SIGINT, True)], ids=["SIGTERM", "SIGINT-group"]
)
def test_a_stopped_drawing_leaves_nothing(folder: Path, runner: str, signum: int, group: bool) -> None:
    started = drawing(folder, runner)
    started.send(signum, group=group)
    output = started.finish()
    assert started.process.returncode == 128 + signum, output
    assert started.survivors() == []
    assert [path.name for path in folder.iterdir()] == ["data.dvc"]
    assert "Traceback" not in output
    assert output.count("stopped by") == 1
    assert f"runners/{runner}.py" in output[output.index("start again with: ") :]


@pytest.mark.parametrize("runner", DRAWING)
def test_a_killed_drawing_leaves_no_process_and_the_next_clears_its_folder(folder: Path, runner: str) -> None:
    started = drawing(folder, runner)
    started.send(signal.SIGKILL, group=False)
    started.finish()
    assert started.survivors() == []
    assert len(list(folder.glob(".data.*.tmp"))) == 1
    again = start(folder, "synthesize", "output=data", "train=1", "val=0", "test=0")
    assert again.finish() is not None
    assert again.process.returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == ["data", "data.dvc"]


def test_the_folder_of_a_living_process_stays(folder: Path) -> None:
    started = drawing(folder, "synthesize")
    again = start(folder, "synthesize", "output=data", "train=1", "val=0", "test=0", "workers=0")
    output = again.finish()
    assert again.process.returncode == 0, output
    assert len(list(folder.glob(".data.*.tmp"))) == 1
    started.send(signal.SIGTERM, group=False)
    started.finish()


def test_a_worker_that_the_kernel_ends_is_told_in_one_line(folder: Path) -> None:
    started = drawing(folder, "synthesize")
    workers = set(processes_with(f"OCR_GATE_TRAINING={started.mark}")) - {started.process.pid}
    os.kill(max(workers), signal.SIGKILL)
    output = started.finish()
    assert started.process.returncode == 1, output
    assert "Traceback" not in output
    assert "a worker process was killed from outside" in output
    assert "start again with: " in output
    assert started.survivors() == []
    assert [path.name for path in folder.iterdir()] == ["data.dvc"]
