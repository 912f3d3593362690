"""What a loader's worker does before its first sample, seen in a real one."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest
from torch.utils.data import DataLoader, Dataset

from ocr.data.workers import start_loader_worker

OBJECTS, LEAST_BYTES = 100_000, 56
"""Lists that the parent holds, and the memory of an empty one."""


def private_bytes() -> int:
    """Memory that this process shares with no other."""
    text = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8")
    return 1024 * sum(int(kilobytes) for kilobytes in re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE))


class CostOfCollecting(Dataset[int]):
    """One item: by how much a full collection makes the worker's memory grow."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> int:
        before = private_bytes()
        gc.collect()
        return private_bytes() - before


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc/<pid>/smaps_rollup (Linux)")
def test_a_collection_in_a_worker_copies_nothing_of_its_parent() -> None:
    held: list[list[object]] = [[] for _ in range(OBJECTS)]
    gc.collect()

    def growth(**settings: object) -> int:
        loader = DataLoader(CostOfCollecting(), batch_size=None, num_workers=1, **settings)  # type: ignore[arg-type]
        return next(iter(loader))

    assert growth() > OBJECTS * LEAST_BYTES  # or else there is nothing to be spared
    assert growth(worker_init_fn=start_loader_worker) < OBJECTS * LEAST_BYTES / 10
    assert len(held) == OBJECTS
