"""Tuning as a user types it: the checkpoint gets better settings, and nothing else of it changes."""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from ocr.detection.postprocess.db import DBPostprocessor
from ocr.formats.native import read_native
from ocr.training.points import checked_point
from ocr.training.tune import all_settings, check_grids
from ocr.types import InputError
from ocr.utils.runs import hold
from ocr.weights.checkpoint_file import load_checkpoint
from ocr.weights.stored import store_settings
from refusals import assert_refused

SHORT = (
    "data.num_workers=0",
    "grids.binary_thresh=[0.5]",
    "grids.shrink_ratio=[0.6]",
    "grids.min_size=[]",
    "grids.box_thresh=[0.5,0.6]",
    "threads=1",
)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value and tensor of a checkpoint, by its dotted name."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from leaves(each, f"{name}.{place}")
    else:
        yield name, value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and one.stride() == other.stride() and torch.equal(one, other)
    return type(one) is type(other) and one == other


@pytest.fixture(scope="module")
def tuned(run_runner, taught_checkpoint: Path, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("tuned")
    shutil.copy(taught_checkpoint, folder / "best.ckpt")
    process = run_runner("tune", "checkpoint_path=best.ckpt", f"data.root={tiny_data}", "workers=2", *SHORT, cwd=folder)
    assert process.returncode == 0, process.stderr
    return SimpleNamespace(folder=folder, process=process)


def test_better_settings_are_written_and_said(tuned: SimpleNamespace, taught_checkpoint: Path) -> None:
    (run,) = (tuned.folder / "outputs" / "tune").iterdir()
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["before"]["cleval/hmean"] < 0.2
    assert metrics["tuned"]["cleval/hmean"] > 0.6
    assert metrics["held_out"].keys() == metrics["tuned"].keys()
    assert len(metrics["settings_without_fold"]) == 2
    assert metrics["checkpoint_sha256"] == hashlib.sha256(taught_checkpoint.read_bytes()).hexdigest()
    for word in ("before", "tuned", "held_out", "iou50/hmean", "box_thresh", "without fold 2"):
        assert word in tuned.process.stdout
    assert "best.ckpt has the new settings" in tuned.process.stdout
    with (run / "tried.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["images"] for row in rows} == {"val", "without fold 1/2", "without fold 2/2"}
    best = max(float(row["objective"]) for row in rows if row["images"] == "val")
    objective = (metrics["tuned"]["cleval/hmean"] + metrics["tuned"]["iou50/hmean"]) / 2
    assert best == pytest.approx(objective, abs=1e-12)

    checkpoint = load_checkpoint(tuned.folder / "best.ckpt")
    before = load_checkpoint(taught_checkpoint)["config"]["postprocess"]
    stored = checkpoint["config"]["postprocess"]
    assert stored["box_thresh"] in {0.5, 0.6}
    assert {name: metrics["settings"][name] for name in stored if name != "kind"} == {
        name: value for name, value in stored.items() if name != "kind"
    }
    (entry,) = checkpoint["tuning"]
    assert entry["before"] == before
    assert entry["changed"] == {name: value for name, value in stored.items() if before.get(name) != value}
    assert entry["checkpoint_sha256"] == metrics["checkpoint_sha256"]


def test_predict_uses_the_new_settings(run_runner, tuned: SimpleNamespace, tiny_data: Path, tmp_path: Path) -> None:
    given = (f"checkpoint_path={tuned.folder / 'best.ckpt'}", f"input={tiny_data / 'images' / 'val'}", "output=found")
    process = run_runner("predict", *given, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    records = read_native(tmp_path / "found" / "predictions.json", strict=False)
    assert sum(len(record.words) for record in records) > 10, "before there were none"


@pytest.mark.slow
def test_test_gives_the_tuned_figures(run_runner, tuned: SimpleNamespace, tiny_data: Path, tmp_path: Path) -> None:
    given = (f"checkpoint_path={tuned.folder / 'best.ckpt'}", f"data.root={tiny_data}", "data.num_workers=0")
    process = run_runner("test", *given, "split=val", "trainer.accelerator=cpu", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    (written,) = tmp_path.glob("outputs/test/*/metrics.json")
    (run,) = (tuned.folder / "outputs" / "tune").iterdir()
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["tuned"]
    tested = json.loads(written.read_text(encoding="utf-8"))["test"]
    assert {name: tested[name] for name in figures} == pytest.approx(figures, abs=0.02)  # the maps in half precision


def test_a_resume_point_stays_one_bit_by_bit(tiny_training: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    shutil.copy(tiny_training.last, path)
    before = load_checkpoint(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    store_settings(path, sha256, {"box_thresh": 0.5, "tolerance": 2.0}, {"split": "val"})
    after = load_checkpoint(checked_point(path))
    assert after.pop("tuning") == [{"split": "val", "before": before["config"]["postprocess"]}]
    assert after["config"]["postprocess"] == {**before["config"]["postprocess"], "box_thresh": 0.5, "tolerance": 2.0}
    after["config"]["postprocess"] = before["config"]["postprocess"]
    old, new = dict(leaves(before)), dict(leaves(after))
    assert list(old) == list(new)
    assert [name for name in old if not same(old[name], new[name])] == []
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="has changed in the meantime"):
        store_settings(path, sha256, {"box_thresh": 0.1}, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["write=false"], "taught.ckpt is unchanged: write=false"),
        (["grids.box_thresh=[]"], "taught.ckpt is unchanged: no better settings were found"),
    ],
)
def test_a_checkpoint_that_is_not_to_change_does_not(
    run_runner, taught_checkpoint: Path, tiny_data: Path, tmp_path: Path, overrides: list[str], message: str
) -> None:
    before = taught_checkpoint.read_bytes()
    given = (f"checkpoint_path={taught_checkpoint}", f"data.root={tiny_data}", "folds=0", *SHORT)
    process = run_runner("tune", *given, "grids.binary_thresh=[]", "grids.shrink_ratio=[]", *overrides, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert message in process.stdout
    assert "held_out" not in process.stdout
    assert taught_checkpoint.read_bytes() == before


@pytest.mark.parametrize(("name", "value"), [("box_thresh", 1.5), ("mode", "round"), ("min_size", "small")])
def test_a_value_that_the_postprocess_does_not_take_is_told_before_the_work(name: str, value: object) -> None:
    start = all_settings(DBPostprocessor, {"kind": "db", "mode": "box"})
    assert start["mode"] == "box"
    assert start["binary_thresh"] == 0.3
    check_grids(DBPostprocessor, start, {"box_thresh": [0.5]})
    with pytest.raises(InputError, match=rf"grids\.{name}: "):
        check_grids(DBPostprocessor, start, {"box_thresh": [0.5], name: [value]})


def test_settings_of_another_size_are_not_written(run_runner, taught_checkpoint: Path, tmp_path: Path) -> None:
    process = run_runner("tune", f"checkpoint_path={taught_checkpoint}", "data.long_side=640", cwd=tmp_path)
    assert_refused(process, "data.long_side=640 differs from the checkpoint's")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("folds=1", "InputError: folds=1: must be 0, or between 2 and the number of images"),
        ("workers=many", "InputError: workers=many: must be auto, or a whole number of at least 0"),
        ("write=off", "InputError: write=off: must be true or false"),
        ("objective=[iou50/hmeen]", "InputError: objective=['iou50/hmeen']: must name one or more of cleval/hmean, "),
        ("checkpoint_path=x.onnx", "InputError: x.onnx: an exported .onnx file only runs in predict.py"),
    ],
)
def test_a_wrong_wish_is_told_before_the_maps_are_made(
    run_runner, taught_checkpoint: Path, tiny_data: Path, tmp_path: Path, override: str, message: str
) -> None:
    given = (f"checkpoint_path={taught_checkpoint}", f"data.root={tiny_data}", "write=false", *SHORT)
    process = run_runner("tune", *given, override, cwd=tmp_path)
    assert_refused(process, message)
    assert "maps" not in process.stderr
    assert "Traceback" not in process.stderr


def test_a_checkpoint_that_a_training_would_replace_is_not_tuned(
    run_runner, taught_checkpoint: Path, tiny_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    path.parent.mkdir()
    shutil.copy(taught_checkpoint, path)
    before = path.read_bytes()
    lock = hold(tmp_path / ".lock")
    assert lock is not None
    process = run_runner("tune", f"checkpoint_path={path}", f"data.root={tiny_data}", "workers=0", *SHORT, cwd=tmp_path)
    os.close(lock)
    assert_refused(process, f"{path}: a training is writing to its folder")
    assert path.read_bytes() == before
    assert not (tmp_path / "outputs").exists()
