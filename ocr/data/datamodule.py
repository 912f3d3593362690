"""Training, validation and test loaders of text detection over a native data folder."""

from __future__ import annotations

from typing import Any

from torch.utils.data import DataLoader, Dataset

from ocr.data.annotated import AnnotatedDataModule
from ocr.data.dataset import EvaluationDataset, TargetBuilder, TrainDataset, collate
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.data.source import Draw, DrawnReceipts, Source, StoredReceipts
from ocr.data.workers import bytes_per_pixel, largest_input
from ocr.types import Batch


class ReceiptDataModule(AnnotatedDataModule):
    """Images with training maps.

    Args:
        targets: builds the training maps from polygons.
        crop: random geometry of training samples.
        photometric: random appearance of training samples.
        transform: resize of validation and test images.
        draw: synthesises training receipts on demand, instead of reading the training split; ``None``: reads it.
        drawn_per_epoch: number of synthesised receipts per epoch.
        settings: of `AnnotatedDataModule`.
    """

    def __init__(
        self,
        *,
        targets: TargetBuilder,
        crop: RandomCrop,
        photometric: Photometric,
        transform: FitLongSide,
        draw: Draw | None = None,
        drawn_per_epoch: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.targets = targets
        self.crop = crop
        self.photometric = photometric
        self.transform = transform
        self.drawn = DrawnReceipts(draw, per_epoch=drawn_per_epoch, granularity=self.granularity) if draw else None

    @property
    def reads_training_split(self) -> bool:
        """Whether the training needs stored receipts."""
        return self.drawn is None

    def _source(self) -> Source:
        """The receipts to train on."""
        return self.drawn or self.records["train"]

    def training_count(self) -> int:
        """Receipts of an epoch."""
        return len(self._source())

    def batch_bytes(self, role: str) -> int:
        """Maximal number of bytes of a batch's tensors."""
        if role == "train":
            return self.batch_size * self.crop.size**2 * bytes_per_pixel(self.targets)
        return largest_input(self.records[role].records, self.transform) * bytes_per_pixel(self.targets)

    def evaluation_dataset(self, receipts: StoredReceipts) -> Dataset[Any]:
        """Whole images."""
        return EvaluationDataset(
            receipts,
            transform=self.transform,
            targets=self.targets,
            max_pixels=self.max_pixels,
            skip=self.skipped.allowed,
        )

    def evaluation_batch(self, samples: Any) -> Batch:
        """One image."""
        return collate(samples)

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled, augmented batches; the last incomplete batch of an epoch is left out."""
        dataset = TrainDataset(
            self._source(),
            targets=self.targets,
            crop=self.crop,
            photometric=self.photometric,
            seed=self.seed,
            max_pixels=self.max_pixels,
            max_skipped=self.skipped.replaceable,
        )
        return self.shuffled(dataset, collate)
