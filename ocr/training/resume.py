"""Write exact resume points, and stop at them.

A point is written when every step before it is finished and logged and none after it has begun: at the start of a
batch or of a validation. Lightning restores the progress of its loops from such a point. It does not expect to be saved
in these two hooks, so the progress is written as in the nearest state that it can restore.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint, ModelCheckpoint, WeightAveraging
from pytorch_lightning.trainer.states import TrainerFn
from torch.optim.lr_scheduler import LambdaLR

from ocr.training.checkpoint import all_callbacks
from ocr.training.distributed import gather
from ocr.training.interruptible import Interruptible
from ocr.training.points import (
    KEY,
    LAST,
    PREVIOUS,
    before_batch,
    before_validation,
    differences,
    follow_folder,
    forget_lost_best,
    identity,
    random_state,
    restore_random_state,
)
from ocr.types import Batch, InputError
from ocr.utils.printable import say

Place = Literal["batch", "validation", "end"]


def check_validation(trainer: pl.Trainer) -> None:
    """Check that the last epoch is validated, since validation chooses the best checkpoint.

    Raises:
        InputError: the last epochs, or all, would not be validated.
    """
    every, last = trainer.check_val_every_n_epoch, trainer.max_epochs
    within, steps = trainer.val_check_interval, trainer.accumulate_grad_batches
    if steps > 1 and within != 1.0 and not (isinstance(within, int) and within % steps == 0):
        raise InputError(
            f"trainer.val_check_interval={within} would validate while trainer.accumulate_grad_batches={steps} batches "
            "are being accumulated, when no state can be saved; give a number of batches that is a multiple of that"
        )
    if not trainer.limit_val_batches:
        raise InputError("trainer.limit_val_batches=0: the best checkpoint is chosen by validation; give at least 1")
    if every and isinstance(last, int) and last > 0 and last % every:
        raise InputError(
            f"trainer.max_epochs={last} is not a multiple of trainer.check_val_every_n_epoch={every}: the last epochs "
            "would not be validated, and the best checkpoint is chosen by validation; change one of them"
        )


class ResumePoints(Interruptible, Checkpoint):
    """Writes ``last.ckpt`` at intervals, before each validation, and at a signal, after which it stops the run.

    The previous one is kept as ``previous.ckpt`` if this run wrote or loaded it. Both contain, besides what Lightning
    saves, the random states of all processes and the positions of the logs.

    Args:
        dirpath: folder of the checkpoints.
        every_n_steps: optimiser steps between two points, the most that a power cut can cost.
    """

    def __init__(self, dirpath: str | Path, every_n_steps: int = 100) -> None:
        self.path = Path(dirpath) / LAST
        self.every_n_steps = every_n_steps
        self._saved_step = 0
        self._place: Place | None = None
        self._own: tuple[int, ...] | None = None  # the file that this run wrote or loaded
        self._random_state: dict[str, Any] | None = None
        self._logged: dict[str, int] | None = {}  # positions of the logs, until they have been rewound
        self._resumed = False

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Check the settings before a stage.

        Raises:
            InputError: the run could not be resumed.
        """
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
        """Save and stop between two batches, unless gradients are being accumulated."""
        if batch_idx == 0 or batch_idx % trainer.accumulate_grad_batches:
            return
        signum = self._asked(trainer)
        if signum or trainer.global_step >= self._saved_step + self.every_n_steps:
            self._save(trainer, "batch")
        self._stop(signum)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Save and stop before the averaged weights are swapped in."""
        if trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking:
            self._save(trainer, "validation")
        self._stop_if_asked(trainer)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Save if no validation followed the last step."""
        if trainer.global_step > self._saved_step:
            self._save(trainer, "end")

    def _save(self, trainer: pl.Trainer, place: Place) -> None:
        for logger in trainer.loggers:
            logger.save()
        # A file that was replaced or damaged in the meantime is not kept as the previous point.
        own = self._own is not None and identity(self.path) == self._own
        self._place = place
        trainer.save_checkpoint(self.path, storage_options=self.path.with_name(PREVIOUS) if own else None)
        self._place = None
        self._own = identity(self.path)
        self._saved_step = trainer.global_step
        self.checkpoint = self.path
        self.done = f"saved {self.path} after step {trainer.global_step} in epoch {trainer.current_epoch}"

    def on_save_checkpoint(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        checkpoint: dict[str, Any],
    ) -> None:
        """Turn what Lightning would write into a resume point; checkpoints of other callbacks are unchanged."""
        if self._place is None:
            return
        loops = checkpoint["loops"]["fit_loop"]
        if self._place == "batch":
            before_batch(loops)
        elif self._place == "validation":
            before_validation(loops)
        checkpoint[KEY] = {
            "random": gather([random_state()]),
            "logs": {name: log.position(trainer.global_step) for name, log in rewindable(trainer).items()},
        }

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Keep the random states and the positions of the logs for `on_train_start`.

        Raises:
            InputError: the run averaged its weights and this one does not: the raw weights would be lost.
        """
        if trainer.state.fn != TrainerFn.FITTING:
            return
        if "current_model_state" in checkpoint and not any(
            isinstance(c, WeightAveraging) for c in all_callbacks(trainer)
        ):
            raise InputError("resume: the run averaged its weights; continue it with callbacks.ema.enabled=true")
        states = checkpoint[KEY]["random"]
        self._random_state = states[trainer.global_rank]  # the data module refuses another number of processes
        self._logged = checkpoint[KEY]["logs"]
        for callback in all_callbacks(trainer):
            if isinstance(callback, ModelCheckpoint) and callback.state_key in checkpoint["callbacks"]:
                state = checkpoint["callbacks"][callback.state_key]
                follow_folder(state, str(callback.dirpath))
                if (lost := forget_lost_best(state)) and trainer.is_global_zero:
                    say(f"resume: {lost}")
        self._resumed = True
        if Path(str(trainer.ckpt_path)).absolute() == self.path.absolute():
            self._own = identity(self.path)
        self._saved_step = checkpoint["global_step"]
        self.checkpoint = self.path
        self.done = f"{self.path} is unchanged"
        if trainer.is_global_zero:
            tell_differences(pl_module, checkpoint["config"].get("run", {}))
        # Our sampler starts where the run stopped, but Lightning does not know that.
        warnings.filterwarnings("ignore", message="You're resuming from a checkpoint that ended before the epoch ended")

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Restore the random states here: nothing random happens before the next batch."""
        if self._random_state is not None:
            restore_random_state(self._random_state)
            self._random_state = None
            if trainer.is_global_zero:
                tell_rates(trainer)
        self._rewind_logs(trainer)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Rewind the logs of a finished run, for which `on_train_start` was not called."""
        self._rewind_logs(trainer)

    def _rewind_logs(self, trainer: pl.Trainer) -> None:
        """Rewind the logs to the point, once; in a new run, remove what an earlier one left in its folder."""
        logged, self._logged = self._logged, None
        if logged is None:
            return
        for log in trainer.loggers:
            name = type(log).__name__
            if not hasattr(log, "rewind"):
                if self._resumed and trainer.is_global_zero:
                    say(f"resume: {name} cannot be rewound; it continues as a new run")
            elif name in logged or not self._resumed:
                log.rewind(logged.get(name, 0))


def tell_differences(pl_module: pl.LightningModule, before: Mapping[str, Any]) -> None:
    """Print the settings that changed since the run was stopped."""
    now = getattr(pl_module, "config", {}).get("run", {})
    for line in differences(before, now):
        if line.startswith("optimiser."):
            follows = "the optimiser keeps the saved setting"
        elif line.startswith("data.md5 "):
            follows = "images or labels have been edited since, so this is not the run that was stopped"
        else:
            follows = "this is not the run that was stopped"
        if not line.startswith("data.md5 was None"):  # saved by a version that did not record it
            say(f"resume: {line}; {follows}")


def tell_rates(trainer: pl.Trainer) -> None:
    """Print how the learning rate changes if the schedule, which depends on the total steps, differs from before."""
    for config in trainer.lr_scheduler_configs:
        schedule = config.scheduler
        if not isinstance(schedule, LambdaLR):
            continue
        step, was = schedule.last_epoch, float(schedule.get_last_lr()[0])
        now = schedule.base_lrs[0] * schedule.lr_lambdas[0](step)
        if not math.isclose(was, now):
            say(
                f"resume: the schedule has changed to {int(trainer.estimated_stepping_batches)} steps: the learning "
                f"rate at step {step} was {was:.3g} and is {now:.3g} from the next step on"
            )


def rewindable(trainer: pl.Trainer) -> dict[str, Any]:
    """The loggers that can be rewound to a point, by class name."""
    return {type(log).__name__: log for log in trainer.loggers if hasattr(log, "rewind")}
