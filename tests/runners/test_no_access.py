"""A place that cannot be written is told in one line, by every program; so is a loader's worker that is gone."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gate_trainings import MARK, processes_with, start_training
from refusals import assert_refused


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder in which not even root can write."""
    folder = tmp_path / "closed"
    folder.mkdir()
    with contextlib.suppress(OSError):
        if subprocess.run(["chattr", "+i", str(folder)], capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["chattr", "-i", str(folder)], check=True)
            return
    folder.rmdir()
    folder.touch()  # a file: there is no folder to be made in it either
    yield folder


def commands(data: Path, weights: Path, closed: Path) -> dict[str, list[str]]:
    """A call of each program that would write there."""
    run = f"hydra.run.dir={closed}/run"
    images = data / "images" / "val"
    return {
        "train": ["debug=fast", f"data.root={data}", run],
        "test": [f"data.root={data}", f"checkpoint_path={weights}", "trainer.accelerator=cpu", run],
        "check": [f"input={data}", "workers=0", run],
        "tune": [f"data.root={data}", f"checkpoint_path={weights}", run],
        "predict": [f"input={images}", f"checkpoint_path={weights}", f"output={closed}/found"],
        "export": [f"checkpoint_path={weights}", f"output={closed}/a.safetensors", "format=safetensors"],
        "evaluate": [
            f"ground_truth={data}/jsons/val.json",
            f"predictions={data}/jsons/val.json",
            f"report={closed}/a.html",
        ],
        "convert": ["format=native", f"input={data}/jsons/val.json", f"output={closed}/out", "split=val"],
        "synthesize": [f"output={closed}/data", "train=1", "val=0", "test=0", "workers=0"],
        "validate": ["only=[lint]", f"output={closed}/validation"],
        "prove": ["ref=HEAD", "dirty=true", f"output={closed}/prove"],
    }


NAMES = [*commands(Path(), Path(), Path())]


@pytest.mark.parametrize("name", NAMES)
def test_a_place_that_cannot_be_written_is_told(
    run_runner: Any, tiny_data: Path, taught_checkpoint: Path, closed: Path, tmp_path: Path, name: str
) -> None:
    done = run_runner(name, *commands(tiny_data, taught_checkpoint, closed)[name], cwd=tmp_path)
    assert_refused(done, str(closed))


@pytest.mark.parametrize("name", ["train", "predict", "convert", "synthesize"])
def test_links_that_lead_in_a_circle_are_told(
    run_runner: Any, tiny_data: Path, taught_checkpoint: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    overrides = commands(tiny_data, taught_checkpoint, tmp_path / "circle")[name]
    done = run_runner(name, *overrides, cwd=tmp_path)
    assert_refused(done, "circle")


def test_a_lock_that_is_a_folder_is_told(run_runner: Any, tiny_data: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / ".lock").mkdir(parents=True)
    done = run_runner("train", f"data.root={tiny_data}", "hydra.run.dir=run", cwd=tmp_path)
    assert_refused(done, ".lock: cannot be used (Is a directory)")


def test_a_loaders_worker_that_the_kernel_ends_is_told_with_how_to_go_on(tiny_data: Path, tmp_path: Path) -> None:
    training = start_training(
        tmp_path, tiny_data, "data.num_workers=1", "trainer.max_epochs=50", "resume_points.every_n_steps=1"
    )
    training.wait_for(lambda: bool(list(tmp_path.glob("outputs/gate/*/checkpoints/last.ckpt"))))
    for pid in processes_with(f"{MARK}={training.mark}"):
        if pid != training.process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    output = training.finish()
    assert training.process.returncode == 1, output
    assert "Traceback" not in output
    assert "a worker process was killed from outside (DataLoader worker (pid" in output
    assert f"resume=outputs/gate/{training.run.name}" in output
