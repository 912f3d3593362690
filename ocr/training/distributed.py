"""Exchange between the processes of one training."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import Any, TypeVar

import torch
import torch.distributed as dist

Item = TypeVar("Item")
_NOTHING: Any = object()


def gather(items: list[Item]) -> list[Item]:
    """The items of all processes, dealt out in turn (0 of each rank, 1 of each rank, ...); picklable items only.

    With one process it is the list itself. The order is the one in which an evaluation sampler dealt the images, so
    that sums come out the same for any number of processes.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return items
    lists: list[list[Item]] = [[] for _ in range(dist.get_world_size())]
    dist.all_gather_object(lists, items)
    return [item for item in chain.from_iterable(zip_longest(*lists, fillvalue=_NOTHING)) if item is not _NOTHING]


def largest(number: int, device: torch.device) -> int:
    """The largest of the numbers that all processes give; with one process it is the number itself."""
    if not (dist.is_available() and dist.is_initialized()):
        return number
    tensor = torch.tensor(number, device=device)
    dist.all_reduce(tensor, op=dist.ReduceOp.MAX)
    return int(tensor)
