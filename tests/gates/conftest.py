"""Data and a checkpoint for the gates, and a checkout to plant breaches in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from gate_trainings import SPLITS, start_training
from planted_checkout import copy_checkout, git


@pytest.fixture(scope="session")
def gate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_data(tmp_path_factory.mktemp("gate_data"), SPLITS)


def run_of(folder: Path, data: Path, *overrides: str) -> Path:
    """Run folder of a training that came to its end."""
    training = start_training(folder, data, "data.num_workers=0", *overrides)
    output = training.finish()
    assert training.process.returncode == 0, output
    return training.run


@pytest.fixture(scope="session")
def whole_training(gate_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run folder of a training that nobody stopped."""
    return run_of(tmp_path_factory.mktemp("whole"), gate_data)


@pytest.fixture(scope="session")
def gate_checkpoint(whole_training: Path) -> Path:
    return whole_training / "checkpoints" / "best.ckpt"


FINDS = (
    "targets.shrink_ratio=0.4",
    "postprocess.binary_thresh=0.4",
    "postprocess.box_thresh=0.1",
    "trainer.limit_test_batches=1.0",
)
"""Where the map of a hardly trained network lies, so that there are regions to agree on."""


@pytest.fixture(scope="session")
def finding_training(gate_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run folder of a training whose detector finds something."""
    return run_of(tmp_path_factory.mktemp("finds"), gate_data, *FINDS)


@pytest.fixture(scope="session")
def finding_checkpoint(finding_training: Path) -> Path:
    return finding_training / "checkpoints" / "best.ckpt"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def checkout(whole: Path) -> Iterator[Path]:
    """The copy, as it was again afterwards."""
    yield whole
    git(whole, "checkout", "--quiet", ".")
    git(whole, "clean", "--quiet", "-fd")
