"""Training steps fed by the real loader against the same steps on one batch that is there already.

    .venv-bench/bin/python benchmarks/step.py [pairs=8] [steps=3]

Wall time on all cores, since the loader's workers take theirs from the training: the default model, data, batch size
and number of workers.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.row import Row, main, settings, share
from benchmarks.setup import configuration, data_module
from ocr.types import Batch
from ocr.validation.pairs import interleaved


def stepper() -> tuple[Callable[[Batch], object], Iterator[Batch]]:
    """One step of the default training, and the endless batches of its loader."""
    import torch
    from hydra.utils import instantiate

    cfg = configuration()
    torch.manual_seed(0)
    network, loss = instantiate(cfg.model).train(), instantiate(cfg.loss)
    optimiser = instantiate(cfg.optimiser)(network)
    loader = data_module(cfg).train_dataloader()

    def step(batch: Batch) -> None:
        total, _ = loss(network(batch.images_BCHW), batch.targets)
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), cfg.trainer.gradient_clip_val)
        optimiser.step()

    def batches() -> Iterator[Batch]:
        while True:
            yield from loader

    return step, batches()


def measure() -> list[Row]:
    """Warm up, then interleave."""
    chosen = settings(sys.argv[1:], pairs=8, steps=3)
    step, batches = stepper()
    resident = next(batches)
    for _ in range(2):
        step(resident), step(next(batches))

    def timed(source: Callable[[], Batch]) -> float:
        started = time.perf_counter()
        for _ in range(chosen["steps"]):
            step(source())
        return (time.perf_counter() - started) / chosen["steps"]

    pairs = interleaved(lambda: timed(lambda: next(batches)), lambda: timed(lambda: resident), chosen["pairs"])
    return [
        share(
            "training step with the loader (2 workers), 2 CPU cores",
            "the same step on one resident batch",
            0.9,
            pairs,
            same="the same step; batches of the same shape",
        )
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
