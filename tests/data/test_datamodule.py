"""Loaders over a folder: what comes out, whatever the number of workers, and what is said of wrong folders."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from ocr.data.collate import collate
from ocr.data.datamodule import ReceiptDataModule
from ocr.data.decode import ImageError
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.formats.base import AnnotationError
from ocr.targets.db import DBTargetBuilder
from ocr.types import Batch, InputError


def datamodule(root: Path, **changed: Any) -> ReceiptDataModule:
    settings: dict[str, Any] = {
        "targets": DBTargetBuilder(),
        "crop": RandomCrop(size=96, long_side_range=(200, 300)),
        "photometric": Photometric(),
        "transform": FitLongSide(long_side=160),
        "granularity": "word",
        "batch_size": 2,
        "num_workers": 0,
        "seed": 5,
    }
    return ReceiptDataModule(root=root, **{**settings, **changed})


def batches(data: ReceiptDataModule, epoch: int = 0) -> list[Batch]:
    data.setup("fit")
    loader = data.train_dataloader()
    loader.sampler.set_epoch(epoch)
    return list(loader)


def test_training_batches(tiny_data: Path) -> None:
    first, second = batches(datamodule(tiny_data))
    assert first.images_BCHW.shape == (2, 3, 96, 96)
    assert first.images_BCHW.dtype == torch.uint8
    for name, maps in first.targets.items():
        assert maps.shape == (2, 96, 96), name
        assert maps.dtype == torch.float32
    assert len({*first.paths, *second.paths}) == 4


@pytest.mark.parametrize("granularity", ["word", "line"])
def test_evaluation_batches_hold_whole_receipts(tiny_data: Path, granularity: str) -> None:
    data = datamodule(tiny_data, granularity=granularity)
    data.setup("validate")
    data.setup("test")
    for loader in (data.val_dataloader(), data.test_dataloader()):
        for batch in loader:
            assert batch.images_BCHW.shape == (1, 3, 160, 128)
            assert batch.original_sizes == ((200, 300),)
            assert len(batch.regions[0]) == {"word": 8, "line": 4}[granularity]


def test_samples_do_not_depend_on_the_number_of_workers(tiny_data: Path) -> None:
    runs = [batches(datamodule(tiny_data, num_workers=workers), epoch=3) for workers in (0, 1, 2)]
    for other in runs[1:]:
        for one, same in zip(runs[0], other, strict=True):
            assert one.paths == same.paths
            assert torch.equal(one.images_BCHW, same.images_BCHW)
            for name, maps in one.targets.items():
                assert torch.equal(maps, same.targets[name])


def test_epochs_and_seeds_differ(tiny_data: Path) -> None:
    images = [
        torch.cat([batch.images_BCHW for batch in batches(datamodule(tiny_data, seed=seed), epoch)])
        for seed, epoch in ((5, 0), (5, 1), (6, 0))
    ]
    assert not torch.equal(images[0], images[1])
    assert not torch.equal(images[0], images[2])


def test_wrong_settings_are_told(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train\.json: no such split in data\.root"):
        datamodule(tmp_path).setup("fit")
    with pytest.raises(InputError, match="'sentence' is unknown"):
        datamodule(tiny_data, granularity="sentence").setup("fit")
    greedy = datamodule(tiny_data, batch_size=5)
    greedy.setup("fit")
    with pytest.raises(InputError, match=r"data\.batch_size=5 is more than the 4 training images"):
        greedy.train_dataloader()


def test_wrong_data_are_told(tiny_data: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(tiny_data, root)
    annotation = root / "jsons" / "train.json"
    content = msgspec.json.decode(annotation.read_bytes())
    name = next(iter(content["images"]))
    content["images"][name] |= {"img_w": 300, "img_h": 200}
    content["images"][name]["words"] = {}
    annotation.write_bytes(msgspec.json.encode(content))
    with pytest.raises(ImageError, match="the image is 200 x 300, the annotation says 300 x 200"):
        batches(datamodule(root))
    (root / "images" / "train" / name).unlink()
    with pytest.raises(AnnotationError, match=f"1 of 4 images are missing.*{name}"):
        datamodule(root).setup("fit")
    annotation.write_bytes(b'{"images": {}}')
    with pytest.raises(InputError, match="holds no image"):
        datamodule(root).setup("fit")


def test_a_batch_of_nothing() -> None:
    batch = collate([None])
    assert len(batch) == 0
    assert batch.images_BCHW.shape == (0, 3, 0, 0)
    assert batch.matrices_B33.shape == (0, 3, 3)
    assert batch.to(torch.device("cpu")).paths == ()


def test_smaller_samples_are_padded_outside_every_mask(tiny_data: Path) -> None:
    data = datamodule(tiny_data)
    data.setup("validate")
    dataset = data.val_dataloader().dataset
    small, large = dataset[(0, 0)], dataset[(0, 1)]
    large = type(large)(
        np.pad(large.image_CHW, ((0, 0), (0, 32), (0, 0))),
        large.matrix_33,
        large.original_size,
        large.record,
        large.regions,
        {name: np.pad(maps, ((0, 32), (0, 0)), constant_values=1) for name, maps in large.targets.items()},
    )
    batch = collate([small, large])
    assert batch.images_BCHW.shape == (2, 3, 192, 128)
    assert not batch.images_BCHW[0, :, 160:].any()
    for maps in batch.targets.values():
        assert not maps[0, 160:].any()
        assert maps[1, 160:].all()
