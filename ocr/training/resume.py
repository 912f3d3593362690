"""Points that a run can be continued from exactly, and stopping at them.

A point is written where every step before it is finished and logged and none after it has begun: at the start of a
batch, or of a validation. Lightning restores such points from the progress of its loops; the two hooks are not those
in which it expects to be saved, so the progress is written as it would stand in the nearest state that it knows.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.trainer.states import TrainerFn

from ocr.training.checkpoint import CheckpointError, keep_previous, load_checkpoint
from ocr.training.distributed import gather, largest
from ocr.types import Batch, InputError
from ocr.utils.interruption import Stopped, pending_stop

LAST, PREVIOUS = "last.ckpt", "previous.ckpt"
KEY = "resume"
Place = Literal["batch", "validation"]


class Interruptible(pl.Callback):
    """Ends a run between two batches of an evaluation, or before it has begun, when a signal came."""

    checkpoint: Path | None = None
    done = "nothing to save yet"

    def _stop_if_asked(self, trainer: pl.Trainer) -> None:
        signum = largest(pending_stop(), trainer.strategy.root_device)
        if signum:
            raise Stopped(signum, self.checkpoint, self.done)

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:  # noqa: ARG002
        """Before a stage."""
        self._stop_if_asked(trainer)

    def on_validation_batch_end(self, trainer: pl.Trainer, *_: Any, **__: Any) -> None:
        """Within a validation, the one before training included."""
        self._stop_if_asked(trainer)

    def on_test_batch_end(self, trainer: pl.Trainer, *_: Any, **__: Any) -> None:
        """Within a test."""
        self._stop_if_asked(trainer)


def check_validation(trainer: pl.Trainer) -> None:
    """Every epoch's work must reach the validation that chooses the checkpoint.

    Raises:
        InputError: the last epochs would not be validated, or none.
    """
    every, last = trainer.check_val_every_n_epoch, trainer.max_epochs
    if not trainer.limit_val_batches:
        raise InputError("trainer.limit_val_batches=0: the best checkpoint is chosen by validation; give at least 1")
    if every and last and last > 0 and last % every:
        raise InputError(
            f"trainer.max_epochs={last} is not a multiple of trainer.check_val_every_n_epoch={every}: the last epochs "
            "would not be validated, and the best checkpoint is chosen by validation; change one of them"
        )


class ResumePoints(Interruptible, Checkpoint):
    """Writes ``last.ckpt`` now and then, before each validation, and when a signal asks to stop; then stops.

    The one before is kept as ``previous.ckpt``. Both hold, beside what Lightning saves, the random states of all
    processes and how far the logs had come.

    Args:
        dirpath: folder of the checkpoints.
        every_n_steps: optimiser steps between two points; what a power cut can cost at most.
    """

    def __init__(self, dirpath: str | Path, every_n_steps: int = 100) -> None:
        self.path = Path(dirpath) / LAST
        self.every_n_steps = every_n_steps
        self._saved_step = 0
        self._place: Place | None = None
        self._random_state: dict[str, Any] | None = None

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Before a stage."""
        super().setup(trainer, pl_module, stage)
        if stage == "fit":
            check_validation(trainer)

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        batch: Batch,  # noqa: ARG002
        batch_idx: int,
    ) -> None:
        """Between two batches, where no gradient is being accumulated."""
        if batch_idx == 0 or batch_idx % trainer.accumulate_grad_batches:
            return
        signum = largest(pending_stop(), trainer.strategy.root_device)
        if signum or trainer.global_step >= self._saved_step + self.every_n_steps:
            self._save(trainer, "batch")
        if signum:
            raise Stopped(signum, self.checkpoint, self.done)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Before the averaged weights are swapped in."""
        if trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking:
            self._save(trainer, "validation")
        self._stop_if_asked(trainer)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Where no validation came after the last step."""
        if trainer.global_step > self._saved_step:
            self._save(trainer, None)

    def _save(self, trainer: pl.Trainer, place: Place | None) -> None:
        for logger in trainer.loggers:
            logger.save()
        if trainer.is_global_zero:
            keep_previous(self.path, self.path.with_name(PREVIOUS))
        self._place = place
        trainer.save_checkpoint(self.path)
        self._place = None
        self._saved_step = trainer.global_step
        self.checkpoint = self.path
        self.done = f"saved {self.path} after step {trainer.global_step} in epoch {trainer.current_epoch}"

    def on_save_checkpoint(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        checkpoint: dict[str, Any],
    ) -> None:
        """Make a resume point of what Lightning would write; another callback's checkpoint stays as it is."""
        if self._place is None:
            return
        loops = checkpoint["loops"]["fit_loop"]
        if self._place == "batch":
            before_batch(loops)
        else:
            before_validation(loops)
        checkpoint[KEY] = {
            "random": gather([random_state()]),
            "logs": {name: log.position(trainer.global_step) for name, log in rewindable(trainer).items()},
        }

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Take the logs back to the point and keep the random states for `on_train_start`."""
        if trainer.state.fn != TrainerFn.FITTING:
            return
        if KEY in checkpoint:
            states = checkpoint[KEY]["random"]
            self._random_state = states[trainer.global_rank] if len(states) == trainer.world_size else None
            for name, log in rewindable(trainer).items():
                if name in checkpoint[KEY]["logs"]:
                    log.rewind(checkpoint[KEY]["logs"][name])
        self._saved_step = checkpoint["global_step"]
        self.checkpoint = self.path
        self.done = f"{self.path} stays as it was"
        if trainer.is_global_zero:
            for line in differences(
                checkpoint["config"].get("run", {}), getattr(pl_module, "config", {}).get("run", {})
            ):
                print(f"resume: {line}; what follows is not the run that was stopped", flush=True)
        # Our sampler starts where the run stopped, which Lightning cannot know.
        warnings.filterwarnings("ignore", message="You're resuming from a checkpoint that ended before the epoch ended")

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Nothing random happens between here and the next batch."""
        if self._random_state is not None:
            restore_random_state(self._random_state)
            self._random_state = None


def before_batch(loops: dict[str, Any]) -> None:
    """From the start of batch k to what Lightning saves at the end of batch k - 1, which it continues with batch k."""
    progress = loops["epoch_loop.batch_progress"]
    for counts in (progress["total"], progress["current"]):
        counts["ready"] = counts["started"] = counts["processed"]
        counts["completed"] = counts["processed"] - 1
    progress["is_last_batch"] = False  # batch k may be the last; batch k - 1 was not
    loops["epoch_loop.state_dict"]["_batches_that_stepped"] -= 1  # restoring counts that batch


def before_validation(loops: dict[str, Any]) -> None:
    """From the start of a validation to its first batch, in which Lightning starts the validation again."""
    total = loops["epoch_loop.val_loop.batch_progress"]["total"]
    total["ready"] = total["started"] = total["processed"] + 1


def rewindable(trainer: pl.Trainer) -> dict[str, Any]:
    """The loggers that can be taken back to a point, by the name of their class."""
    return {type(log).__name__: log for log in trainer.loggers if hasattr(log, "rewind")}


def random_state() -> dict[str, Any]:
    """This process's random states as plain data and tensors."""
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": [str(name), np.asarray(keys).tolist(), int(position), int(has_gauss), float(cached)],
        "python": random.getstate(),
    }


def restore_random_state(state: Mapping[str, Any]) -> None:
    """Put the random states of `random_state` back."""
    torch.set_rng_state(state["torch"])
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, np.array(keys, np.uint32), *rest))
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))


def differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """A phrase for each setting of two nested configurations that differs."""
    found = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{prefix}{key}.")
        elif old != new:
            found.append(f"{prefix}{key} was {old!r} and is {new!r}")
    return found


def resume_point(resume: str | None, output_dir: str | Path) -> Path | None:
    """The checkpoint that a run goes on from.

    Args:
        resume: ``None`` for a new run; ``auto`` for the newest good point of ``output_dir``, or a new run where it has
            none; a checkpoint; or a run's folder, for its newest good point.
        output_dir: folder of the run, which `ocr.utils.runs.run_folder` chose for the same ``resume``.

    Raises:
        CheckpointError: the checkpoint cannot be used, or the folder has no good one.
    """
    if resume is None:
        return None
    if Path(resume).is_file():
        return checked_point(Path(resume))
    folder = Path(output_dir) / "checkpoints"
    for leftover in folder.glob(".*.tmp"):  # of a write that a power cut ended
        leftover.unlink(missing_ok=True)
    faults = []
    for path in (folder / LAST, folder / PREVIOUS):
        if path.exists():
            try:
                point = checked_point(path)
            except CheckpointError as error:
                print(f"resume: passed over {error}", flush=True)
                faults.append(str(error))
            else:
                print(f"resume: going on from {point}", flush=True)
                return point
    if resume == "auto" and not faults:
        return None
    raise CheckpointError(
        f"resume={resume}: no checkpoint in {folder} can be continued; start anew without resume=, or from the "
        "weights of a checkpoint with init_checkpoint="
    )


def checked_point(path: Path) -> Path:
    """The path, where it is a whole resume point.

    Raises:
        CheckpointError: it is not.
    """
    if KEY not in load_checkpoint(path):
        raise CheckpointError(
            f"{path}: holds weights, not a point to continue from; give the run's {LAST}, or init_checkpoint={path} "
            "to start a new run with its weights"
        )
    return path
