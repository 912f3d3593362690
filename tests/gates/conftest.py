"""Data and a checkpoint for the gates, and a checkout to plant breaches in."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from gate_trainings import REPOSITORY, SPLITS, start_training
from planted_checkout import copy_checkout, git


@pytest.fixture(scope="session")
def gate_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_data(tmp_path_factory.mktemp("gate_data"), SPLITS)


def run_of(folder: Path, data: Path, *overrides: str, task: str = "detection") -> Path:
    """Run folder of a training that came to its end."""
    training = start_training(folder, data, "data.num_workers=0", *overrides, task=task)
    output = training.finish()
    assert training.process.returncode == 0, output
    return training.run


@pytest.fixture(scope="session")
def whole_trainings(gate_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``whole_trainings("recognition")``: run folder of a training of that task that nobody stopped."""
    return functools.cache(lambda task: run_of(tmp_path_factory.mktemp(f"whole_{task}"), gate_data, task=task))


@pytest.fixture(scope="session")
def whole_training(whole_trainings: Callable[[str], Path]) -> Path:
    """Run folder of a detector's training that nobody stopped."""
    return whole_trainings("detection")


@pytest.fixture(scope="session")
def gate_checkpoint(whole_training: Path) -> Path:
    return whole_training / "checkpoints" / "best.ckpt"


TESTED = {
    "detection": ("targets.shrink_ratio=0.4", "postprocess.binary_thresh=0.4", "postprocess.box_thresh=0.1"),
    "recognition": (
        f"init_checkpoint={REPOSITORY / 'weights' / 'lines.safetensors'}",
        *("model.channels=[24,48,96]", "model.depth=3", "model.width=192", "model.blocks=3", "model.heads=6"),
        *("optimiser.lr=0.00001", "data.lines_per_receipt=2"),
    ),
    "extraction": (
        f"init_checkpoint={REPOSITORY / 'weights' / 'facts.safetensors'}",
        *("model.letters=96", "model.width=160", "model.blocks=4", "model.heads=5", "optimiser.lr=0.00001"),
        "postprocess.least=0.0",  # all words have the same text: any is the total
    ),
}
"""By task: with what there is something to agree on: regions, characters, values.

Regions are found by a hardly trained detector; the others find nothing when hardly trained, so the shipped ones start.
"""


@pytest.fixture(scope="session")
def finding_trainings(gate_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``finding_trainings("detection")``: run folder of a training whose network finds something."""

    def trained(task: str) -> Path:
        overrides = (*TESTED[task], "trainer.limit_test_batches=1.0")
        return run_of(tmp_path_factory.mktemp(f"finds_{task}"), gate_data, *overrides, task=task)

    return functools.cache(trained)


@pytest.fixture(scope="session")
def finding_training(finding_trainings: Callable[[str], Path]) -> Path:
    """Run folder of a training whose detector finds something."""
    return finding_trainings("detection")


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
