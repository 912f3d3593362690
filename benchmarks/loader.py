"""A loader worker: training samples per second as a share of the images that it could just decode.

    .venv-bench/bin/python benchmarks/loader.py

One thread, processor time. Both sides read the same files of the default data set with the default settings.
"""

from __future__ import annotations

import sys

import cv2

from benchmarks.row import Row, main, seconds, share
from benchmarks.setup import configuration, data_module
from ocr.data.dataset import TrainDataset
from ocr.images.decode import read_picture
from tools.pairs import interleaved

IMAGES, PAIRS = 100, 9


def measure() -> list[Row]:
    """Time passes over the same images: whole samples, and decoding alone."""
    cv2.setNumThreads(1)
    module = data_module(configuration("data.num_workers=0"))
    dataset = module.train_dataloader().dataset
    assert isinstance(dataset, TrainDataset)
    paths = [dataset.source(0, index)[1].image_path for index in range(IMAGES)]

    def samples() -> None:
        for index in range(IMAGES):
            dataset[0, index]

    def decoded() -> None:
        for path in paths:
            read_picture(path)

    samples(), decoded()
    pairs = interleaved(lambda: seconds(samples) / IMAGES, lambda: seconds(decoded) / IMAGES, PAIRS)
    return [
        share(
            "loader: decode, augment, targets, one core",
            "decoding the same files",
            0.4,
            pairs,
            same="the same files; medians are those of one image",
        )
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
