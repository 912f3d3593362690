"""Writes down what a training does, step by step, in any revision that trains with Lightning.

Lightning adds the callbacks of the entry point group ``pytorch_lightning.callbacks_factory`` to every Trainer by
itself. So this file is put on a revision's path with such an entry point beside it, and the revision needs no change
and no setting for it. ``PROVE_RECORD`` names the folder to write to, ``PROVE_STOP_AT`` the step after which the process
gets a SIGINT, or the signal whose number ``PROVE_STOP_SIGNAL`` is. ``steps.jsonl`` holds what must be equal, one value
a line in the order in which it came about, so that the first line that differs is nearest to the cause; ``times.jsonl``
holds seconds.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import random
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
import torch

RECORD, STOP_AT, STOP_SIGNAL = "PROVE_RECORD", "PROVE_STOP_AT", "PROVE_STOP_SIGNAL"


def callbacks() -> list[pl.Callback]:
    """What the entry point gives to a Trainer."""
    folder = os.environ.get(RECORD)
    stop_at = os.environ.get(STOP_AT)
    return [Recorder(Path(folder), int(stop_at) if stop_at else None)] if folder else []


def arrays(value: Any) -> Iterator[npt.NDArray[Any]]:
    """Every tensor, array and number in nested plain data and dataclasses; names and paths do not count."""
    if isinstance(value, torch.Tensor):
        yield value.detach().float().cpu().numpy() if value.dtype == torch.bfloat16 else value.detach().cpu().numpy()
    elif isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, bool | int | float):
        yield np.asarray(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from arrays(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from arrays(inner)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from arrays(getattr(value, field.name))


def digest(found: Iterable[npt.NDArray[Any]], *, ordered: bool = True) -> str:
    """SHA-256, shortened to 16 digits, over dtype, shape and bytes of arrays.

    Args:
        found: the arrays.
        ordered: their order counts; off where it follows from the order of a dataclass's fields.
    """
    each = [
        hashlib.sha256(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes()).hexdigest()
        for array in found
    ]
    return hashlib.sha256("".join(each if ordered else sorted(each)).encode()).hexdigest()[:16]


def whole_digest(state: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names, dtypes, shapes and bytes of a network's weights, in the order of their names."""
    whole = hashlib.sha256()
    for name in sorted(state):
        for array in arrays(state[name]):
            whole.update(f"{name}{array.dtype}{array.shape}".encode())
            whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def norm(found: Iterable[npt.NDArray[Any]]) -> float:
    """Euclidean norm over all numbers of arrays, in float64: what a digest cannot say, how far apart two are."""
    return math.sqrt(sum(float(np.sum(np.square(array.astype(np.float64)))) for array in found))


def random_states() -> str:
    """One digest over the states of all generators that a training draws from."""
    _, keys, *place = np.random.get_state()
    states: list[Any] = [torch.get_rng_state(), np.asarray(keys), *place, list(random.getstate()[1])]
    if torch.cuda.is_available():
        states += torch.cuda.get_rng_state_all()
    return digest(arrays(states))


def evaluation(stage: str, trainer: pl.Trainer) -> str:
    """A name for one evaluation of a run: there may be several with as many steps behind them."""
    if trainer.sanity_checking:
        return f"sanity check after step {trainer.global_step}"
    within = "of a training" if trainer.state.fn == "fit" else "of a checkpoint"
    return f"{stage} {within} after step {trainer.global_step}"


def draw() -> None:
    """Take a number from every generator, as dropout does: what a resumed training restores of them shows only then."""
    torch.rand(1)
    np.random.random_sample()
    random.random()
    if torch.cuda.is_available():
        torch.rand(1, device="cuda")


class Recorder(pl.Callback):
    """Records batches, losses, gradients, weights, learning rates, random states, evaluations and times.

    Args:
        folder: gets ``steps.jsonl`` and ``times.jsonl``.
        stop_at: step after which this process gets the signal.
    """

    def __init__(self, folder: Path, stop_at: int | None) -> None:
        self.folder = folder
        self.stop_at = stop_at
        self._place = ""
        self._started = self._ended = time.perf_counter()
        self._wait = 0.0
        self._gradient_norm = 0.0

    def _note(self, what: str, value: Any) -> None:
        self._write("steps.jsonl", {"at": self._place, "what": what, "value": value})

    def _write(self, name: str, entry: dict[str, Any]) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The weights that training starts from; several processes are not recorded."""
        if trainer.world_size > 1:
            raise ValueError("a recorded training runs in one process: give trainer.devices=1")
        self._place = f"start of training at step {trainer.global_step}"
        self._note_weights("weights", pl_module)
        self._ended = time.perf_counter()

    def on_train_epoch_start(self, *_: Any) -> None:
        """A validation between two epochs is no wait for data."""
        self._ended = time.perf_counter()

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,  # noqa: ARG002
        batch: Any,
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """The batch and the random states before the step."""
        self._wait = time.perf_counter() - self._ended
        self._place = f"training step {trainer.global_step + 1}"
        self._note("batch", digest(arrays(batch), ordered=False))
        self._gradient_norm = 0.0  # of a batch whose gradients are only accumulated
        self._note("random states", random_states())
        self._started = time.perf_counter()

    def on_before_optimizer_step(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:  # noqa: ARG002
        """The gradients before they are clipped."""
        gradients = [array for parameter in pl_module.parameters() for array in arrays(parameter.grad)]
        self._gradient_norm = norm(gradients)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Loss and its parts, gradients, learning rates and weights of the step; then the signal, where one is due."""
        step_s = time.perf_counter() - self._started
        for value in arrays(outputs):
            self._note("loss", float(value))
        for name in sorted(trainer.callback_metrics):
            self._note(f"logged {name}", float(trainer.callback_metrics[name]))
        self._note("gradient norm", self._gradient_norm)
        for optimiser in trainer.optimizers:
            for group, settings in enumerate(optimiser.param_groups):
                self._note(f"learning rate of group {group}", float(settings["lr"]))
        self._note_weights("weights", pl_module)
        self._write("times.jsonl", {"step": trainer.global_step, "wait_s": self._wait, "step_s": step_s})
        draw()
        if trainer.global_step == self.stop_at:
            os.kill(os.getpid(), int(os.environ.get(STOP_SIGNAL, signal.SIGINT)))
        self._ended = time.perf_counter()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The last weights and their names, without which a checkpoint of one revision is none of the other."""
        self._place = f"end of training at step {trainer.global_step}"
        self._note_weights("weights", pl_module)
        self._note("names of the weights", sorted(pl_module.state_dict()))
        self._note("SHA-256 of the weights", whole_digest(pl_module.state_dict()))

    def on_validation_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *rest: Any
    ) -> None:
        """What an evaluation found in a batch."""
        self._evaluated("validation", trainer, pl_module, outputs, rest[1])

    def on_test_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *rest: Any) -> None:
        """What an evaluation found in a batch."""
        self._evaluated("test", trainer, pl_module, outputs, rest[1])

    def _evaluated(
        self, stage: str, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch_idx: int
    ) -> None:
        self._place = f"{evaluation(stage, trainer)}, batch {batch_idx + 1}"
        found = list(arrays(outputs))
        if batch_idx == 0:
            self._note_weights("weights in use", pl_module)
        self._note("number of values found", sum(array.size for array in found))
        self._note("values found", digest(found))
        self._note("norm of values found", norm(found))

    def _note_weights(self, what: str, pl_module: pl.LightningModule) -> None:
        found = list(arrays(pl_module.state_dict()))
        self._note(what, digest(found))
        self._note(f"norm of {what}", norm(found))

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """The figures of an evaluation."""
        self._figures("validation", trainer)

    def on_test_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:  # noqa: ARG002
        """The figures of an evaluation."""
        self._figures("test", trainer)

    def _figures(self, stage: str, trainer: pl.Trainer) -> None:
        self._place = evaluation(stage, trainer)
        for name in sorted(trainer.callback_metrics):
            self._note(f"figure {name}", float(trainer.callback_metrics[name]))
        self._ended = time.perf_counter()
