"""A run that is refused leaves every byte of the folder that it was to go on in, and no folder of its own."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gate_trainings import start_training
from ocr.utils.digest import directory_digest
from ocr.utils.runs import hold
from patience import PATIENCE_S
from refusals import assert_refused

REPOSITORY = Path(__file__).resolve().parents[2]


def content(folder: Path) -> dict[str, Any]:
    """Every entry below a folder with its bytes and the time of its last change."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


@pytest.fixture
def stopped_run(tiny_training: SimpleNamespace, tmp_path: Path) -> Path:
    """A copy of the tiny training's run folder, in ``outputs/tiny`` of a folder of its own."""
    run = tmp_path / "outputs" / "tiny" / "2026-01-02_03-04-05"
    shutil.copytree(tiny_training.run, run)
    (run / "metrics.json").unlink()
    return run


REFUSED = {
    "seed": (["seed=99"], "seed was 0 and is 99"),
    "batch size": (["data.batch_size=1"], "batch_size was 2 and is 1"),
    "network": (["model=dbnet_resnet18"], "model"),
    "width": (["model.decoder.channels=32"], "model.decoder.channels was"),
    "optimiser": (["optimiser._target_=torch.optim.SGD"], "optimiser"),
    "no average": (["callbacks.ema.enabled=false"], "callbacks.ema.enabled=true"),
    "validation": (["trainer.limit_val_batches=0"], "limit_val_batches=0"),
    "data": (["data.root=nowhere"], "nowhere"),
    "test split": (["data.test_split=none", "skip_test=false"], "has no split 'none'"),
    "misspelt key": (["data.batchsize=3"], "near names"),
    "value": (["schedule.decay=line"], "schedule.decay='line' is unknown"),
    "checkpoint": (["resume=outputs/tiny/2026-01-02_03-04-05/checkpoints/best.ckpt"], "has weights"),
    "no resume": (["resume=null", "hydra.run.dir=outputs/tiny/2026-01-02_03-04-05"], "belongs to another run"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_resume_leaves_the_run_as_it_was(
    run_runner: Any, tiny_data: Path, stopped_run: Path, tmp_path: Path, name: str
) -> None:
    overrides, message = REFUSED[name]
    before = content(stopped_run.parent)
    common = ["debug=fast", f"data.root={tiny_data}", "exp_name=tiny", "resume=auto"]
    keys = {each.split("=")[0] for each in overrides}
    done = run_runner("train", *[each for each in common if each.split("=")[0] not in keys], *overrides, cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert message in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert content(stopped_run.parent) == before


def test_damaged_points_are_refused_without_a_trace(
    run_runner: Any, tiny_data: Path, stopped_run: Path, tmp_path: Path
) -> None:
    (stopped_run / "checkpoints" / "last.ckpt").write_bytes(b"PK")
    (stopped_run / "checkpoints" / "previous.ckpt").unlink(missing_ok=True)
    before = content(stopped_run.parent)
    done = run_runner("train", "debug=fast", f"data.root={tiny_data}", "exp_name=tiny", "resume=auto", cwd=tmp_path)
    assert_refused(done, "can be resumed")
    assert content(stopped_run.parent) == before


def test_a_second_training_leaves_a_live_one_alone(run_runner: Any, tiny_data: Path, tmp_path: Path) -> None:
    training = start_training(tmp_path, tiny_data, "data.num_workers=0", phase="validation")
    training.wait_for((tmp_path / "phase").exists)
    training.send(signal.SIGSTOP, group=True)  # it lives, and writes nothing meanwhile
    before = content(training.run)
    try:
        done = run_runner(
            "train", "debug=fast", f"data.root={tiny_data}", "exp_name=gate", "resume=auto", "seed=99", cwd=tmp_path
        )
        assert content(training.run) == before
    finally:
        training.kill()
        training.finish()
    assert_refused(done, f"{training.run}: another training is writing there")
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["gate"]


@pytest.mark.parametrize(
    ("runner", "overrides", "said"),
    [
        ("train", ["debug=fast", "data.root=nowhere"], "train.json: no such split in data.root="),
        ("train", ["debug=fast", "init_checkpoint=nowhere.ckpt"], "nowhere.ckpt"),
        ("test", ["checkpoint_path=nowhere.ckpt"], "nowhere.ckpt"),
        ("check", ["input=nowhere"], "nowhere"),
        ("tune", ["checkpoint_path=nowhere.ckpt"], "nowhere.ckpt"),
    ],
)
def test_a_refused_new_run_leaves_nothing(
    run_runner: Any, tmp_path: Path, runner: str, overrides: list[str], said: str
) -> None:
    done = run_runner(runner, *overrides, cwd=tmp_path)
    assert_refused(done, said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_runs_that_start_at_once_have_folders_of_their_own(tiny_data: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "runners" / "train.py"), "debug=fast", f"data.root={tiny_data}"]
    command += ["exp_name=twins", "resume=auto", "skip_test=true"]
    processes = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    for process in processes:
        output = process.communicate(timeout=PATIENCE_S)[0]
        assert process.returncode == 0, output
    runs = sorted((tmp_path / "outputs" / "twins").iterdir())
    assert len(runs) == 3
    for run in runs:
        assert (run / ".hydra" / "config.yaml").is_file()
        assert (run / "metrics.json").is_file()


def test_what_a_run_says_of_itself_is_written_when_it_goes_on(
    run_runner: Any, tiny_data: Path, stopped_run: Path, tmp_path: Path
) -> None:
    (stopped_run / "checkpoints" / ".last.ckpt.1.tmp").touch()
    data = tmp_path / "edited"
    shutil.copytree(tiny_data, data)
    annotation = data / "jsons" / "train.json"
    annotation.write_text(annotation.read_text(encoding="utf-8").replace("TOTAL 9", "TOTAL 8", 1), encoding="utf-8")
    done = run_runner(
        "train",
        "debug=fast",
        f"data.root={data}",
        "exp_name=tiny",
        "resume=auto",
        "trainer.max_epochs=2",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert (
        f"data.md5 was '{directory_digest(tiny_data)}' and is '{directory_digest(data)}'; images or labels"
        in done.stdout
    )
    assert "trainer.max_epochs was 1 and is 2" in done.stdout
    assert "has changed to 4 steps: the learning rate at step 2 was 3e-05 and is 0.00" in done.stdout
    assert json.loads((stopped_run / "metrics.json").read_text())["data"]["md5"] == directory_digest(data)
    overrides = (stopped_run / ".hydra" / "overrides.yaml").read_text(encoding="utf-8")
    assert "- trainer.max_epochs=2\n" in overrides
    assert "hydra:" in (stopped_run / ".hydra" / "hydra.yaml").read_text(encoding="utf-8")
    log = (stopped_run / "train.log").read_text(encoding="utf-8")
    assert log.count("Seed set to 0") == 2
    assert "`max_epochs=2` reached" in log
    assert not (stopped_run / "checkpoints" / ".last.ckpt.1.tmp").exists()
    assert hold(stopped_run / ".lock") is not None
