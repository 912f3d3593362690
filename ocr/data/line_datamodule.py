"""Training, validation and test loaders of text lines over a native data folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

from torch.utils.data import DataLoader, Dataset

from ocr.data.annotated import AnnotatedDataModule
from ocr.data.line_batches import Pool, collate_page
from ocr.data.line_receipts import DrawLines, LineReceipts
from ocr.data.lines import LineDataset, LineEvaluationDataset, LineJitter, TextTargets
from ocr.data.photometric import Photometric
from ocr.data.sampler import ShuffleSampler
from ocr.data.source import ChosenReceipts, StoredReceipts
from ocr.images.crops import LineCrop
from ocr.types import Batch, InputError


class PooledLoader:
    """The batches of a loader's pools, one after the other.

    Args:
        loader: gives lists of batches.
        batches: of each list.
        skip: batches to leave out of the first list, in the epoch in which the sampler starts.
    """

    def __init__(self, loader: DataLoader[list[Batch]], batches: int, skip: int) -> None:
        self.loader = loader
        self.batches = batches
        self.skip = skip

    @property
    def sampler(self) -> ShuffleSampler:
        """The sampler of the pools' receipts, whose epoch the trainer sets."""
        return cast(ShuffleSampler, self.loader.sampler)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self.loader) * self.batches

    def __iter__(self) -> Iterator[Batch]:
        """The batches of an epoch."""
        skip = self.skip if self.sampler.epoch == self.sampler.started[0] else 0
        for pool in self.loader:
            yield from pool[skip:]
            skip = 0


class LineDataModule(AnnotatedDataModule):
    """Pictures of text lines with the codes of their text.

    Args:
        targets: converts text to codes.
        crop: random differences between a line's polygon and its crop in training.
        photometric: random appearance of training samples.
        transform: cuts lines.
        lines_per_receipt: lines taken from each receipt of an epoch, on average.
        pool: receipts whose lines are mixed and sorted by width, to make batches of similar lines.
        draw: synthesises the lines of training receipts on demand; ``None``: only stored ones are used.
        drawn_per_epoch: number of synthesised receipts per epoch.
        stored: whether the training split is used; else all lines are synthesised.
        settings: of `AnnotatedDataModule`.
    """

    def __init__(
        self,
        *,
        targets: TextTargets,
        crop: LineJitter,
        photometric: Photometric,
        transform: LineCrop,
        lines_per_receipt: int = 40,
        pool: int = 8,
        draw: DrawLines | None = None,
        drawn_per_epoch: int = 0,
        stored: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.targets = targets
        self.crop = crop
        self.photometric = photometric
        self.transform = transform
        self.lines_per_receipt = lines_per_receipt
        self.pool = pool
        self.draw = draw
        self.drawn_per_epoch = drawn_per_epoch
        self.stored = stored
        self._learnt: list[int] = []
        lines = pool * lines_per_receipt
        if lines % self.batch_size:
            raise InputError(
                f"data.batch_size={self.batch_size} does not divide the {lines} lines of data.pool={pool} receipts of "
                f"data.lines_per_receipt={lines_per_receipt}; choose one that does"
            )
        self.batches = lines // self.batch_size
        if drawn_per_epoch and draw is None:
            raise InputError(
                f"data.drawn_per_epoch={drawn_per_epoch} needs data.draw, which says what to synthesise; use "
                "data=drawn_lines data.stored=true, or data.drawn_per_epoch=0"
            )
        if not stored and not (draw and drawn_per_epoch):
            raise InputError("data.stored=false needs data=drawn_lines and data.drawn_per_epoch above 0")

    @property
    def reads_training_split(self) -> bool:
        """Whether the training needs stored receipts."""
        return self.stored

    def _shares(self) -> dict[str, int]:
        return {**super()._shares(), "pool": self.pool, "lines_per_receipt": self.lines_per_receipt}

    def _receipts(self) -> LineReceipts:
        """The receipts to train on."""
        return LineReceipts(
            ChosenReceipts(self.records["train"], self._learnt) if self.stored else None,
            draw=self.draw,
            drawn=self.drawn_per_epoch,
            case_known=self.targets.case_known,
            max_pixels=self.max_pixels,
        )

    def training_count(self) -> int:
        """Receipts of an epoch."""
        return len(self._receipts())

    def setup(self, stage: str) -> None:
        """Read the splits, and log once which of their characters are not in the charset.

        Receipts of the training split without a text that can be learnt are left out.

        Raises:
            InputError: as `AnnotatedDataModule.setup`; or no region of a split has a text, or none of the training
                split one that can be learnt.
        """
        before = set(self.records)
        super().setup(stage)
        for role in [role for role in self.records if role not in before]:
            words = (word for record in self.records[role].records for word in record.words.values())
            texts = [word.text or "" for word in words if word.readable]
            if not texts:
                raise InputError(
                    f"data.root={self.root}: split {self.splits[role]!r} has no text to read: no region that is not "
                    "ignored has a transcription; add them, or use another split"
                )
            missing = self.targets.missing(texts)
            if missing:
                listed = ", ".join(f"{letter!r} {count} times" for letter, count in missing.most_common(5))
                logging.getLogger(__name__).warning(
                    "split %r: %d characters, %d different ones, are not in the charset (%s); lines with them are not "
                    "learnt", self.splits[role], missing.total(), len(missing), listed,
                )  # fmt: skip

            if role == "train":
                self._learnt = self._learnable(self.records[role])

    def _learnable(self, receipts: StoredReceipts) -> list[int]:
        """The numbers of the receipts that have a line to learn."""
        learnt, left_out = [], []
        for number, record in enumerate(receipts.records):
            if any(word.readable and self.targets(word.text or "") is not None for word in record.words.values()):
                learnt.append(number)
            else:
                left_out.append(record.name)
        if not learnt:
            raise InputError(
                f"data.root={self.root}: no text of split {self.splits['train']!r} has only characters of the charset; "
                "use another charset= or correct the texts"
            )
        if left_out:
            listed = ", ".join(left_out[:5]) + (", ..." if len(left_out) > 5 else "")
            logging.getLogger(__name__).warning(
                "split %r: %d of %d receipts have no text that can be learnt and are left out: %s",
                self.splits["train"],
                len(left_out),
                len(receipts),
                listed,
            )
        return learnt

    def batch_bytes(self, role: str) -> int:
        """Maximal number of bytes of the lines that a worker hands over at once."""
        line = 3 * self.transform.height * self.transform.longest
        if role == "train":
            return self.pool * self.lines_per_receipt * line
        return max((len(record.words) for record in self.records[role].records), default=0) * line

    def train_dataloader(self) -> PooledLoader:
        """Batches of lines of similar width; receipts that do not fill a pool are left out of an epoch."""
        dataset = LineDataset(
            self._receipts(),
            targets=self.targets,
            crop=self.transform,
            jitter=self.crop,
            photometric=self.photometric,
            seed=self.seed,
            max_skipped=self.skipped.replaceable,
        )
        rank, world_size = self.rank()
        sampler = ShuffleSampler(len(dataset), seed=self.seed, rank=rank, world_size=world_size)
        if len(sampler) < self.pool:
            raise InputError(
                f"data.pool={self.pool} is more than the {len(sampler)} training receipts of one process; "
                "use a smaller data.pool"
            )
        epoch, batches = self.position
        sampler.start_at(epoch, batches // self.batches * self.pool)
        pools = Pool(self.batches, self.batch_size, self.seed)
        loader = self.loader(dataset, sampler, self.pool, pools, drop_last=True)
        return PooledLoader(loader, self.batches, batches % self.batches)

    def evaluation_dataset(self, receipts: StoredReceipts) -> Dataset[Any]:
        """The lines of whole receipts."""
        return LineEvaluationDataset(
            receipts,
            targets=self.targets,
            crop=self.transform,
            max_pixels=self.max_pixels,
            skip=self.skipped.allowed,
        )

    def evaluation_batch(self, samples: Any) -> Batch:
        """The lines of one receipt."""
        return collate_page(samples)
