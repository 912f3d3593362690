"""Weights as a file: everything that takes a checkpoint takes it, and does the same with it."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from ocr.training.evaluation import module_from_checkpoint
from ocr.utils.path_utils import CONFIG_DIR
from ocr.weights.stored import store_settings
from ocr.weights.weights_file import read_weights
from refusals import assert_refused
from runners.train import build_module

LOWER = "postprocess.box_thresh=0.6"


@pytest.fixture(scope="module")
def weights(run_runner, taught_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "taught.safetensors"
    given = (f"checkpoint_path={taught_checkpoint}", "format=safetensors", f"output={path}", LOWER)
    process = run_runner("export", *given)
    assert process.returncode == 0, process.stderr
    assert process.stdout.endswith(f"{path.stat().st_size / 2**20:.1f} MB: {path}\n")
    assert path.stat().st_size < 8 * 2**20
    return path


def test_it_holds_the_checkpoints_network_and_settings(weights: Path, taught_checkpoint: Path) -> None:
    changed = OmegaConf.create({"box_thresh": 0.6})
    one, kept = module_from_checkpoint(str(weights), OmegaConf.create({}))
    other, expected = module_from_checkpoint(str(taught_checkpoint), changed)
    assert kept == expected
    theirs = other.state_dict()
    assert one.state_dict().keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in one.state_dict().items())
    card, _ = read_weights(weights)
    assert card.provenance["checkpoint_sha256"] == hashlib.sha256(taught_checkpoint.read_bytes()).hexdigest()
    assert "tuning" not in card.provenance


def test_predict_takes_it_and_says_what_it_finds_in_a_table(
    run_runner, weights: Path, tiny_data: Path, tmp_path: Path
) -> None:
    given = (f"checkpoint_path={weights}", f"input={tiny_data / 'images' / 'val'}", "output=found", "table=true")
    process = run_runner("predict", *given, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    found = json.loads((tmp_path / "found" / "predictions.json").read_text(encoding="utf-8"))["images"]
    counts = {name: len(image["words"]) for name, image in found.items()}
    assert sum(counts.values()) > 10
    lines = [line for line in process.stdout.splitlines() if line.startswith("│")]
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    assert {row[0]: int(row[2]) for row in rows[:-1]} == counts
    assert rows[-1][0] == "2 images"
    assert int(rows[-1][2]) == sum(counts.values())
    assert all(0.6 <= float(row[3]) <= 1.0 for row in rows)


def test_a_training_starts_from_it(weights: Path) -> None:
    with initialize_config_dir(str(CONFIG_DIR), version_base="1.3"):
        cfg = compose("train", overrides=[f"init_checkpoint='{weights}'", "model.decoder.channels=32"])
    cfg.output_dir = "nowhere"
    network = build_module(cfg).network.state_dict()
    _, stored = read_weights(weights)
    assert network.keys() == stored.keys()
    assert all(torch.equal(network[name], value) for name, value in stored.items())


def test_it_is_tuned_in_place_and_says_what_it_was(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(weights.read_bytes())
    for value in (0.5, 0.7):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        store_settings(path, sha256, {"box_thresh": value}, {"split": "val"})
    (before, old), (after, new) = read_weights(weights), read_weights(path)
    assert after.postprocess == {**before.postprocess, "box_thresh": 0.7}
    first, second = after.provenance["tuning"]
    assert first == {"split": "val", "before": before.postprocess}
    assert second["before"]["box_thresh"] == 0.5
    assert all(torch.equal(value, new[name]) for name, value in old.items())
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_test_takes_it_and_export_hands_on_what_was_tuned(
    run_runner, weights: Path, tiny_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.safetensors").write_bytes(weights.read_bytes())
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    store_settings(tmp_path / "mine.safetensors", sha256, {"box_thresh": 0.5}, {"split": "val"})
    given = ("checkpoint_path=mine.safetensors", f"data.root={tiny_data}", "data.num_workers=0")
    process = run_runner("test", *given, "trainer.accelerator=cpu", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    (written,) = tmp_path.glob("outputs/test/*/metrics.json")
    assert json.loads(written.read_text(encoding="utf-8"))["test"]["cleval/hmean"] > 0.6
    process = run_runner("export", given[0], "format=safetensors", "output=again.safetensors", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    again, _ = read_weights(tmp_path / "again.safetensors")
    assert again.postprocess["box_thresh"] == 0.5
    assert [entry["split"] for entry in again.provenance["tuning"]] == ["val"]


def test_an_output_that_would_not_be_recognised_is_told(
    run_runner, tiny_training: SimpleNamespace, tmp_path: Path
) -> None:
    checkpoint = f"checkpoint_path={tiny_training.best}"
    process = run_runner("export", checkpoint, "format=safetensors", "output=x.onnx", cwd=tmp_path)
    assert_refused(process, "output=x.onnx: must end in .safetensors")
