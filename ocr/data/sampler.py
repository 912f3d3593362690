"""Which samples come in which order: a pure function of seed, epoch and position.

Neither the number of workers nor the process that asks changes a sample; the number of devices only deals the same
order out to more hands.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from ocr.types import InputError

SampleKey = tuple[int, int]
"""(epoch, index of the record): what a data set needs to make a sample, its augmentation included."""


class ShuffleSampler(Sampler[SampleKey]):
    """Every record once an epoch, in an order of the epoch's own; ranks take turns.

    Args:
        length: number of records.
        seed: base of the order.
        rank: which process this is.
        world_size: number of processes; each gets ``length // world_size`` samples an epoch.
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
        """Go on in the middle: of that epoch alone, this process's first ``samples`` are left out."""
        self.epoch = epoch
        self.started = (epoch, samples)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next (the trainer calls this)."""
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
    """Every record once and in order; the records of other processes are ``None``.

    All processes run over the same number of positions, so that a limit on batches means the same images whatever the
    number of devices, and nothing is evaluated twice to fill up.
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
        """A key where the batch at this position is this process's, else ``None``."""
        for index in range(self.length):
            yield (0, index) if (index // self.batch_size) % self.world_size == self.rank else None
