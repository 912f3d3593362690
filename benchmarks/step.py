"""Training steps fed by the real loader against the same steps on one resident batch.

    .venv-bench/bin/python benchmarks/step.py [pairs=8] [steps=3]

Wall time on all cores, since the loader's workers take theirs from the training: the default model, data, batch size
and number of workers.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator

from benchmarks.row import Row, main, settings, share
from benchmarks.setup import configuration, data_module, training_step
from ocr.types import Batch
from tools.pairs import interleaved


def endless(loader: Iterable[Batch]) -> Iterator[Batch]:
    """The loader's batches, epoch after epoch."""
    while True:
        yield from loader


def measure() -> list[Row]:
    """Warm up, then interleave."""
    chosen = settings(sys.argv[1:], pairs=8, steps=3)
    cfg = configuration()
    _, step = training_step(cfg)
    batches = endless(data_module(cfg).train_dataloader())
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
