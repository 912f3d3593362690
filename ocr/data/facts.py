"""Samples for the extraction: pages of tokens with their fields, annotated or invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

from ocr.data.sampler import SampleKey
from ocr.data.source import StoredReceipts
from ocr.fields import Span
from ocr.metrics.facts import facts_of_record
from ocr.types import Batch, BoolArray, Record, Sample, UInt8Array, Word


class Sheet(Protocol):
    """An invented receipt, as its regions would be read."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The regions in reading order."""

    @property
    def spans(self) -> tuple[tuple[Span, ...], ...]:
        """The facts in each region's text."""


class Tokenised(Protocol):
    """A page of tokens."""

    @property
    def rows_NF(self) -> UInt8Array:
        """What the network sees of its N tokens."""


Transform = Callable[[Sequence[Word]], Any]
"""Regions -> `Tokenised`, which the targets understand."""


class FactTargets(Protocol):
    """Finds what is learnt of tokens, arrays by name."""

    def annotated(self, page: Any, words: Sequence[Word], fields: dict[str, str], /) -> dict[str, BoolArray]:
        """Of an annotated page: its regions, which may be labelled, and its values."""

    def invented(self, page: Any, spans: Sequence[Sequence[Span]], /) -> dict[str, BoolArray]:
        """Of a page whose facts are known to the character."""


Invent = Callable[[int], Sheet]
"""(number of a receipt, from 0) -> the receipt; a pure function."""


@dataclass(eq=False, kw_only=True)
class FactDataset(Dataset[Sample]):
    """Receipts to learn from: stored ones, then invented ones of which none is repeated in a training.

    Attributes:
        transform: makes tokens of regions.
        targets: finds what is learnt of each token.
        stored: annotated receipts, or ``None``.
        invent: makes receipts, or ``None``.
        invented: receipts of an epoch that are invented.
        seed: seed of the random differences.
        lost: largest share of a stored receipt's regions that are left out, as a detector misses some.
    """

    transform: Transform
    targets: FactTargets
    stored: StoredReceipts | None
    invent: Invent | None
    invented: int
    seed: int
    lost: float = 0.1

    def __len__(self) -> int:
        """Receipts an epoch."""
        return len(self.stored or ()) + self.invented

    def __getitem__(self, key: SampleKey) -> Sample:
        """One receipt in one epoch."""
        epoch, index = key
        rng = np.random.default_rng([self.seed, *key])
        if self.stored is not None and index < len(self.stored):
            record = self.stored.records[index]
            words = tuple(record.words.values())
            share = rng.uniform(0.0, self.lost)
            kept = tuple(word for word in words if rng.random() >= share) or words
            page = self.transform(kept)
            return fact_sample(record, kept, page, self.targets.annotated(page, kept, record.fields))
        assert self.invent is not None
        number = epoch * self.invented + index - len(self.stored or ())
        sheet = self.invent(number)
        record = Record(Path(f"invented_{number}"), {f"{n:04d}": word for n, word in enumerate(sheet.words, start=1)})
        page = self.transform(sheet.words)
        return fact_sample(record, sheet.words, page, self.targets.invented(page, sheet.spans))


@dataclass(eq=False)
class FactEvaluationDataset(Dataset[Sample | None]):
    """Whole receipts as they are annotated; ``None`` for a key of ``None``.

    Attributes:
        receipts: the receipts.
        transform: makes tokens of regions.
        targets: finds what is known of each token, for the validation loss.
    """

    receipts: StoredReceipts
    transform: Transform
    targets: FactTargets

    def __len__(self) -> int:
        """Number of receipts."""
        return len(self.receipts)

    def __getitem__(self, key: SampleKey | None) -> Sample | None:
        """One receipt."""
        if key is None:
            return None
        record = self.receipts.records[key[1]]
        words = tuple(record.words.values())
        page = self.transform(words)
        return fact_sample(record, words, page, self.targets.annotated(page, words, record.fields))


def fact_sample(record: Record, words: Sequence[Word], page: Tokenised, targets: dict[str, BoolArray]) -> Sample:
    """A sample of one page, whose picture has a row for each token."""
    return Sample(
        image_CHW=page.rows_NF[None],
        matrix_33=np.eye(3),
        original_size=(record.width or 0, record.height or 0),
        record=record,
        regions=tuple(words),
        targets=targets,
    )


def collate_facts(samples: Sequence[Sample | None]) -> Batch:
    """Stack pages, padded with rows of zeros; tokens of the padding may be anything and need be nothing."""
    known = [sample for sample in samples if sample is not None]
    rows, columns = np.max([sample.image_CHW.shape[1:] for sample in known], axis=0) if known else (0, 0)
    rows = max(rows, int(bool(known)))  # a receipt without text is one row of padding
    images_BCHW = np.zeros((len(known), 1, rows, columns), np.uint8)
    targets: dict[str, Any] = {}
    for number, sample in enumerate(known):
        count = sample.image_CHW.shape[1]
        images_BCHW[number, :, :count] = sample.image_CHW
        for name, array in sample.targets.items():
            shape = (len(known), rows, *array.shape[1:]) if array.ndim else (len(known),)
            stacked = targets.setdefault(name, np.full(shape, name == "allowed", np.bool_))
            stacked[(number, slice(count)) if array.ndim else number] = array
    return Batch(
        images_BCHW=torch.from_numpy(images_BCHW),
        matrices_B33=np.array([sample.matrix_33 for sample in known]).reshape(-1, 3, 3),
        original_sizes=tuple(sample.original_size for sample in known),
        paths=tuple(sample.record.image_path for sample in known),
        regions=tuple(sample.regions for sample in known),
        targets={name: torch.from_numpy(stacked) for name, stacked in targets.items()},
        pages=tuple(sample.pages for sample in known),
        truths=tuple(facts_of_record(sample.record) for sample in known),
    )
