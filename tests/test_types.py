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


def test_parts_of_a_batch_are_the_batch():
    batch = Batch(
        images_BCHW=torch.arange(5, dtype=torch.uint8).view(5, 1, 1, 1),
        matrices_B33=np.arange(45.0).reshape(5, 3, 3),
        original_sizes=tuple((number, 1) for number in range(5)),
        paths=tuple(Path(f"{number}.png") for number in range(5)),
        regions=((),) * 5,
        targets={"codes": torch.arange(10).view(5, 2)},
        pages=(1, 2, 3, 4, 5),
    )
    parts = list(batch.parts(2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert torch.equal(torch.cat([part.images_BCHW for part in parts]), batch.images_BCHW)
    assert torch.equal(torch.cat([part.targets["codes"] for part in parts]), batch.targets["codes"])
    assert np.array_equal(np.concatenate([part.matrices_B33 for part in parts]), batch.matrices_B33)
    for name in ("paths", "original_sizes", "regions", "pages"):
        assert sum((getattr(part, name) for part in parts), ()) == getattr(batch, name)
    assert list(batch.parts(5)) == [batch]


def test_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)
