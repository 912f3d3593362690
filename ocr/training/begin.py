"""Start writing only once a run is accepted: a refused run leaves its folder unchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytorch_lightning as pl
from pytorch_lightning.loggers import Logger


class Begin(pl.Callback):
    """Gives the trainer its loggers once all checks that could refuse the run have passed; must be the first callback.

    Lightning itself opens them before it checks the data or the resume point.

    Args:
        begin: writes the run's other initial files; may be called several times.
        loggers: loggers for the trainer, which is created without any.
    """

    def __init__(self, begin: Callable[[], None], loggers: Sequence[Logger]) -> None:
        self.begin = begin
        self.loggers = list(loggers)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Settings, data, checkpoint and optimiser have been accepted."""
        if trainer.loggers:
            return
        self.begin()
        trainer.loggers = self.loggers
        for logger in trainer.loggers:
            _ = getattr(logger, "experiment", None)
            logger.save()

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Also begin a finished run, which has no step left but is validated and tested again."""
        self.on_train_start(trainer, pl_module)
