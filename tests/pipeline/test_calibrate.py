"""Calibrating a recogniser on drawn lines: what is fitted to which lines, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocr.pipeline.calibrate import ROUND, SPLIT, Calibrate, Judged, calibrate, held_out_figures, is_held_out
from ocr.types import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from small_recogniser import save_checkpoint, small_recogniser

WEIGHTS = REPOSITORY_ROOT / "weights" / "lines.safetensors"


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
