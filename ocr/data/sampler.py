"""The order of the samples: a pure function of seed, epoch and position.

A sample depends neither on the number of workers nor on the process; devices only share out the same order.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from ocr.types import InputError

SampleKey = tuple[int, int]
"""(epoch, index of the record): determines a sample, including its augmentation."""


class ShuffleSampler(Sampler[SampleKey]):
    """Every record once per epoch, in a new order each epoch; ranks take turns.

    Args:
        length: number of records.
        seed: seed of the order.
        rank: number of this process.
        world_size: number of processes; each gets ``length // world_size`` samples per epoch.
    """

    def __init__(self, length: int, *, seed: int, rank: int = 0, world_size: int = 1) -> None:
        if length < world_size:
            raise InputError(f"{length} training images cannot be shared by {world_size} processes; use fewer devices")
        self.length = length
        self.seed = seed
        self.rank = rank
        self.world_size = world_size
        self.epoch = 0
        self.started = (0, 0)

    def start_at(self, epoch: int, samples: int) -> None:
        """Continue within an epoch: in that epoch only, this process's first ``samples`` are skipped."""
        self.epoch = epoch
        self.started = (epoch, samples)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next order (called by the trainer)."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of samples this process gets in an epoch."""
        return self.length // self.world_size

    def __iter__(self) -> Iterator[SampleKey]:
        """Keys of this process's samples."""
        order = np.random.default_rng([self.seed, self.epoch]).permutation(self.length)
        epoch, samples = self.started
        mine = order[self.rank : len(self) * self.world_size : self.world_size]
        for index in mine[samples if epoch == self.epoch else 0 :]:
            yield self.epoch, int(index)


class EvaluationSampler(Sampler[SampleKey | None]):
    """Every record once, in order; the records of other processes are ``None``.

    All processes have the same number of positions, so that a limit on batches means the same images for any number of
    devices, and no image is evaluated twice as padding.
    """

    def __init__(self, length: int, *, rank: int = 0, world_size: int = 1, batch_size: int = 1) -> None:
        self.length = length
        self.rank = rank
        self.world_size = world_size
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Number of positions, the same in every process."""
        return self.length

    def __iter__(self) -> Iterator[SampleKey | None]:
        """A key if the batch at this position is this process's, else ``None``."""
        for index in range(self.length):
            yield (0, index) if (index // self.batch_size) % self.world_size == self.rank else None
