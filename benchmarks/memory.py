"""Memory of a loader worker over ten epochs of a 100,000-image annotation file.

    .venv-bench/bin/python benchmarks/memory.py [images=100000] [words=10] [samples=2000] [epochs=10]

The figure is the worker's private memory (USS: the pages that it does not share), which is the cost of one more
worker. There are two workers, as by default, and the larger figure counts. With only one, the kernel also counts as
private the annotations' pages in the page cache, and each page of the fork that the training process has written to
since, of which the worker keeps the old copy. An empty worker is forked before the annotations are read, with an empty
data set. The images are one small file under 100,000 names, and an epoch takes ``samples`` of them in a new order:
after ten, every fifth record has been read at least once, each of which would have copied its pages.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import DataLoader, Dataset, Sampler

from benchmarks.row import Row, Skipped, main, settings
from ocr.data.datamodule import ReceiptDataModule
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.data.sampler import SampleKey, ShuffleSampler
from ocr.detection.targets.db import DBTargetBuilder

LIMIT_MB, SIDE, WORKERS = 150, 64, 2
MOST_LINKS = 50_000  # that a file system has of one file


class Nothing(Dataset[int]):
    """The data set of an empty worker."""

    def __len__(self) -> int:
        """As many items as workers."""
        return WORKERS

    def __getitem__(self, index: int) -> int:
        """The index."""
        return index


class FirstOf(Sampler[SampleKey]):
    """The first keys of each epoch's order."""

    def __init__(self, order: ShuffleSampler, count: int) -> None:
        self.order = order
        self.count = count

    def __iter__(self) -> Iterator[SampleKey]:
        """The keys."""
        for key, _ in zip(self.order, range(self.count), strict=False):
            yield key


def private_mb(pid: int) -> float:
    """A process's private memory in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    return sum(int(kilobytes) for kilobytes in re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE)) / 1024


def worker_mb(loader: DataLoader[object]) -> float:
    """Private memory of that worker of the loader's which has most, after one pass."""
    for _ in loader:
        pass
    workers = loader._iterator._workers  # type: ignore[union-attr]
    return max(private_mb(worker.pid) for worker in workers)


def write_data(root: Path, images: int, words: int) -> None:
    """One small image under many names, each with some words."""
    folder = root / "images" / "train"
    folder.mkdir(parents=True)
    (root / "jsons").mkdir()
    picture = np.full((SIDE, SIDE, 3), 200, np.uint8)
    for copy in range(-(-images // MOST_LINKS)):
        cv2.imwrite(str(root / f"{copy}.png"), picture)
    entries = {}
    for number in range(images):
        name = f"{number:06d}.png"
        os.link(root / f"{number // MOST_LINKS}.png", folder / name)
        boxes = {}
        for word in range(words):
            top = 2 + word * (SIDE - 8) // words
            points = [[4, top], [40, top], [40, top + 4], [4, top + 4]]
            boxes[f"{word:04d}"] = {"points": points, "transcription": f"{number} {word}"}
        entries[name] = {"img_w": SIDE, "img_h": SIDE, "words": boxes}
    (root / "jsons" / "train.json").write_text(json.dumps({"images": entries}), encoding="utf-8")
    some = dict(list(entries.items())[:1])
    (root / "images" / "val").mkdir()
    os.link(root / "0.png", root / "images" / "val" / next(iter(some)))
    (root / "jsons" / "val.json").write_text(json.dumps({"images": some}), encoding="utf-8")


def measure() -> list[Row]:
    """Fork empty workers, read the annotations, fork the real ones, watch them over the epochs."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise Skipped("no /proc/<pid>/smaps_rollup (Linux)")
    chosen = settings(sys.argv[1:], images=100_000, words=10, samples=2_000, epochs=10)
    empty = worker_mb(DataLoader(Nothing(), num_workers=WORKERS, persistent_workers=True))
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), chosen["images"], chosen["words"])
        module = ReceiptDataModule(
            root=folder,
            targets=DBTargetBuilder(),
            crop=RandomCrop(size=SIDE, long_side_range=(SIDE, SIDE)),
            photometric=Photometric(),
            transform=FitLongSide(long_side=SIDE),
            granularity="word",
            batch_size=32,
            num_workers=WORKERS,
            seed=0,
        )
        module.setup("fit")
        order = ShuffleSampler(chosen["images"], seed=0)
        real = module.train_dataloader()
        loader = DataLoader(
            real.dataset,
            batch_size=32,
            sampler=FirstOf(order, chosen["samples"]),
            num_workers=WORKERS,
            collate_fn=real.collate_fn,
            worker_init_fn=real.worker_init_fn,
            persistent_workers=True,
        )
        used = []
        for epoch in range(chosen["epochs"]):
            order.set_epoch(epoch)
            used.append(worker_mb(loader) - empty)
    each = " ".join(f"{mb:.1f}" for mb in used)
    growth = used[-1] - used[1]
    flat = abs(growth) < 0.05 * LIMIT_MB
    return [
        Row(
            f"memory of a loader worker, {chosen['images']:,} images of {chosen['words']} words",
            "an empty worker",
            f"< {LIMIT_MB} MB more, flat over {chosen['epochs']} epochs",
            f"{used[-1]:.0f} MB more; {growth:+.1f} MB from the second epoch to the last",
            f"{used[-1] + empty:.0f} MB, {empty:.0f} MB",
            f"private memory; {chosen['samples']:,} samples an epoch; MB of each epoch: {each}",
            used[-1] < LIMIT_MB and flat,
        )
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
