"""Samples to batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ocr.types import Batch, Sample


def collate(samples: Sequence[Sample | None]) -> Batch:
    """Stack samples, padded with zeros on the right and at the bottom to the largest; ``None`` is left out.

    Padding is outside every mask, so that no loss is taken there.
    """
    present = [sample for sample in samples if sample is not None]
    height = max((sample.image_CHW.shape[1] for sample in present), default=0)
    width = max((sample.image_CHW.shape[2] for sample in present), default=0)
    images = torch.zeros((len(present), 3, height, width), dtype=torch.uint8)
    names = present[0].targets.keys() if present else ()
    targets = {name: torch.zeros((len(present), height, width)) for name in names}
    for row, sample in enumerate(present):
        _, rows, columns = sample.image_CHW.shape
        images[row, :, :rows, :columns] = torch.from_numpy(sample.image_CHW)
        for name, map_HW in sample.targets.items():
            targets[name][row, :rows, :columns] = torch.from_numpy(map_HW)
    return Batch(
        images_BCHW=images,
        matrices_B33=np.array([sample.matrix_33 for sample in present]).reshape(-1, 3, 3),
        original_sizes=tuple(sample.original_size for sample in present),
        paths=tuple(sample.record.image_path for sample in present),
        regions=tuple(sample.regions for sample in present),
        targets=targets,
    )
