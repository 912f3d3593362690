"""Training, validation and test loaders over a native data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from ocr.data.dataset import EvaluationDataset, TargetBuilder, TrainDataset, collate
from ocr.data.geometry_transforms import FitLongSide, RandomCrop
from ocr.data.photometric import Photometric
from ocr.data.regions import Granularity
from ocr.data.sampler import EvaluationSampler, ShuffleSampler
from ocr.data.skipping import OnError, SkippedImages
from ocr.data.source import Draw, DrawnReceipts, Source, StoredReceipts
from ocr.data.stored import InsideFolder, has_split, read_split
from ocr.data.workers import bytes_per_pixel, check_shared_memory, largest_input, loader_need, start_loader_worker
from ocr.images.decode import MAX_PIXELS
from ocr.types import Batch, InputError


class ReceiptDataModule(pl.LightningDataModule):
    """Training, validation and test loaders over ``root/images/<split>`` and ``root/jsons/<split>.json``.

    Args:
        root: data folder in the native layout: a path, or an address that fsspec knows (``https://``, ``s3://``). The
            images of a split may be tar shards, which may also hold the annotations (`ocr.formats.webdataset`).
        targets: builds the training maps from polygons.
        crop: random geometry of training samples.
        photometric: random appearance of training samples.
        transform: resize of validation and test images.
        granularity: ``word`` (each annotated polygon) or ``line`` (words of the same line number joined).
        batch_size: training images per step and process.
        num_workers: loader processes; 0 loads in the training process.
        seed: seed of order and augmentation.
        train_split: name of the training split.
        val_split: name of the split that selects the checkpoint.
        test_split: name of the split of the final figures.
        draw: synthesises training receipts on demand, instead of reading the training split; ``None``: reads it.
        drawn_per_epoch: number of synthesised receipts per epoch.
        on_error: ``raise`` ends the run at an image that cannot be used: missing, wrongly annotated, damaged, too
            large, or of another size than annotated. ``skip`` replaces it by another image, and leaves it out of an
            evaluation.
        max_skipped: distinct images that may be skipped.
        max_pixels: limit above which an image is not decoded.
        follow_links: whether images may be links that lead out of ``root``.
        tested: whether a test follows the training; its split is then read first, so that errors in it show at once.

    Attributes:
        skipped: the skipped images. `setup` adds those with wrong annotations; the training loop adds those of the
            batches.
    """

    def __init__(  # noqa: PLR0913 - a data module's settings, each a config key
        self,
        *,
        root: str | Path,
        targets: TargetBuilder,
        crop: RandomCrop,
        photometric: Photometric,
        transform: FitLongSide,
        granularity: Granularity,
        batch_size: int,
        num_workers: int,
        seed: int,
        train_split: str = "train",
        val_split: str = "val",
        test_split: str = "test",
        draw: Draw | None = None,
        drawn_per_epoch: int = 0,
        on_error: OnError = "raise",
        max_skipped: int = 10,
        max_pixels: int = MAX_PIXELS,
        follow_links: bool = False,
        tested: bool = False,
    ) -> None:
        super().__init__()
        self.root = str(root)
        self.targets = targets
        self.crop = crop
        self.photometric = photometric
        self.transform = transform
        self.granularity: Granularity = granularity
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.seed = seed
        self.splits = {"train": train_split, "val": val_split, "test": test_split}
        self.records: dict[str, StoredReceipts] = {}
        self.drawn = DrawnReceipts(draw, per_epoch=drawn_per_epoch, granularity=granularity) if draw else None
        self.skipped = SkippedImages(on_error, max_skipped)
        self.max_pixels = max_pixels
        self.is_there = InsideFolder(Path(root), follow_links=follow_links)
        self.tested = tested
        self.position = (0, 0)

    def state_dict(self) -> dict[str, int]:
        """Position of the run in the training data, and the settings that it depends on."""
        assert self.trainer is not None
        done = self.trainer.fit_loop.epoch_loop.batch_progress.current.completed
        return {"epoch": self.trainer.current_epoch, "batches": done, **self._shares()}

    def _shares(self) -> dict[str, int]:
        return {
            "images": len(self._source()),
            "batch_size": self.batch_size,
            "world_size": self._rank()[1],
            "seed": self.seed,
        }

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Make the training loader continue where the run stopped.

        Raises:
            InputError: the position is not valid here, as the samples are distributed differently.
        """
        now = self._shares()
        changed = [f"{name} was {state_dict[name]} and is {now[name]}" for name in now if state_dict[name] != now[name]]
        if changed:
            raise InputError(
                f"resume: {', '.join(changed)}; the run can be continued only with the same training images, "
                "data.batch_size, seed and number of devices"
            )
        self.position = (state_dict["epoch"], state_dict["batches"])

    def setup(self, stage: str) -> None:
        """Read and validate the annotations of the splits that the stage needs.

        Raises:
            InputError: a split is missing, including that of the test after training, a split has no text, an
                annotation is wrong or does not support ``granularity``, or there is too little shared memory for the
                loaders' workers.
        """
        # Loader workers run in parallel already. OpenCV's thread pool must not exist when they fork: the child hangs.
        cv2.setNumThreads(1)
        roles = {"fit": ("train", "val"), "validate": ("val",), "test": ("test",)}[stage]
        if stage == "fit" and self.tested:
            roles = (*roles, "test")
        for role in roles:
            if stage == "fit" and role == "test":
                self._check_test()
            if role not in self.records and not (role == "train" and self.drawn):
                self.records[role] = self._read(self.splits[role])
        # Checked before any process of this run has workers, while their memory is still free.
        check_shared_memory(
            {self.splits[role]: loader_need(self.num_workers, self._batch_bytes(role)) for role in roles},
            num_workers=self.num_workers,
            setting="data.num_workers",
            processes=self.trainer.num_devices if self.trainer else 1,
        )

    def _check_test(self) -> None:
        """Check that the test split exists before hours of training."""
        split = self.splits["test"]
        if not has_split(self.root, split, is_there=self.is_there):
            raise InputError(
                f"data.root={self.root} has no split {split!r} to test on after the training; "
                "add one, name another with data.test_split=, or skip the test with skip_test=true"
            )

    def _source(self) -> Source:
        """The receipts to train on."""
        return self.drawn or self.records["train"]

    def _batch_bytes(self, role: str) -> int:
        """Maximal number of bytes of a batch's tensors."""
        if role == "train":
            return self.batch_size * self.crop.size**2 * bytes_per_pixel(self.targets)
        return largest_input(self.records[role].records, self.transform) * bytes_per_pixel(self.targets)

    def _read(self, split: str) -> StoredReceipts:
        return read_split(
            self.root,
            split,
            self.granularity,
            is_there=self.is_there,
            on_error=(lambda error: self.skipped.add([str(error)])) if self.skipped.allowed else None,
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled, augmented batches; the last incomplete batch of an epoch is left out."""
        dataset = TrainDataset(
            self._source(),
            targets=self.targets,
            crop=self.crop,
            photometric=self.photometric,
            seed=self.seed,
            max_pixels=self.max_pixels,
            max_skipped=self.skipped.limit if self.skipped.allowed else None,
        )
        rank, world_size = self._rank()
        sampler = ShuffleSampler(len(dataset), seed=self.seed, rank=rank, world_size=world_size)
        epoch, batches = self.position
        sampler.start_at(epoch, batches * self.batch_size)
        if len(sampler) < self.batch_size:
            raise InputError(
                f"data.batch_size={self.batch_size} is more than the {len(sampler)} training images of one process; "
                "use a smaller data.batch_size"
            )
        return self._loader(dataset, sampler, self.batch_size, drop_last=True)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Whole validation images, one per batch."""
        return self._evaluation_loader(self.records["val"])

    def test_dataloader(self) -> DataLoader[Batch]:
        """Whole test images, one per batch."""
        return self._evaluation_loader(self.records["test"])

    def _evaluation_loader(self, receipts: StoredReceipts) -> DataLoader[Batch]:
        dataset = EvaluationDataset(
            receipts,
            transform=self.transform,
            targets=self.targets,
            max_pixels=self.max_pixels,
            skip=self.skipped.allowed,
        )
        rank, world_size = self._rank()
        return self._loader(dataset, EvaluationSampler(len(dataset), rank=rank, world_size=world_size), 1)

    def _loader(self, dataset: Any, sampler: Any, batch_size: int, drop_last: bool = False) -> DataLoader[Batch]:
        return DataLoader(
            dataset,
            batch_size=batch_size,
            sampler=sampler,
            num_workers=self.num_workers,
            collate_fn=collate,
            drop_last=drop_last,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=self.num_workers > 0,
            worker_init_fn=start_loader_worker,
            generator=torch.Generator(),  # its own: the number of loaders must not affect the model's randomness
        )

    def _rank(self) -> tuple[int, int]:
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:  # noqa: ARG002
        """Move the tensors of a batch, and log its files of several pages; called once per batch."""
        self.skipped.log_pages(batch)
        return batch.to(device)
