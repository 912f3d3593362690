"""Samples to batch."""

from pathlib import Path

import numpy as np
import torch

from ocr.data.collate import collate
from ocr.types import Record, Sample, Word


def sample(name, height, width, value):
    return Sample(
        image_CHW=np.full((3, height, width), value, np.uint8),
        matrix_33=np.diag([value, value, 1.0]),
        original_size=(width * 2, height * 2),
        record=Record(Path(name), {}),
        regions=(Word(np.zeros((4, 2), np.float32), name),),
        targets={"shrink_map": np.full((height, width), value / 10, np.float32)},
    )


def test_smaller_samples_are_padded_right_and_below():
    batch = collate([sample("a.png", 4, 6, 7), sample("b.png", 5, 3, 9)])
    assert batch.images_BCHW.shape == (2, 3, 5, 6)
    assert batch.images_BCHW.dtype == torch.uint8
    assert (batch.images_BCHW[0, :, :4, :6] == 7).all()
    assert batch.images_BCHW[0].sum() == 7 * 3 * 24
    assert batch.images_BCHW[1].sum() == 9 * 3 * 15
    assert batch.targets["shrink_map"].shape == (2, 5, 6)
    assert batch.targets["shrink_map"].dtype == torch.float32
    assert (batch.targets["shrink_map"][1, :5, :3] == 0.9).all()
    assert not batch.targets["shrink_map"][1, :, 3:].any()


def test_what_belongs_to_an_image_stays_in_its_place():
    batch = collate([sample("a.png", 4, 6, 7), sample("b.png", 5, 3, 9)])
    assert batch.matrices_B33[:, 0, 0].tolist() == [7, 9]
    assert batch.matrices_B33.dtype == np.float64
    assert batch.original_sizes == ((12, 8), (6, 10))
    assert batch.paths == (Path("a.png"), Path("b.png"))
    assert [regions[0].transcription for regions in batch.regions] == ["a.png", "b.png"]


def test_other_processes_samples_are_left_out():
    batch = collate([None, sample("b.png", 5, 3, 9), None])
    assert batch.paths == (Path("b.png"),)
    assert batch.images_BCHW.shape == (1, 3, 5, 3)


def test_batch_may_be_empty():
    batch = collate([None])
    assert len(batch) == 0
    assert batch.images_BCHW.shape == (0, 3, 0, 0)
    assert batch.matrices_B33.shape == (0, 3, 3)
    assert batch.targets == {}
