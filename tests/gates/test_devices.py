"""The same command on every device: processor, ``auto``, two processes, one GPU. `make devices`, `make devices-gpu`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gate_trainings import Training, start, start_training
from ocr.training.points import checked_point

pytestmark = pytest.mark.gate
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")
TWO_PROCESSES = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
GPU = [pytest.mark.gpu, NEEDS_GPU]
MAIN = {"detection": "cleval/hmean", "recognition": "text/ned", "extraction": "fields/same"}
"""By task: a figure that is 0 if nothing is found."""
CASES = [
    pytest.param(("trainer.accelerator=cpu", "trainer.devices=1"), id="processor"),
    pytest.param(("trainer.accelerator=auto", "trainer.devices=auto"), id="auto"),
    pytest.param(TWO_PROCESSES, id="two-processes"),
    pytest.param(("trainer.accelerator=gpu", "trainer.devices=1"), id="gpu", marks=GPU),
    pytest.param(("trainer=gpu", "trainer.devices=auto"), id="gpus-in-bfloat16", marks=GPU),
]


def finish(training: Training) -> None:
    """Wait for the end of a training, which must be a good one."""
    output = training.finish()
    assert training.process.returncode == 0, output
    assert training.survivors() == []


@pytest.mark.slow
@pytest.mark.parametrize("device", CASES)
@pytest.mark.parametrize("task", sorted(MAIN))
def test_a_training_completes(gate_data: Path, tmp_path: Path, task: str, device: tuple[str, ...]) -> None:
    training = start_training(tmp_path, gate_data, "data.num_workers=0", "trainer.max_epochs=1", *device, task=task)
    finish(training)
    assert "`Trainer.fit` stopped: `max_epochs=1` reached." in training.output
    content = json.loads((training.run / "metrics.json").read_text(encoding="utf-8"))
    assert {"val", "test"} <= content.keys()
    checked_point(training.run / "checkpoints" / "last.ckpt")


def figures_of(folder: Path, checkpoint: Path, data: Path, *device: str) -> dict[str, Any]:
    """The figures of a checkpoint on the test split."""
    folder.mkdir()
    finish(start(folder, "test", f"checkpoint_path={checkpoint}", f"data.root={data}", "data.num_workers=0", *device))
    (run,) = (folder / "outputs" / "test").iterdir()
    return dict(json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"])


@pytest.fixture
def checkpoint(finding_trainings: Callable[[str], Path], task: str) -> Path:
    """The best checkpoint of a task's training."""
    return finding_trainings(task) / "checkpoints" / "best.ckpt"


@pytest.mark.parametrize("task", sorted(MAIN))
def test_two_processes_score_as_one(checkpoint: Path, gate_data: Path, tmp_path: Path, task: str) -> None:
    """Three images on two processes: none counts twice."""
    one = figures_of(tmp_path / "one", checkpoint, gate_data, "trainer.accelerator=cpu", "trainer.devices=1")
    two = figures_of(tmp_path / "two", checkpoint, gate_data, *TWO_PROCESSES)
    assert one[MAIN[task]] > 0.02
    assert two == pytest.approx(one, rel=1e-12)


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize("task", sorted(MAIN))
def test_a_gpu_scores_as_the_processor(checkpoint: Path, gate_data: Path, tmp_path: Path) -> None:
    processor = figures_of(tmp_path / "cpu", checkpoint, gate_data, "trainer.accelerator=cpu")
    gpu = figures_of(tmp_path / "gpu", checkpoint, gate_data, "trainer.accelerator=gpu", "trainer.devices=1")
    assert gpu == pytest.approx(processor, abs=0.001)
