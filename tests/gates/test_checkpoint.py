"""A checkpoint is what was trained: test and predict agree with the training; a full disk costs one save, no more.

`make checkpoint`.
"""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gate_trainings import figures, leftovers, small, start, start_training, weights_hash
from ocr.training.points import checked_point

pytestmark = pytest.mark.gate


def finished(folder: Path, runner: str, *overrides: str) -> str:
    """Run a runner to its end and return what it printed."""
    started = start(folder, runner, *overrides)
    output = started.finish()
    assert started.process.returncode == 0, output
    return output


MAIN = {"detection": "cleval/hmean", "recognition": "text/ned", "extraction": "fields/same"}
"""By task: a figure that is 0 if nothing is found."""


@pytest.fixture(scope="module")
def tested(
    finding_trainings: Callable[[str], Path], gate_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, float]]:
    """``tested("detection")``: what ``test.py`` says of the best checkpoint of that task."""

    def figures_of(task: str) -> dict[str, float]:
        folder = tmp_path_factory.mktemp(f"test_{task}")
        finished(
            folder,
            "test",
            f"checkpoint_path={finding_trainings(task) / 'checkpoints' / 'best.ckpt'}",
            f"data.root={gate_data}",
            "data.num_workers=0",
            "trainer.accelerator=cpu",
        )
        (run,) = (folder / "outputs" / "test").iterdir()
        return dict(json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"])

    return functools.cache(figures_of)


@pytest.mark.parametrize("task", sorted(MAIN))
def test_the_checkpoint_of_a_training_tests_as_the_training_did(
    tested: Callable[[str], dict[str, float]], finding_trainings: Callable[[str], Path], task: str
) -> None:
    assert tested(task)[MAIN[task]] > 0.02
    assert figures(finding_trainings(task))["test"] == tested(task)


def test_predictions_score_as_the_test_did(
    finding_checkpoint: Path, gate_data: Path, tmp_path: Path, tested: Callable[[str], dict[str, float]]
) -> None:
    images = gate_data / "images" / "test"
    finished(
        tmp_path, "predict", f"checkpoint_path={finding_checkpoint}", f"input={images}", "output=found", "device=cpu"
    )
    truth = gate_data / "jsons" / "test.json"
    output = finished(
        tmp_path, "evaluate", f"ground_truth={truth}", "predictions=found/predictions.json", "granularity=line"
    )
    scored = json.loads(output[output.index("{") :])["figures"]
    for name, value in scored.items():
        assert value == pytest.approx(tested("detection")[name], abs=0.001), name  # written in hundredths of a pixel


@pytest.mark.slow
def test_a_seed_gives_the_same_weights_and_other_initial_weights_give_others(
    gate_checkpoint: Path, gate_data: Path, tmp_path: Path
) -> None:
    again = start_training(tmp_path, gate_data, "data.num_workers=0")
    output = again.finish()
    assert again.process.returncode == 0, output
    assert weights_hash(again.run / "checkpoints" / "best.ckpt") == weights_hash(gate_checkpoint)
    other = start_training(
        tmp_path, gate_data, "data.num_workers=0", "exp_name=other", f"init_checkpoint={gate_checkpoint}"
    )
    output = other.finish()
    assert other.process.returncode == 0, output
    (run,) = (tmp_path / "outputs" / "other").iterdir()
    assert weights_hash(run / "checkpoints" / "best.ckpt") != weights_hash(gate_checkpoint)


@pytest.mark.parametrize("saves", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_a_full_disk_leaves_the_last_checkpoint_whole(gate_data: Path, tmp_path: Path, saves: int) -> None:
    """The process may write no more than a few bytes to a file from its n-th save on, as on a full disk."""
    spec = f"{{_target_:gate_probe.FullDisk,after_saves:{saves}}}"
    training = start(
        tmp_path,
        "train",
        *small("detection"),
        f"data.root={gate_data}",
        "data.num_workers=0",
        "resume_points.every_n_steps=2",
        f"+callbacks.full_disk={{enabled:true,spec:{spec}}}",
    )
    output = training.finish()
    assert training.process.returncode == 1, output
    assert "An earlier checkpoint there is intact" in output
    assert leftovers(training.run) == []
    for name in ("last.ckpt", "previous.ckpt"):
        checked_point(training.run / "checkpoints" / name)
    if saves == 2:  # to go on from a point is what `make resume` is about: once is enough
        return
    continued = start_training(tmp_path, gate_data, "data.num_workers=0", "resume=auto")
    output = continued.finish()
    assert continued.process.returncode == 0, output
