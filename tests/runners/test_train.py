"""Training from end to end, as a user types it."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from ocr.utils.digest import directory_digest
from refusals import assert_refused

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ["torch", "pytorch_lightning", "wandb", "mlflow", "timm", "numpy", "cv2", "shapely", "PIL"]


def test_goes_from_fit_to_test_figures(tiny_training: SimpleNamespace) -> None:
    assert "`Trainer.fit` stopped: `max_epochs=1` reached." in tiny_training.process.stdout
    for word in ("figure", "val", "test", "cleval/hmean", "iou50/hmean"):
        assert word in tiny_training.process.stdout


def test_the_run_folder_holds_what_others_rely_on(tiny_training: SimpleNamespace) -> None:
    run = tiny_training.run
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", run.name)
    for name in (".hydra/config.yaml", "checkpoints/last.ckpt", "checkpoints/best.ckpt", "metrics.json", "logs"):
        assert (run / name).exists(), name
    overlays = list((run / "logs" / "overlays").rglob("*.jpg"))
    assert len(overlays) == 2
    assert list((run / "logs" / "tensorboard").glob("events*"))
    with (run / "logs" / "csv" / "metrics.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert any(row["val/cleval/hmean"] for row in rows)


def test_metrics_say_what_they_come_from(tiny_training: SimpleNamespace, tiny_data: Path) -> None:
    metrics = json.loads((tiny_training.run / "metrics.json").read_text(encoding="utf-8"))
    for split in ("val", "test"):
        assert 0.0 <= metrics[split]["cleval/hmean"] <= 1.0
        assert metrics[split]["loss"] > 0.0
    assert metrics["seed"] == 0
    assert metrics["data"]["md5"] == directory_digest(tiny_data)
    assert metrics["wall_time_s"] > 0
    assert metrics["versions"]["torch"] == torch.__version__.split("+")[0]


def test_the_last_checkpoint_holds_plain_data_and_two_steps(tiny_training: SimpleNamespace) -> None:
    checkpoint = torch.load(tiny_training.last, weights_only=True)
    assert checkpoint["global_step"] == 2
    assert checkpoint["config"]["model"]["encoder"]["name"] == "mobilenetv3_small_075"


@pytest.mark.parametrize("task", ["recognition", "recognition_attention", "recognition_guided"])
def test_a_recogniser_trains_by_the_same_command(run_runner, tiny_data: Path, tmp_path: Path, task: str) -> None:
    small = ("model.channels=[4,8,16]", "model.width=48", "model.blocks=1", "model.heads=2", "exp_name=text")
    process = run_runner("train", f"task={task}", "debug=fast", *small, f"data.root={tiny_data}", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "text/line_accuracy" in process.stdout
    (run,) = (tmp_path / "outputs" / "text").iterdir()
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for split in ("val", "test"):
        assert 0.0 <= metrics[split]["text/line_accuracy"] <= 1.0
        assert metrics[split]["loss"] > 0.0
    overlays = [path.relative_to(run / "logs" / "overlays") for path in (run / "logs" / "overlays").rglob("*.jpg")]
    assert sorted(map(str, overlays)) == ["epoch_000/val_0.jpg", "epoch_000/val_1.jpg"]
    assert torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)["config"]["task"] == "recognition"


def test_a_misspelt_key_names_the_near_ones(run_runner, tmp_path: Path) -> None:
    process = run_runner("train", "trainer.max_epoch=1", cwd=tmp_path)
    assert_refused(process, "near names: trainer.max_epochs")
    assert not list(tmp_path.iterdir())


def test_a_missing_test_split_is_told_before_the_training(run_runner, tiny_data: Path, tmp_path: Path) -> None:
    overrides = ("debug=fast", f"data.root={tiny_data}", "data.test_split=holdout")
    process = run_runner("train", *overrides, cwd=tmp_path)
    assert_refused(process, "has no split 'holdout' to test on", "skip_test=true")
    assert not list(tmp_path.rglob("*.ckpt"))


@pytest.mark.parametrize(
    "runner", ["train", "test", "predict", "tune", "export", "evaluate", "convert", "synthesize", "data"]
)
def test_importing_a_runner_loads_nothing_heavy(runner: str) -> None:
    code = f"import sys, runners.{runner}; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "overrides", [["trainer.devices=auto"], ["trainer.devices=2", "trainer.strategy=ddp"]], ids=["auto", "ddp"]
)
def test_any_number_of_devices(run_runner, tiny_data: Path, tmp_path: Path, overrides: list[str]) -> None:
    fixed = ["debug=fast", f"data.root={tiny_data}", "exp_name=devices"]
    process = run_runner("train", *fixed, *overrides, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    (run,) = (tmp_path / "outputs" / "devices").iterdir()
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["epoch"] == 0
    assert json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"]["loss"] > 0
    assert process.stdout.count("│ iou50/hmean") == 1  # the table, once
