"""Communication between the processes of one training."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import Any, TypeVar

import torch
import torch.distributed as dist

Item = TypeVar("Item")
_NOTHING: Any = object()


def gather(items: list[Item]) -> list[Item]:
    """The picklable items of all processes, interleaved (0 of each rank, 1 of each rank, ...).

    With one process, the list itself. The order is that in which the evaluation sampler distributed the images, so that
    sums are identical for any number of processes.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return items
    lists: list[list[Item]] = [[] for _ in range(dist.get_world_size())]
    dist.all_gather_object(lists, items)
    return [item for item in chain.from_iterable(zip_longest(*lists, fillvalue=_NOTHING)) if item is not _NOTHING]


def largest(number: int, device: torch.device) -> int:
    """The maximum of the numbers of all processes; with one process, the number itself."""
    if not (dist.is_available() and dist.is_initialized()):
        return number
    tensor = torch.tensor(number, device=device)
    dist.all_reduce(tensor, op=dist.ReduceOp.MAX)
    return int(tensor)
