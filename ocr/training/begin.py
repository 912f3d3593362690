"""The moment from which a run may write: a run that is refused before it leaves its folder as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytorch_lightning as pl
from pytorch_lightning.loggers import Logger


class Begin(pl.Callback):
    """Gives the trainer its loggers when everything that could refuse the run has been looked at; the first callback.

    Lightning itself opens them before it has looked at the data or at the point to continue from.

    Args:
        begin: writes what else a run begins with; called once or more.
        loggers: of the trainer, which is made without any.
    """

    def __init__(self, begin: Callable[[], None], loggers: Sequence[Logger]) -> None:
        self.begin = begin
        self.loggers = list(loggers)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Settings, data, checkpoint and optimiser have been found fit."""
        if trainer.loggers:
            return
        self.begin()
        trainer.loggers = self.loggers
        for logger in trainer.loggers:
            _ = getattr(logger, "experiment", None)
            logger.save()

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A finished run has no step left, and is validated and tested again."""
        self.on_train_start(trainer, pl_module)
