"""The LightningModule for all tasks: connects network, loss, decoding and metric."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from ocr.metrics.evaluator import Evaluator
from ocr.training.distributed import gather
from ocr.training.points import differences
from ocr.types import Batch, InputError

FIXED = re.compile(r"model\.(?!encoder\.pretrained )|optimiser\._target_ ")
"""Settings without which the saved state is meaningless."""

TOGETHER = 32
"""Maximum images of a batch that an evaluation gives to the network at once."""

Decode = Callable[[Any, Batch], Sequence[Any]]
"""(network output, batch) -> one result per image."""


class TaskModule(pl.LightningModule):
    """Trains and evaluates a network of any task.

    Args:
        network: uint8 images (B, 3, H, W) -> input of ``loss`` and ``decode``; for a detector, named maps (B, H, W).
        loss: (network output, targets) -> (scalar, its named parts).
        decode: (network output, batch) -> one result per image.
        evaluator: scores the results against the batch's ``truths`` or, without them, its ``regions``.
        optimiser: builds the optimiser for the network.
        schedule: (step, total steps) -> factor of the learning rate.
        config: plain nested dictionary stored in the checkpoint, from which later runs build the same network.
    """

    def __init__(
        self,
        *,
        network: nn.Module,
        loss: nn.Module,
        decode: Decode,
        evaluator: Evaluator,
        optimiser: Callable[[nn.Module], torch.optim.Optimizer] | None = None,
        schedule: Callable[[int, int], float] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.loss = loss
        self.decode = decode
        self.evaluator = evaluator
        self.optimiser = optimiser
        self.schedule = schedule
        self.config = dict(config or {})
        self._counts: list[Any] = []
        self._losses: list[dict[str, float]] = []

    def training_step(self, batch: Batch, batch_idx: int) -> torch.Tensor:
        """Loss of one batch.

        Raises:
            FloatingPointError: the loss is not finite; the message names the files of the batch.
        """
        total, parts = self.loss(self.network(batch.images_BCHW), batch.targets)
        if not torch.isfinite(total):
            raise FloatingPointError(self._not_finite(batch, batch_idx, parts))
        self.log("train/loss", total, prog_bar=True, batch_size=len(batch))
        self.log_dict({f"train/{name}": part for name, part in parts.items()}, batch_size=len(batch))
        return torch.as_tensor(total)

    def _not_finite(self, batch: Batch, batch_idx: int, parts: Mapping[str, torch.Tensor]) -> str:
        terms = ", ".join(f"{name}={float(part.detach()):g}" for name, part in parts.items())
        files = ", ".join(str(path) for path in batch.paths)
        return (
            f"the training loss is not finite ({terms}) in epoch {self.current_epoch}, batch {batch_idx}, made from "
            f"{files}; check these files, lower optimiser.lr or use trainer.precision=32-true"
        )

    def validation_step(self, batch: Batch, batch_idx: int) -> dict[str, Sequence[Any]]:  # noqa: ARG002
        """Return the results of each image as ``found``; keep loss and counts for the end of the epoch."""
        return {"found": self._evaluate(batch)}

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, Sequence[Any]]:  # noqa: ARG002
        """Return the results of each image as ``found``; keep loss and counts for the end of the epoch."""
        return {"found": self._evaluate(batch)}

    def _evaluate(self, batch: Batch) -> Sequence[Any]:
        if len(batch) == 0:
            return []
        results: list[Any] = []
        losses: defaultdict[str, float] = defaultdict(float)
        # A receipt may have a thousand lines: at once, they would not fit into memory.
        for part in batch.parts(TOGETHER):
            output = self.network(part.images_BCHW)
            total, terms = self.loss(output, part.targets)
            for name, value in {"loss": total, **terms}.items():
                losses[name] += float(value) * len(part) / len(batch)
            results.extend(self.decode(output, part))
        self._losses.append(dict(losses))
        for truth, found in zip(batch.truths or batch.regions, results, strict=True):
            self._counts.append(self.evaluator.evaluate_image(truth, found))
        return results

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation set."""
        self._log_figures("val")

    def on_test_epoch_end(self) -> None:
        """Log the figures of the test set."""
        self._log_figures("test")

    def _log_figures(self, stage: str) -> None:
        """Log figures over the images of all processes; each process computes them from the same counts."""
        counts, losses = gather(self._counts), gather(self._losses)
        self._counts, self._losses = [], []
        figures = self.evaluator.summarise(counts)
        for name in losses[0] if losses else ():
            figures[name] = sum(terms[name] for terms in losses) / len(losses)
        for name, value in figures.items():
            shown = stage == "val" and name == self.evaluator.main
            self.log(f"{stage}/{name}", torch.tensor(value, dtype=torch.float64).to(self._float), prog_bar=shown)

    @property
    def _float(self) -> torch.dtype:
        """float64 if the device supports it (Apple GPUs do not)."""
        return torch.float32 if self.device.type == "mps" else torch.float64

    def configure_optimizers(self) -> Any:
        """The optimiser, and its schedule per step.

        Raises:
            ValueError: the run has no end, which the schedule needs.
        """
        if self.optimiser is None or self.schedule is None:
            raise ValueError("this module was built for evaluation, without optimiser and schedule")
        total_steps = self.trainer.estimated_stepping_batches
        if total_steps == float("inf"):
            raise ValueError("the schedule needs an end, but trainer.max_epochs=-1; set it or trainer.max_steps")
        schedule, total = self.schedule, int(total_steps)
        optimiser = self.optimiser(self.network)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: schedule(step, total))
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store the configuration, from which the same network can be built."""
        checkpoint["config"] = self.config

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse to resume from the checkpoint of another network or optimiser.

        Raises:
            InputError: the settings of either have changed, or the weights have other names or shapes.
        """
        before, now = (config.get("run", {}) for config in (checkpoint["config"], self.config))
        changed = [line for line in differences(before, now) if before and FIXED.match(line)]
        own = {name: value.shape for name, value in self.state_dict().items()}
        saved = {name: value.shape for name, value in checkpoint["state_dict"].items()}
        if not changed and own != saved:
            name = min(name for name in own | saved if own.get(name) != saved.get(name))
            changed = [f"{name} was {saved.get(name)} and is {own.get(name)}"]
        if changed:
            raise InputError(
                f"resume: {'; '.join(changed)}; a run must continue with the network and the optimiser that it started "
                "with: restore their settings, or start a new run from its weights with init_checkpoint="
            )
