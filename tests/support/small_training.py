"""A training of a few weights in the detector's place; callbacks, loggers, sampler and checkpoints are the real."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import stopping
from ocr.data.sampler import SampleKey, ShuffleSampler
from ocr.training import WarmedUpEMA, resume
from ocr.training.checkpoint import AtomicCheckpointIO
from ocr.training.loggers import ResumableCSVLogger
from ocr.training.points import resume_point
from ocr.utils.interruption import Stopped
from ocr.weights.checkpoint_file import load_checkpoint

IMAGES, BATCH = 12, 2

QUIET: dict[str, Any] = {
    "log_every_n_steps": 1,
    "accelerator": "cpu",
    "use_distributed_sampler": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "num_sanity_val_steps": 0,
}
"""Of a Trainer that logs each step and shows nothing."""


class Numbers(Dataset[torch.Tensor]):
    def __len__(self) -> int:
        return IMAGES

    def __getitem__(self, key: SampleKey) -> torch.Tensor:
        return torch.tensor([float(key[0]), float(key[1]), 1.0])


class Data(pl.LightningDataModule):
    def __init__(self) -> None:
        super().__init__()
        self.position = (0, 0)

    def state_dict(self) -> dict[str, int]:
        done = self.trainer.fit_loop.epoch_loop.batch_progress.current.completed
        return {"epoch": self.trainer.current_epoch, "batches": done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.position = (state["epoch"], state["batches"])

    def train_dataloader(self) -> DataLoader[torch.Tensor]:
        sampler = ShuffleSampler(IMAGES, seed=0)
        sampler.start_at(self.position[0], self.position[1] * BATCH)
        return DataLoader(Numbers(), batch_size=BATCH, sampler=sampler, generator=torch.Generator())

    def val_dataloader(self) -> DataLoader[torch.Tensor]:
        return DataLoader([torch.tensor([1.0, 2.0, 3.0])] * 2, generator=torch.Generator())


class Model(pl.LightningModule):
    """Its dropout needs the random state, its momentum the optimiser's, its rate the schedule's."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))

    def training_step(self, batch: torch.Tensor, _: int) -> torch.Tensor:
        loss = self.layers(batch).square().mean()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: torch.Tensor, _: int) -> None:
        self.log("val/score", self.layers(batch).mean())

    def configure_optimizers(self) -> Any:
        optimiser = torch.optim.SGD(self.parameters(), lr=1e-3, momentum=0.9)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 / (1 + step))
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["config"] = {}


def fit(
    run: Path,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    stop_at: int | None,
    from_point: str = "auto",
) -> Stopped | None:
    """Train in a run folder, continuing what is there; a signal comes at the n-th time that the run looks for one."""
    stopping.stop_at(stop_at, monkeypatch)
    options = {"max_epochs": 4, **settings}
    callbacks: list[pl.Callback] = [
        pl.callbacks.ModelCheckpoint(run / "checkpoints", "best", "val/score", mode="max", enable_version_counter=False)
    ]
    if options.pop("ema", True):
        callbacks.append(WarmedUpEMA(decay=0.9))
    if "patience" in options:
        callbacks.append(pl.callbacks.EarlyStopping("val/score", patience=options.pop("patience"), mode="max"))
    points = resume.ResumePoints(run / "checkpoints", every_n_steps=3)
    trainer = pl.Trainer(
        logger=ResumableCSVLogger(run, name="logs", version="csv"),
        callbacks=[*callbacks, points],
        plugins=[AtomicCheckpointIO()],
        **QUIET,
        **options,
    )
    model = Model()
    torch.manual_seed(1)
    try:
        trainer.fit(model, Data(), ckpt_path=resume_point(from_point, run), weights_only=True)
    except Stopped as stop:
        return stop
    return None


def outcome(run: Path) -> tuple[Any, ...]:
    """What must be the same: weights, averages, optimiser, step, best score, logs."""
    last, best = (load_checkpoint(run / "checkpoints" / name) for name in ("last.ckpt", "best.ckpt"))
    weights = {name: value.tolist() for name, value in last["state_dict"].items()}
    raw = {name: value.tolist() for name, value in last.get("current_model_state", {}).items()}
    momentum = [state["momentum_buffer"].tolist() for state in last["optimizer_states"][0]["state"].values()]
    log = (run / "logs" / "csv" / "metrics.csv").read_text(encoding="utf-8")
    return weights, raw, momentum, last["global_step"], best["global_step"], log
