"""What the loaders of every task share: splits of a data folder, the position of a run in them, skipped images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset

from ocr.data.regions import Granularity
from ocr.data.sampler import EvaluationSampler, ShuffleSampler
from ocr.data.skipping import OnError, SkippedImages
from ocr.data.source import StoredReceipts
from ocr.data.stored import InsideFolder, has_split, read_split
from ocr.data.workers import check_shared_memory, loader_need, start_loader_worker
from ocr.images.decode import MAX_PIXELS
from ocr.types import Batch, InputError


class AnnotatedDataModule(pl.LightningDataModule):
    """Splits ``root/images/<split>`` and ``root/jsons/<split>.json``, and a run's position in the training split.

    A task adds its training loader and its data sets.

    Args:
        root: data folder in the native layout: a path, or an address that fsspec knows (``https://``, ``s3://``). The
            images of a split may be tar shards, which may also hold the annotations (`ocr.formats.webdataset`).
        granularity: ``word`` (each annotated polygon) or ``line`` (words of the same line number joined).
        batch_size: training samples per step and process.
        num_workers: loader processes; 0 loads in the training process.
        seed: seed of order and augmentation.
        train_split: name of the training split.
        val_split: name of the split that selects the checkpoint.
        test_split: name of the split of the final figures.
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
        granularity: Granularity,
        batch_size: int,
        num_workers: int,
        seed: int,
        train_split: str = "train",
        val_split: str = "val",
        test_split: str = "test",
        on_error: OnError = "raise",
        max_skipped: int = 10,
        max_pixels: int = MAX_PIXELS,
        follow_links: bool = False,
        tested: bool = False,
    ) -> None:
        super().__init__()
        self.root = str(root)
        self.granularity: Granularity = granularity
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.seed = seed
        self.splits = {"train": train_split, "val": val_split, "test": test_split}
        self.records: dict[str, StoredReceipts] = {}
        self.skipped = SkippedImages(on_error, max_skipped)
        self.max_pixels = max_pixels
        self.is_there = InsideFolder(Path(root), follow_links=follow_links)
        self.tested = tested
        self.position = (0, 0)

    @property
    def reads_training_split(self) -> bool:
        """Whether the training needs stored receipts."""
        raise NotImplementedError

    def training_count(self) -> int:
        """Receipts of an epoch."""
        raise NotImplementedError

    def batch_bytes(self, role: str) -> int:
        """Maximal number of bytes that a loader of ``train``, ``val`` or ``test`` hands over at once."""
        raise NotImplementedError

    def evaluation_dataset(self, receipts: StoredReceipts) -> Dataset[Any]:
        """The samples of receipts without augmentation."""
        raise NotImplementedError

    def evaluation_batch(self, samples: Any) -> Batch:
        """The batch of one sample of `evaluation_dataset`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, int]:
        """Position of the run in the training data, and the settings that it depends on."""
        assert self.trainer is not None
        done = self.trainer.fit_loop.epoch_loop.batch_progress.current.completed
        return {"epoch": self.trainer.current_epoch, "batches": done, **self._shares()}

    def _shares(self) -> dict[str, int]:
        return {
            "images": self.training_count(),
            "batch_size": self.batch_size,
            "world_size": self.rank()[1],
            "seed": self.seed,
        }

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Make the training loader continue where the run stopped.

        Raises:
            InputError: the position is not valid here, as the samples are distributed differently.
        """
        now = self._shares()
        was = {**now, **state_dict}  # an older point lacks what its version did not save
        changed = [f"{name} was {was[name]} and is {now[name]}" for name in now if was[name] != now[name]]
        if changed:
            raise InputError(
                f"resume: {', '.join(changed)}; the run can be continued only with the same training images, "
                "data.batch_size, seed and number of devices, lines also with the same data.pool and "
                "data.lines_per_receipt"
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
            if role not in self.records and (role != "train" or self.reads_training_split):
                self.records[role] = self._read(self.splits[role])
        # Checked before any process of this run has workers, while their memory is still free.
        check_shared_memory(
            {self.splits[role]: loader_need(self.num_workers, self.batch_bytes(role)) for role in roles},
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

    def _read(self, split: str) -> StoredReceipts:
        return read_split(
            self.root,
            split,
            self.granularity,
            is_there=self.is_there,
            on_error=(lambda error: self.skipped.add([str(error)])) if self.skipped.allowed else None,
        )

    def val_dataloader(self) -> DataLoader[Batch]:
        """The validation split, one receipt per batch."""
        return self._evaluation_loader(self.records["val"])

    def test_dataloader(self) -> DataLoader[Batch]:
        """The test split, one receipt per batch."""
        return self._evaluation_loader(self.records["test"])

    def _evaluation_loader(self, receipts: StoredReceipts) -> DataLoader[Batch]:
        rank, world_size = self.rank()
        sampler = EvaluationSampler(len(receipts), rank=rank, world_size=world_size)
        return self.loader(self.evaluation_dataset(receipts), sampler, 1, self.evaluation_batch)

    def shuffled(self, dataset: Any, collate: Callable[..., Any]) -> DataLoader[Batch]:
        """Batches of training samples in a new order each epoch, from the run's position on.

        The last incomplete batch of an epoch is left out.

        Raises:
            InputError: there are fewer samples than a batch has.
        """
        rank, world_size = self.rank()
        sampler = ShuffleSampler(len(dataset), seed=self.seed, rank=rank, world_size=world_size)
        epoch, batches = self.position
        sampler.start_at(epoch, batches * self.batch_size)
        if len(sampler) < self.batch_size:
            raise InputError(
                f"data.batch_size={self.batch_size} is more than the {len(sampler)} training images of one process; "
                "use a smaller data.batch_size"
            )
        return self.loader(dataset, sampler, self.batch_size, collate, drop_last=True)

    def loader(
        self, dataset: Any, sampler: Any, batch_size: int, collate: Callable[..., Any], *, drop_last: bool = False
    ) -> DataLoader[Any]:
        """A loader with this module's workers."""
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

    def rank(self) -> tuple[int, int]:
        """The number of this process, and how many there are."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:  # noqa: ARG002
        """Move the tensors of a batch, and log its files of several pages; called once per batch."""
        self.skipped.log_pages(batch)
        return batch.to(device)
