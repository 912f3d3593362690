"""Calibrating a recogniser as a user types it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ocr import LineReader
from ocr.pipeline.calibrate import read_drawn
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.weights_file import read_weights, write_weights
from refusals import assert_refused

WEIGHTS = REPOSITORY_ROOT / "weights" / "lines.safetensors"


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    """The shipped recogniser with noise in its last layer, so that few lines show what it is too sure of."""
    card, weights = read_weights(WEIGHTS)
    noise = torch.randn(weights["head.weight"].shape, generator=torch.Generator().manual_seed(0))
    weights["head.weight"] += 0.6 * weights["head.weight"].std() * noise
    path = tmp_path / "careless.safetensors"
    write_weights(weights, card, path)
    return path


@pytest.mark.slow
def test_the_command_stores_what_makes_confidences_probabilities(run_runner, careless: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.safetensors"
    shutil.copy(careless, kept)
    given = ("receipts=16", "seed=3", "device=cpu", "threads=1")
    process = run_runner("calibrate", f"checkpoint_path={careless}", *given, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    card, _ = read_weights(careless)
    *_, entry = card.provenance["tuning"]  # behind those of the shipped file
    before, after = (
        {name.removeprefix(f"{column}/"): value for name, value in entry["figures"].items() if column in name}
        for column in ("before", "calibrated")
    )
    assert entry["lines"] == before["all, lines"] == after["all, lines"] > 500
    assert after["all, ece"] < 0.6 * before["all, ece"]
    assert after["all, brier"] < before["all, brier"]
    assert f"calibration={card.postprocess['calibration']}" in process.stdout
    assert f"{careless} has the calibration" in process.stdout

    raw, calibrated = (LineReader.load(path, device="cpu", threads=1) for path in (kept, careless))
    lines, sure = (list(read_drawn(reader, 0, seed=4)) for reader in (raw, calibrated))
    assert [line.right for line in lines] == [line.right for line in sure]
    assert np.argsort([each.confidence for each in lines]).tolist() == np.argsort([x.confidence for x in sure]).tolist()

    # Once more, and without writing: an earlier calibration has no influence.
    content = careless.read_bytes()
    again = run_runner("calibrate", f"checkpoint_path={careless}", *given, "write=false", cwd=tmp_path)
    assert again.stdout.splitlines()[:-1] == process.stdout.splitlines()[:-1]
    assert again.stdout.splitlines()[-1].endswith("is unchanged: write=false")
    assert careless.read_bytes() == content


def test_what_cannot_be_calibrated_is_told(run_runner, tmp_path: Path) -> None:
    detector = WEIGHTS.with_name("receipts.safetensors")
    process = run_runner("calibrate", f"checkpoint_path={detector}", cwd=tmp_path)
    assert_refused(process, "its network is for task=detection, not for recognition")
