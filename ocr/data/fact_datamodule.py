"""Training, validation and test loaders of the extraction over a native data folder."""

from __future__ import annotations

from typing import Any

from torch.utils.data import DataLoader, Dataset

from ocr.data.annotated import AnnotatedDataModule
from ocr.data.facts import (
    FactDataset,
    FactEvaluationDataset,
    FactTargets,
    Invent,
    Transform,
    collate_facts,
)
from ocr.data.source import StoredReceipts
from ocr.metrics.facts import facts_of_record
from ocr.types import Batch, InputError

TOKENS, BYTES = 4, 100
"""Tokens of a region and bytes of a token with its targets, about, for the loaders' memory."""
REGIONS = 100
"""Regions of a receipt to learn from, about."""


class FactDataModule(AnnotatedDataModule):
    """Pages of tokens; images are not read.

    Args:
        transform: makes tokens of regions.
        targets: finds what is learnt of each token.
        invent: makes receipts; ``None``: only stored ones are used.
        invented_per_epoch: number of invented receipts per epoch.
        stored: whether the training split is used; else all receipts are invented.
        lost: largest share of a stored receipt's regions that are left out.
        settings: of `AnnotatedDataModule`.

    Raises:
        InputError: there is nothing to learn from.
    """

    def __init__(
        self,
        *,
        transform: Transform,
        targets: FactTargets,
        invent: Invent | None = None,
        invented_per_epoch: int = 0,
        stored: bool = True,
        lost: float = 0.1,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.transform = transform
        self.targets = targets
        self.invent = invent
        self.invented_per_epoch = invented_per_epoch
        self.stored = stored
        self.lost = lost
        if bool(invented_per_epoch) != (invent is not None) or not (stored or invented_per_epoch):
            raise InputError(
                f"data.invented_per_epoch={invented_per_epoch} and data.stored={str(stored).lower()}: use "
                "data=invented_facts, whose data.invent makes receipts, or data=facts, which has stored ones alone"
            )

    @property
    def reads_training_split(self) -> bool:
        """Whether the training needs stored receipts."""
        return self.stored

    def training_count(self) -> int:
        """Receipts of an epoch."""
        return len(self._dataset())

    def _dataset(self) -> FactDataset:
        """The receipts to train on."""
        return FactDataset(
            transform=self.transform,
            targets=self.targets,
            stored=self.records["train"] if self.stored else None,
            invent=self.invent,
            invented=self.invented_per_epoch,
            seed=self.seed,
            lost=self.lost,
        )

    def setup(self, stage: str) -> None:
        """Read the splits.

        Raises:
            InputError: as `AnnotatedDataModule.setup`; or no receipt of a split has a label or a value.
        """
        super().setup(stage)
        for role, receipts in self.records.items():
            if not any(facts_of_record(record).known for record in receipts.records):
                raise InputError(
                    f"data.root={self.root}: split {self.splits[role]!r} says nothing of its receipts: no word has a "
                    "'field', no image 'fields'; add them (docs/how-to/own-data.md), convert data that have them, or "
                    "choose another split"
                )

    def batch_bytes(self, role: str) -> int:
        """Number of bytes of a batch's tensors, about."""
        if role == "train":
            return self.batch_size * REGIONS * TOKENS * BYTES
        return max((len(record.words) for record in self.records[role].records), default=0) * TOKENS * BYTES

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled batches; the last incomplete batch of an epoch is left out."""
        return self.shuffled(self._dataset(), collate_facts)

    def evaluation_dataset(self, receipts: StoredReceipts) -> Dataset[Any]:
        """Whole receipts."""
        return FactEvaluationDataset(receipts, self.transform, self.targets)

    def evaluation_batch(self, samples: Any) -> Batch:
        """One receipt."""
        return collate_facts(samples)
