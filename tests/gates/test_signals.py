"""Signals in every phase: the exit status, the line, the checkpoint, nothing left running. `make signal-test`."""

import signal
import threading
from pathlib import Path

import pytest

from gate_trainings import Training, leftovers, start, start_training
from ocr.training.points import checked_point

pytestmark = [pytest.mark.gate, pytest.mark.signals]
INT, TERM = signal.SIGINT, signal.SIGTERM
PHASES = ("setup", "sanity", "train", "checkpoint", "validation", "test")
SAVED = ("train", "checkpoint", "validation", "test")
DDP = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
QUICK = {("train", INT, 2, True), ("setup", TERM, 0, False)}
CASES = [
    pytest.param(
        phase,
        signum,
        workers,
        group,
        id=f"{phase}-{signum.name}-{workers}workers-{'group' if group else 'process'}",
        marks=[] if (phase, signum, workers, group) in QUICK else [pytest.mark.slow],
    )
    for phase in PHASES
    for signum in (INT, TERM)
    for workers, group in ((0, False), (2, True))
]


def interrupt(training: Training, phase: str, signum: int, *, group: bool) -> str:
    """Signal a training in a phase and check what holds for all of them."""
    if phase == "setup":
        training.wait_for(lambda: bool(list(training.folder.glob("outputs/gate/*/.hydra/config.yaml"))))
    else:
        training.wait_for((training.folder / "phase").exists)
    training.send(signum, group=group)
    output = training.finish()
    assert training.process.returncode == 128 + signum, output
    assert training.survivors() == []
    assert leftovers(training.folder) == []
    (line,) = [line for line in output.splitlines() if line.startswith("stopped by")]
    assert line.startswith(f"stopped by {signal.Signals(signum).name}: ")
    assert "Traceback" not in output
    if phase in SAVED:
        assert "last.ckpt" in line
        assert "; continue with: " in line
        assert f"resume=outputs/gate/{training.run.name}" in line
        checked_point(training.run / "checkpoints" / "last.ckpt")
    else:
        assert "nothing to save yet; start again with: " in line
        assert not list(training.run.glob("checkpoints/*.ckpt"))
    assert not (training.run / "metrics.json").exists()
    return output


@pytest.mark.parametrize(("phase", "signum", "workers", "group"), CASES)
def test_signal(gate_data: Path, tmp_path: Path, phase: str, signum: int, workers: int, group: bool) -> None:
    after = 0 if phase == "sanity" else 2
    training = start_training(tmp_path, gate_data, f"data.num_workers={workers}", phase=phase, after=after)
    interrupt(training, phase, signum, group=group)


@pytest.mark.parametrize("phase", ["train", pytest.param("validation", marks=pytest.mark.slow)])
@pytest.mark.parametrize("task", ["recognition", "extraction"])
def test_signal_to_a_training_of_another_task(gate_data: Path, tmp_path: Path, task: str, phase: str) -> None:
    training = start_training(tmp_path, gate_data, "data.num_workers=2", task=task, phase=phase)
    interrupt(training, phase, TERM, group=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "signum", "workers", "group"),
    [("train", INT, 0, True), ("train", TERM, 2, False), ("validation", INT, 2, False), ("validation", TERM, 0, True)],
)
def test_signal_to_two_processes(
    gate_data: Path, tmp_path: Path, phase: str, signum: int, workers: int, group: bool
) -> None:
    training = start_training(tmp_path, gate_data, *DDP, f"data.num_workers={workers}", phase=phase)
    interrupt(training, phase, signum, group=group)


@pytest.mark.slow
def test_a_second_signal_changes_nothing(gate_data: Path, tmp_path: Path) -> None:
    training = start_training(tmp_path, gate_data, "data.num_workers=2", phase="checkpoint")
    training.wait_for((tmp_path / "phase").exists)
    training.send(TERM, group=True)
    interrupt(training, "checkpoint", INT, group=True)


@pytest.mark.slow
def test_a_training_started_beside_the_main_thread_stops_as_any_other(gate_data: Path, tmp_path: Path) -> None:
    started: list[Training] = []
    thread = threading.Thread(
        target=lambda: started.append(start_training(tmp_path, gate_data, "data.num_workers=2", phase="train"))
    )
    thread.start()
    thread.join()
    interrupt(started[0], "train", INT, group=True)


@pytest.mark.slow
@pytest.mark.parametrize(("signum", "workers"), [(INT, 0), (TERM, 2)])
def test_prediction_writes_what_it_has(
    gate_checkpoint: Path, gate_data: Path, tmp_path: Path, signum: int, workers: int
) -> None:
    (image,) = (gate_data / "images" / "val").glob("val_0.png")
    (tmp_path / "photos").mkdir()
    for number in range(400):
        (tmp_path / "photos" / f"{number:03d}.png").symlink_to(image)
    training = start(
        tmp_path,
        "predict",
        f"checkpoint_path={gate_checkpoint}",
        "input=photos",
        "output=found",
        "visualize=true",
        f"num_workers={workers}",
    )
    training.wait_for(lambda: bool(list(tmp_path.glob("found/overlays/*"))))
    training.send(signum, group=bool(workers))
    output = training.finish()
    assert training.process.returncode == 128 + signum, output
    assert f"stopped by {signal.Signals(signum).name}: wrote the predictions of " in output
    assert (tmp_path / "found" / "predictions.json").exists()
    assert training.survivors() == []


@pytest.mark.slow
@pytest.mark.parametrize("signum", [INT, TERM])
def test_a_test_run_stops_too(gate_checkpoint: Path, gate_data: Path, tmp_path: Path, signum: int) -> None:
    overrides = (f"checkpoint_path={gate_checkpoint}", f"data.root={gate_data}", "exp_name=gate")
    training = start(tmp_path, "test", *overrides)
    training.wait_for(lambda: bool(list(tmp_path.glob("outputs/gate/*/.hydra/config.yaml"))))
    training.send(signum, group=True)
    output = training.finish()
    assert training.process.returncode == 128 + signum, output
    assert "nothing to save yet; start again with: " in output
    assert training.survivors() == []
