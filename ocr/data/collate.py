"""Samples to batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ocr.data.broken import Broken
from ocr.types import Batch, Sample


def collate(samples: Sequence[Sample | Broken | None]) -> Batch:
    """Stack samples, padded with zeros on the right and at the bottom to the largest; the others are left out.

    Padding is outside every mask, so that no loss is taken there. Of a broken image the batch says why it is not there.

    The memory is NumPy's: torch takes its own aligned, and up to version 2.37 glibc leaves holes where aligned blocks
    were that it does not use again. A loader's worker grew by tens of megabytes so, at any time in a run.
    """
    present = [sample for sample in samples if isinstance(sample, Sample)]
    broken = tuple(sample.message for sample in samples if isinstance(sample, Broken))
    height = max((sample.image_CHW.shape[1] for sample in present), default=0)
    width = max((sample.image_CHW.shape[2] for sample in present), default=0)
    images_BCHW = np.zeros((len(present), 3, height, width), np.uint8)
    names = present[0].targets.keys() if present else ()
    targets = {name: np.zeros((len(present), height, width), np.float32) for name in names}
    for row, sample in enumerate(present):
        _, rows, columns = sample.image_CHW.shape
        images_BCHW[row, :, :rows, :columns] = sample.image_CHW
        for name, map_HW in sample.targets.items():
            targets[name][row, :rows, :columns] = map_HW
    return Batch(
        images_BCHW=torch.from_numpy(images_BCHW),
        matrices_B33=np.array([sample.matrix_33 for sample in present]).reshape(-1, 3, 3),
        original_sizes=tuple(sample.original_size for sample in present),
        paths=tuple(sample.record.image_path for sample in present),
        regions=tuple(sample.regions for sample in present),
        targets={name: torch.from_numpy(map_BHW) for name, map_BHW in targets.items()},
        pages=tuple(sample.pages for sample in present),
        skipped=broken + tuple(reason for sample in present for reason in sample.skipped),
    )
