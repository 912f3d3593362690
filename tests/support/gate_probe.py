"""A callback that tells a test where a training is, and waits there for the test's signal."""

import os
import resource
import signal
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from patience import wait_until


class Probe(pl.Callback):
    """Writes ``phase`` when the training is there for the first time, and every finished step to ``steps``.

    Args:
        folder: where the two files go.
        phase: ``sanity``, ``train``, ``validation``, ``checkpoint`` or ``test``; ``None`` announces nothing.
        after_steps: the phase counts from this step on.
    """

    def __init__(self, folder: str, phase: str | None = None, after_steps: int = 0) -> None:
        self.folder = Path(folder)
        self.phase = phase
        self.after_steps = after_steps

    def _reached(self, trainer: pl.Trainer, phase: str) -> None:
        if phase != self.phase or not trainer.is_global_zero or trainer.global_step < self.after_steps:
            return
        self.phase = None
        (self.folder / "phase").touch()
        tester = os.getppid()
        wait_until(lambda: signal.sigpending() or os.getppid() != tester)

    def on_sanity_check_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self._reached(trainer, "sanity")

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self._reached(trainer, "train")

    def on_validation_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if not trainer.sanity_checking:
            self._reached(trainer, "validation")

    def on_save_checkpoint(self, trainer: pl.Trainer, *_: Any) -> None:
        self._reached(trainer, "checkpoint")

    def on_test_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self._reached(trainer, "test")

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        if trainer.is_global_zero:
            with (self.folder / "steps").open("a") as stream:
                stream.write(f"{trainer.global_step}\n")


class Hold(pl.Callback):
    """Waits before a step as long as a file is there, or until a signal comes.

    Args:
        file: the file; ``<file>.reached`` is written when the training waits for it.
        step: finished steps.
    """

    def __init__(self, file: str, step: int) -> None:
        self.file = Path(file)
        self.step = step

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if trainer.global_step == self.step and self.file.exists():
            Path(f"{self.file}.reached").touch()
            wait_until(lambda: signal.sigpending() or not self.file.exists())


class FullDisk(pl.Callback):
    """Lets the process write no more than 10 kB to any file once it has saved so many checkpoints.

    Args:
        after_saves: checkpoints that are written before.
    """

    def __init__(self, after_saves: int) -> None:
        self.after_saves = after_saves

    def on_save_checkpoint(self, trainer: pl.Trainer, *_: Any) -> None:  # noqa: ARG002
        self.after_saves -= 1
        if self.after_saves < 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
