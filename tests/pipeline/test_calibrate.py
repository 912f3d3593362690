"""Calibrating a recogniser on drawn lines, as a user does it."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocr import LineReader
from ocr.pipeline.calibrate import ROUND, SPLIT, Calibrate, Judged, calibrate, held_out_figures, is_held_out, read_drawn
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.weights_file import read_weights, write_weights
from small_recogniser import save_checkpoint, small_recogniser

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
    (entry,) = card.provenance["tuning"]
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


def test_each_half_is_calibrated_by_the_other() -> None:
    """Halves in which the network is too sure by as much, but one of which has unseen fonts where more goes wrong."""
    rng = np.random.default_rng(0)
    truth_N = rng.beta(4, 1, 16_000)
    lines = [
        Judged(int(receipt), float(odds / (odds + (1 - probability) / 3)), bool(right))
        for receipt, probability, odds, right in zip(
            rng.integers(0, 80, len(truth_N)), truth_N, truth_N, rng.random(len(truth_N)) < truth_N, strict=True
        )
    ]
    figures = held_out_figures(lines)
    assert figures["before/all, lines"] == figures["calibrated/all, lines"] == len(lines)
    parts = [figures[f"calibrated/{part}, lines"] for part in ("fonts of training", "other fonts")]
    assert sum(parts) == len(lines)
    assert parts[1] / len(lines) == pytest.approx(1 / ROUND, abs=0.02)
    assert figures["before/all, ece"] > 0.08
    for part in ("all", "fonts of training", "other fonts"):
        assert figures[f"calibrated/{part}, ece"] < 0.02
        assert figures[f"calibrated/{part}, accuracy"] == figures[f"before/{part}, accuracy"]


def test_the_lines_are_of_receipts_that_no_training_draws() -> None:
    assert [receipt for receipt in range(2 * ROUND) if is_held_out(receipt)] == [3, 7]
    assert SPLIT not in {"train", "val", "test", "parity"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"receipts": 7}, "receipts=7, .*receipts must be 8 or more"),
        ({"korean": 1.5}, "korean=1.5"),
        ({"seed": -1}, "seed=-1"),
        ({"device": "tpu"}, "device=tpu"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_read(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        calibrate(Calibrate(str(WEIGHTS), **wrong))


def test_a_recogniser_that_reads_nothing_right_is_refused(tmp_path: Path) -> None:
    path = save_checkpoint(small_recogniser(), tmp_path / "best.ckpt")
    content = path.read_bytes()
    with pytest.raises(
        InputError, match=r"of \d+ lines 0 are read right and \d+ wrong; a calibration needs 20 of both"
    ):
        calibrate(Calibrate(str(path), receipts=8, device="cpu"))
    assert path.read_bytes() == content
