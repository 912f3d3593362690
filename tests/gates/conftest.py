"""Data and a checkpoint for the gates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocr.formats.native import write_native
from tests.conftest import draw_receipt
from tests.gates.trainings import start_training

SPLITS = {"train": 16, "val": 3, "test": 3}


def write_gate_data(root: Path) -> Path:
    """A native data folder of small drawn receipts: eight training batches of two an epoch."""
    rng = np.random.default_rng(0)
    for split, count in SPLITS.items():
        (root / "images" / split).mkdir(parents=True)
        records = [draw_receipt(root / "images" / split / f"{split}_{number}.png", rng) for number in range(count)]
        write_native(records, root / "jsons" / f"{split}.json")
    return root


@pytest.fixture(scope="session")
def gate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gate_data(tmp_path_factory.mktemp("gate_data"))


@pytest.fixture(scope="session")
def whole_training(gate_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run folder of a training that nobody stopped."""
    training = start_training(tmp_path_factory.mktemp("whole"), gate_data, "data.num_workers=0")
    output = training.finish()
    assert training.process.returncode == 0, output
    return training.run


@pytest.fixture(scope="session")
def gate_checkpoint(whole_training: Path) -> Path:
    return whole_training / "checkpoints" / "best.ckpt"
