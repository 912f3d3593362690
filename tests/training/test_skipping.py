"""A training over damaged images is the same however it is run, stopped or spread, and says what it went without."""

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from omegaconf import OmegaConf

import stopping
from drawn_receipts import write_drawn_data
from ocr.data.geometry_transforms import FitLongSide
from ocr.images.header import ImageError
from ocr.training import resume
from ocr.training.checkpoint import AtomicCheckpointIO
from ocr.training.evaluation import module_from_checkpoint
from ocr.training.loggers import ResumableCSVLogger
from ocr.training.points import resume_point
from ocr.training.skipping import CountSkipped
from ocr.types import Batch, InputError
from ocr.utils.interruption import Stopped
from ocr.utils.path_utils import REPOSITORY_ROOT
from ocr.weights.checkpoint_file import load_checkpoint
from small_training import QUIET

pytestmark = pytest.mark.filterwarnings("ignore:Checkpoint directory", "ignore:The '.*_dataloader' does not have many")
DAMAGED = ("train/train_2.png", "train/train_5.png", "train/train_6.png", "val/val_1.png")


@pytest.fixture(scope="module")
def damaged_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight training images, three of them cut off, and two validation images, one of them cut off."""
    root = write_drawn_data(tmp_path_factory.mktemp("damaged") / "data", {"train": 8, "val": 2})
    for name in DAMAGED:
        path = root / "images" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return root


class Model(pl.LightningModule):
    """A few weights that learn the shrink map."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 1, 3, padding=1)

    def training_step(self, batch: Batch, _: int) -> torch.Tensor:
        found_BHW = self.layer(batch.images_BCHW.float() / 255)[:, 0]
        loss = (found_BHW - batch.targets["shrink_map"]).square().mean()
        self.log("train/loss", loss, batch_size=len(batch))
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        if len(batch):
            self.log("val/score", self.layer(batch.images_BCHW.float() / 255).mean(), batch_size=len(batch))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=1e-2, momentum=0.9)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["config"] = {}


Fit = Callable[..., Stopped | None]


@pytest.fixture
def fit(damaged_data: Path, make_datamodule: Any, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """``fit(run, num_workers=1, stop_at=5)`` trains three epochs, continuing what is in the run's folder."""

    def train(run: Path, stop_at: int | None = None, **changes: Any) -> Stopped | None:
        stopping.stop_at(stop_at, monkeypatch)
        datamodule = make_datamodule(**{"root": damaged_data, "on_error": "skip", **changes})
        points = resume.ResumePoints(run / "checkpoints", every_n_steps=2)
        trainer = pl.Trainer(
            max_epochs=3,
            logger=ResumableCSVLogger(run, name="logs", version="csv"),
            callbacks=[CountSkipped(datamodule.skipped), points],
            plugins=[AtomicCheckpointIO()],
            **QUIET,
        )
        torch.manual_seed(1)
        try:
            trainer.fit(Model(), datamodule, ckpt_path=resume_point("auto", run), weights_only=True)
        except Stopped as stop:
            return stop
        return None

    return train


def outcome(run: Path) -> tuple[Any, ...]:
    """What must be the same: weights, momentum, what was skipped, figures."""
    last = load_checkpoint(run / "checkpoints" / "last.ckpt")
    weights = {name: value.tolist() for name, value in last["state_dict"].items()}
    momentum = [state["momentum_buffer"].tolist() for state in last["optimizer_states"][0]["state"].values()]
    log = (run / "logs" / "csv" / "metrics.csv").read_text(encoding="utf-8")
    return weights, momentum, last["callbacks"]["CountSkipped"], last["global_step"], log


def test_workers_and_stops_change_nothing(fit: Fit, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ocr.data.skipping"):
        assert fit(tmp_path / "whole") is None
    expected = outcome(tmp_path / "whole")
    told = [message for message in caplog.messages if message.startswith("skipped: ")]
    assert len(told) == len(set(told)) == len(DAMAGED)
    assert all(any(name in message for message in told) for name in DAMAGED)
    assert set(expected[2]["skipped"][0]) == {message.removeprefix("skipped: ") for message in told}
    header, *rows = (line.split(",") for line in expected[4].splitlines())
    assert {row[header.index("val/skipped")] for row in rows} - {""} == {"1.0"}
    assert [row for row in rows if row[header.index("train/skipped")]][-1][header.index("train/skipped")] == "4.0"

    assert fit(tmp_path / "worker", num_workers=1) is None
    assert outcome(tmp_path / "worker") == expected
    stops = 0
    for at in (4, 7, 9, 12):
        run = tmp_path / f"stopped {at}"
        stops += fit(run, stop_at=at) is not None
        assert fit(run) is None
        assert outcome(run) == expected, f"stopped at look {at}"
    assert stops == 4
    assert fit(tmp_path / "both", stop_at=8, num_workers=2) is not None
    assert fit(tmp_path / "both", num_workers=0) is None
    assert outcome(tmp_path / "both") == expected


def test_too_many_end_the_run_with_their_names(fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"3 images cannot be used, more than data\.max_skipped=2") as caught:
        fit(tmp_path, max_skipped=2)
    assert sum(name in str(caught.value) for name in DAMAGED) == 3


def test_what_was_skipped_before_the_stop_counts_after_it(fit: Fit, tmp_path: Path) -> None:
    assert fit(tmp_path, stop_at=9) is not None  # all four were met
    with pytest.raises(InputError, match=r"4 images cannot be used, more than data\.max_skipped=3"):
        fit(tmp_path, max_skipped=3)


def test_without_leave_to_skip_nothing_is_kept_or_logged(fit: Fit, tmp_path: Path, damaged_data: Path) -> None:
    whole = shutil.copytree(damaged_data, tmp_path / "data")
    good = whole / "images" / "train" / "train_0.png"
    for name in DAMAGED:
        shutil.copy(good, whole / "images" / name)
    assert fit(tmp_path / "run", root=whole, on_error="raise") is None
    assert "CountSkipped" not in load_checkpoint(tmp_path / "run" / "checkpoints" / "last.ckpt")["callbacks"]
    assert "skipped" not in (tmp_path / "run" / "logs" / "csv" / "metrics.csv").read_text(encoding="utf-8")
    # A checkpoint that knows nothing of skipped images, as those of earlier versions, can be continued with them.
    assert fit(tmp_path / "older", root=whole, on_error="raise", stop_at=9) is not None
    assert fit(tmp_path / "older", root=whole) is None


def test_figures_are_without_the_images_that_cannot_be_read(
    damaged_data: Path, make_datamodule: Any, tmp_path: Path
) -> None:
    module, _ = module_from_checkpoint(str(REPOSITORY_ROOT / "weights/receipts.safetensors"), OmegaConf.create())

    def figures(root: Path, **changes: Any) -> dict[str, float]:
        datamodule = make_datamodule(root=root, test_split="val", transform=FitLongSide(long_side=320), **changes)
        trainer = pl.Trainer(
            callbacks=[CountSkipped(datamodule.skipped)], logger=False, enable_checkpointing=False, **QUIET
        )
        return dict(trainer.test(module, datamodule, verbose=False)[0])

    whole = shutil.copytree(damaged_data, tmp_path / "data")
    annotation = whole / "jsons" / "val.json"
    content = json.loads(annotation.read_text(encoding="utf-8"))
    del content["images"]["val_1.png"]
    annotation.write_text(json.dumps(content), encoding="utf-8")
    found = figures(damaged_data, on_error="skip")
    assert found.pop("test/skipped") == 1
    assert found == figures(whole)
    assert found["test/cleval/hmean"] > 0
    with pytest.raises(ImageError, match=r"val_1\.png"):
        figures(damaged_data)
