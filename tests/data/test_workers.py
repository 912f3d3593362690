"""What a loader's worker does first; too little shared memory is said before a worker dies of it."""

import gc
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from ocr.data import workers
from ocr.data.geometry_transforms import FitLongSide
from ocr.data.workers import (
    bytes_per_pixel,
    check_shared_memory,
    fitted_pixels,
    largest_input,
    loader_need,
    start_loader_worker,
)
from ocr.detection.targets.db import DBTargetBuilder
from ocr.types import InputError, Record

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


MB = 2**20


@pytest.fixture
def free(monkeypatch):
    """``free(64)``: /dev/shm has 64 MB, all of them free; the folder itself is there everywhere."""

    def set_free(megabytes: int) -> None:
        told = SimpleNamespace(f_frsize=4096, f_blocks=megabytes * 256, f_bavail=megabytes * 256)
        monkeypatch.setattr(os, "statvfs", lambda _: told)

    monkeypatch.setattr(workers, "SHARED_MEMORY", Path("/"))
    return set_free


def test_a_pixel_has_its_colours_and_what_the_builder_makes_of_it():
    assert bytes_per_pixel(None) == 3
    assert bytes_per_pixel(DBTargetBuilder()) == 3 + 4 * 4


@pytest.mark.parametrize(
    ("width", "height", "pixels"), [(1280, 640, 1280 * 640), (500, 2000, 1280 * 320), (100, 2560, 1280 * 64),
                                    (None, None, 1280**2), (None, 700, 1280**2)]
)  # fmt: skip
def test_an_image_takes_what_its_resize_makes_of_it(width, height, pixels):
    assert fitted_pixels(width, height, FitLongSide(long_side=1280)) == pixels


def test_the_input_is_what_the_transform_makes():
    import numpy as np

    transform = FitLongSide(long_side=150)
    for width, height in ((200, 300), (300, 201), (7, 999), (64, 64)):
        image_HWC, _ = transform(np.zeros((height, width, 3), dtype=np.uint8))
        assert fitted_pixels(width, height, transform) == image_HWC.shape[0] * image_HWC.shape[1]


def test_the_largest_record_counts():
    records = [Record(Path("a"), {}, 100, 400), Record(Path("b"), {}, 400, 400), Record(Path("c"), {}, 10, 10**4)]
    assert largest_input(records, FitLongSide(long_side=320)) == 320**2
    assert largest_input([], FitLongSide()) == 0


def test_workers_work_ahead():
    assert loader_need(0, MB) == 0
    assert loader_need(2, MB) == 5 * MB


def test_too_little_is_named_with_its_size_the_need_and_the_remedy(free):
    free(64)
    with pytest.raises(InputError) as error:
        check_shared_memory({"train": 600 * MB, "val": 700 * MB}, num_workers=2, setting="data.num_workers")
    assert str(error.value) == (
        "/: 64 MB of 64 MB are free, data.num_workers=2 needs up to 1300 MB of shared memory (train 600 MB, val "
        "700 MB); in a container give `docker run --shm-size=2g`, else use a smaller data.num_workers (0 needs none)"
    )
    with pytest.raises(InputError, match=r"needs up to 100 MB .*train 50 MB in each of 2 processes"):
        check_shared_memory({"train": 50 * MB}, num_workers=2, setting="data.num_workers", processes=2)


def test_enough_no_workers_or_no_shared_memory_at_all_are_let_be(free, tmp_path, monkeypatch):
    free(64)
    check_shared_memory({"train": 64 * MB}, num_workers=2, setting="data.num_workers")
    check_shared_memory({"train": 65 * MB}, num_workers=0, setting="data.num_workers")
    monkeypatch.setattr(workers, "SHARED_MEMORY", tmp_path / "none")  # macOS
    check_shared_memory({"train": 65 * MB}, num_workers=2, setting="data.num_workers")


def test_the_data_module_asks_before_it_starts_workers(free, make_datamodule):
    free(0)
    make_datamodule(num_workers=0).setup("fit")
    for stage, roles in (("fit", "train .* MB, val"), ("validate", "val"), ("test", "test")):
        with pytest.raises(InputError, match=rf"data\.num_workers=1 needs up to .*\({roles} .* MB\)"):
            make_datamodule(num_workers=1).setup(stage)


def test_a_batch_is_not_larger_than_was_reckoned(make_datamodule):
    datamodule = make_datamodule(batch_size=2)
    datamodule.setup("fit")
    datamodule.setup("test")
    loaders = {"train": datamodule.train_dataloader(), "val": datamodule.val_dataloader()}
    for role, loader in {**loaders, "test": datamodule.test_dataloader()}.items():
        batch = next(iter(loader))
        tensors: list[torch.Tensor] = [batch.images_BCHW, *batch.targets.values()]
        assert sum(tensor.nbytes for tensor in tensors) == datamodule.batch_bytes(role)
