"""One line per validation, for logs and for output that is not a terminal and shows no progress bar."""

from __future__ import annotations

from collections.abc import Sequence

import pytorch_lightning as pl
from pytorch_lightning.trainer.states import TrainerFn
from pytorch_lightning.utilities import rank_zero_info


class ValidationLines(pl.Callback):
    """Logs the progress of training and the figures of each validation.

    Args:
        figures: names of logged figures, in this order; figures that were not logged are omitted.
    """

    def __init__(self, figures: Sequence[str]) -> None:
        self.figures = list(figures)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """Log after each validation during training."""
        if trainer.state.fn != TrainerFn.FITTING or trainer.sanity_checking:
            return
        values = {name: trainer.callback_metrics[name] for name in self.figures if name in trainer.callback_metrics}
        shown = ", ".join(f"{name} {float(value):.4f}" for name, value in values.items())
        of = f"/{trainer.max_epochs}" if trainer.max_epochs and trainer.max_epochs > 0 else ""
        rank_zero_info(f"epoch {trainer.current_epoch + 1}{of}, step {trainer.global_step}: {shown}")
