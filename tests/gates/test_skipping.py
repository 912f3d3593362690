"""A training of two processes over damaged images, stopped and continued, is the one that was not stopped."""

import signal
from pathlib import Path

import pytest

from drawn_receipts import write_drawn_data
from gate_trainings import SPLITS, Training, figures, history, start_training, weights_hash
from ocr.weights.checkpoint_file import load_checkpoint

DAMAGED = ("train/train_2.png", "train/train_7.png", "train/train_11.png", "val/val_1.png", "test/test_0.png")
SKIPPING = (
    *("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp", "data.num_workers=1"),
    *("data.on_error=skip", "trainer.limit_val_batches=1.0", "trainer.limit_test_batches=1.0"),
)


@pytest.fixture
def damaged_data(tmp_path: Path) -> Path:
    """Receipts of which five are cut off."""
    root = write_drawn_data(tmp_path / "data", SPLITS)
    for name in DAMAGED:
        path = root / "images" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return root


def known(training: Training) -> list[list[str]]:
    """The skipped images that each process knows of at the last point."""
    kept: list[list[str]] = load_checkpoint(training.run / "checkpoints" / "last.ckpt")["callbacks"]["CountSkipped"][
        "skipped"
    ]
    return kept


@pytest.mark.slow
def test_two_processes_skip_the_same_images(damaged_data: Path, tmp_path: Path) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    whole = start_training(tmp_path / "whole", damaged_data, *SKIPPING)
    assert whole.finish()
    assert whole.process.returncode == 0, whole.output
    assert [len(reasons) for reasons in known(whole)] == [4, 4]
    assert all(any(name in reason for reason in known(whole)[0]) for name in DAMAGED[:4])
    assert [figures(whole.run)[split]["skipped"] for split in ("val", "test")] == [1, 1]

    stopped = start_training(tmp_path / "stopped", damaged_data, *SKIPPING, phase="train", after=6)
    stopped.wait_for((tmp_path / "stopped" / "phase").exists)
    stopped.send(signal.SIGTERM, group=False)
    stopped.finish()
    assert stopped.process.returncode == 143, stopped.output
    continued = start_training(tmp_path / "stopped", damaged_data, *SKIPPING, "resume=auto")
    output = continued.finish()
    assert continued.process.returncode == 0, output
    assert known(continued) == known(whole)
    for name in ("last.ckpt", "best.ckpt"):
        assert weights_hash(continued.run / "checkpoints" / name) == weights_hash(whole.run / "checkpoints" / name)
    assert figures(continued.run) == figures(whole.run)
    assert history(continued.run) == history(whole.run)
