"""Batches of text lines: of similar width in training, of one receipt in an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from ocr.data.lines import LineSamples
from ocr.data.skipping import Broken
from ocr.types import Batch, InputError, Sample

MULTIPLE = 32
"""Columns of a batch of lines are a multiple of this."""


def collate_lines(samples: Sequence[Sample], skipped: Sequence[str] = ()) -> Batch:
    """Stack lines, padded with zeros on the right; ``codes`` are padded with CTC's blank."""
    width = max((sample.image_CHW.shape[2] for sample in samples), default=0)
    height = samples[0].image_CHW.shape[1] if samples else 0
    images_BCHW = np.zeros((len(samples), 3, height, -(-width // MULTIPLE) * MULTIPLE), np.uint8)
    lengths_B = np.array([len(sample.targets["codes"]) for sample in samples], np.int64)
    codes_BL = np.zeros((len(samples), max(lengths_B, default=0)), np.int64)
    for row, sample in enumerate(samples):
        images_BCHW[row, :, :, : sample.image_CHW.shape[2]] = sample.image_CHW
        codes_BL[row, : lengths_B[row]] = sample.targets["codes"]
    case_known_B = np.array([bool(sample.targets["case_known"]) for sample in samples], np.bool_)
    return Batch(
        images_BCHW=torch.from_numpy(images_BCHW),
        matrices_B33=np.array([sample.matrix_33 for sample in samples]).reshape(-1, 3, 3),
        original_sizes=tuple(sample.original_size for sample in samples),
        paths=tuple(sample.record.image_path for sample in samples),
        regions=tuple(sample.regions for sample in samples),
        targets={
            "codes": torch.from_numpy(codes_BL),
            "lengths": torch.from_numpy(lengths_B),
            "case_known": torch.from_numpy(case_known_B),
        },
        pages=tuple(sample.pages for sample in samples),
        skipped=tuple(skipped),
    )


def collate_page(pages: Sequence[list[Sample] | Broken | None]) -> Batch:
    """The lines of one receipt as one batch of an evaluation."""
    samples = [sample for page in pages if isinstance(page, list) for sample in page]
    return collate_lines(samples, [page.message for page in pages if isinstance(page, Broken)])


@dataclass(frozen=True, slots=True)
class Pool:
    """Makes batches of lines of similar width from the lines of several receipts.

    Every pool gives the same number of batches of the same number of lines, so that a place in an epoch is a number of
    batches. Lines are left out or taken again to get there, chosen at random.

    Attributes:
        batches: of each pool.
        batch_size: lines of a batch.
        seed: seed of the choice.
    """

    batches: int
    batch_size: int
    seed: int

    def __call__(self, receipts: Sequence[LineSamples]) -> list[Batch]:
        """The batches, a pure function of the seed and the receipts' keys.

        Raises:
            InputError: the receipts have no line, which happens to synthesised ones alone.
        """
        rng = np.random.default_rng([self.seed, *receipts[0].key, len(receipts)])
        lines = [sample for receipt in receipts for sample in receipt.samples]
        reasons = dict.fromkeys(reason for receipt in receipts for reason in receipt.skipped)
        if not lines:
            names = ", ".join(str(receipt.key[1]) for receipt in receipts)
            raise InputError(
                f"the synthesised receipts {names} of an epoch have no line that can be learnt; use a charset= with "
                "the characters of data.draw, or a larger data.pool"
            )
        wanted = self.batches * self.batch_size
        rounds = -(-wanted // len(lines))
        chosen = np.concatenate([rng.permutation(len(lines)) for _ in range(rounds)])[:wanted]
        # Some disorder in the widths, so that batches differ from epoch to epoch.
        widths = np.array([lines[index].image_CHW.shape[2] for index in chosen]) * rng.uniform(0.9, 1.1, size=wanted)
        ordered = chosen[np.argsort(widths, kind="stable")].reshape(self.batches, self.batch_size)
        # The same order in every process of an epoch: at each step all have lines of similar width, so that none waits.
        order = np.random.default_rng([self.seed, receipts[0].key[0]]).permutation(self.batches)
        batches = in_few_storages([collate_lines([lines[index] for index in ordered[row]]) for row in order])
        return [replace(batch, skipped=tuple(reasons) if number == 0 else ()) for number, batch in enumerate(batches)]


def in_few_storages(batches: Sequence[Batch]) -> list[Batch]:
    """The same batches, whose tensors of one name are views of one storage.

    A worker hands over each storage, not each tensor, as a file in shared memory: a pool of hundreds of batches would
    otherwise need more open files than a process may have (often 1,024).
    """
    images = views_of_one([batch.images_BCHW for batch in batches])
    targets = {name: views_of_one([batch.targets[name] for batch in batches]) for name in batches[0].targets}
    return [
        replace(batch, images_BCHW=images[number], targets={name: views[number] for name, views in targets.items()})
        for number, batch in enumerate(batches)
    ]


def views_of_one(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Equal tensors that lie one after the other in one storage."""
    sizes = [tensor.numel() for tensor in tensors]
    parts = torch.split_with_sizes(torch.cat([tensor.flatten() for tensor in tensors]), sizes)
    return [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
