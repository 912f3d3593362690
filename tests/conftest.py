"""Data that several rooms' tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from ocr.formats.native import write_native
from ocr.types import Record, Word

if TYPE_CHECKING:
    from ocr.data.datamodule import ReceiptDataModule

SPLITS = {"train": 4, "val": 2, "test": 2}
WIDTH, HEIGHT = 200, 300


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A native data folder: receipts of 200 x 300 pixels, four lines of two words each, 4 train, 2 val, 2 test."""
    root = tmp_path_factory.mktemp("tiny_data")
    rng = np.random.default_rng(0)
    for split, count in SPLITS.items():
        (root / "images" / split).mkdir(parents=True)
        records = [draw_receipt(root / "images" / split / f"{split}_{number}.png", rng) for number in range(count)]
        write_native(records, root / "jsons" / f"{split}.json")
    return root


def draw_receipt(path: Path, rng: np.random.Generator) -> Record:
    """A light page with dark words; the words' boxes and line numbers are the annotation."""
    image_HWC = np.full((HEIGHT, WIDTH, 3), 235, np.uint8)
    words = {}
    for line in range(4):
        top = 40 + 60 * line + int(rng.integers(0, 8))
        for place, start in enumerate((20, 110)):
            left = start + int(rng.integers(0, 8))
            cv2.putText(image_HWC, "TOTAL 9", (left, top + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1)
            corners = [[left, top], [left + 68, top], [left + 68, top + 18], [left, top + 18]]
            key = f"{2 * line + place + 1:04d}"
            words[key] = Word(np.array(corners, np.float32), "TOTAL 9", ignore=False, line=line)
    cv2.imwrite(str(path), image_HWC)
    return Record(path, words, WIDTH, HEIGHT)


@pytest.fixture(scope="session")
def make_datamodule(tiny_data: Path) -> Callable[..., ReceiptDataModule]:
    """``make_datamodule(batch_size=4, ...)`` builds loaders over `tiny_data`, with small crops, in this process."""
    from ocr.data.datamodule import ReceiptDataModule
    from ocr.data.geometry_transforms import FitLongSide, RandomCrop
    from ocr.data.photometric import Photometric
    from ocr.targets.db import DBTargetBuilder

    def make(**changes: Any) -> ReceiptDataModule:
        settings: dict[str, Any] = {
            "root": tiny_data,
            "targets": DBTargetBuilder(),
            "crop": RandomCrop(size=96, long_side_range=(280, 360)),
            "photometric": Photometric(),
            "transform": FitLongSide(long_side=150),
            "granularity": "word",
            "batch_size": 2,
            "num_workers": 0,
            "seed": 0,
        }
        return ReceiptDataModule(**{**settings, **changes})

    return make
