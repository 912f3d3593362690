"""Images a second and the wait for data, by a clock that the test holds."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from ocr.training import Throughput
from small_training import QUIET

BATCH = range(4)


class Bench:
    """Drives the callback step by step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
        self.now = 100.0
        self.figures: dict[str, float] = {}
        self.shown: set[str] = set()
        self.callback = Throughput(window)
        self.trainer: Any = SimpleNamespace(world_size=2)
        self.module: Any = SimpleNamespace(log=self._log)
        monkeypatch.setattr("ocr.training.throughput.time", SimpleNamespace(perf_counter=lambda: self.now))

    def _log(self, name: str, value: float, *, prog_bar: bool = False) -> None:
        self.figures[name] = value
        if prog_bar:
            self.shown.add(name)

    def step(self, number: int, wait: float, work: float) -> tuple[float, float]:
        self.now += wait
        self.callback.on_train_batch_start(self.trainer, self.module, BATCH, number)
        self.now += work
        self.callback.on_train_batch_end(self.trainer, self.module, None, BATCH, number)
        return self.figures["images_per_s"], self.figures["data_wait"]


def test_figures_begin_with_the_first_step_and_slide(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, window=2)
    bench.callback.on_train_start(bench.trainer, bench.module)
    bench.callback.on_train_epoch_start(bench.trainer, bench.module)
    assert bench.step(0, wait=1, work=3) == (8 / 4, 1 / 4)
    assert bench.step(1, wait=0, work=4) == (16 / 8, 1 / 8)
    assert bench.step(2, wait=2, work=2) == (16 / 8, 2 / 8)  # the first step has left the window
    assert bench.shown == {"images_per_s"}


@pytest.mark.parametrize("start", ["on_train_epoch_start", "on_train_start"])
def test_what_lies_before_a_start_counts_for_nothing(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    """A resumed run starts in the middle of an epoch, with `on_train_start` alone."""
    bench = Bench(monkeypatch, window=20)
    bench.callback.on_train_start(bench.trainer, bench.module)
    bench.step(0, wait=50, work=50)
    bench.now += 1000
    getattr(bench.callback, start)(bench.trainer, bench.module)
    assert bench.step(7, wait=1, work=1) == (8 / 2, 1 / 2)


class Tiny(pl.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def training_step(self, batch: torch.Tensor, _: int) -> torch.Tensor:
        return self.layer(batch).square().mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def test_the_progress_bar_has_it_in_an_epoch_of_two_steps(tmp_path: Path) -> None:
    shown: list[float] = []

    class Look(pl.Callback):
        def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
            shown.append(float(trainer.progress_bar_metrics["images_per_s"]))

    fitting = pl.Trainer(
        default_root_dir=tmp_path,
        callbacks=[Throughput(window=20), Look()],
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        **QUIET,
    )
    fitting.fit(Tiny(), torch.utils.data.DataLoader(torch.rand(8, 3), batch_size=4))
    assert len(shown) == 2
    assert min(shown) > 0
