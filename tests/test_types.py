"""What the plain types do beside holding values."""

from pathlib import Path

import numpy as np
import torch

from ocr.types import Batch, InputError, Record


def test_record_is_named_after_its_image():
    assert Record(Path("images/train/a.jpg"), {}).name == "a.jpg"


def test_batch_moves_its_tensors_and_nothing_else():
    batch = Batch(
        images_BCHW=torch.zeros(2, 3, 4, 4, dtype=torch.uint8),
        matrices_B33=np.zeros((2, 3, 3)),
        original_sizes=((4, 4), (3, 4)),
        paths=(Path("a.png"), Path("b.png")),
        regions=((), ()),
        targets={"shrink_map": torch.zeros(2, 4, 4)},
    )
    moved = batch.to(torch.device("meta"))
    assert moved.images_BCHW.device.type == moved.targets["shrink_map"].device.type == "meta"
    assert moved.images_BCHW.dtype == torch.uint8
    assert batch.images_BCHW.device.type == "cpu"
    assert moved.matrices_B33 is batch.matrices_B33
    assert moved.paths == batch.paths
    assert len(moved) == 2


def test_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)
