"""Text lines to learn from: cut from annotated images, synthesised, or both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from ocr.data.dataset import read_annotated
from ocr.data.photometric import Photometric
from ocr.data.sampler import SampleKey
from ocr.data.skipping import Broken, too_many
from ocr.data.source import Source, StoredReceipts
from ocr.images.crops import LineCrop, Shift, upright_box
from ocr.images.decode import MAX_PIXELS
from ocr.images.header import ImageError
from ocr.types import Batch, Record, Sample, UInt8Array, Word

MULTIPLE = 32
"""Columns of a batch of lines are a multiple of this."""


class TextTargets(Protocol):
    """The codes of a text, and whether the truth has the letter case of the print."""

    case_known: bool

    def __call__(self, text: str, /) -> npt.NDArray[np.int64] | None:
        """int64 (L,), or ``None`` for a text that cannot be coded."""

    def missing(self, texts: Iterable[str], /) -> Counter[str]:
        """How often each character occurs that cannot be coded."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text line in an image.

    Attributes:
        image_HWC: uint8 RGB; several lines may share it.
        word: polygon in the image's pixels, and text.
        case_known: whether the text has the letter case of the print.
    """

    image_HWC: UInt8Array
    word: Word
    case_known: bool


@dataclass(frozen=True, slots=True)
class LinePage:
    """The lines of one receipt.

    Attributes:
        key: (epoch, index of the receipt).
        record: the receipt.
        lines: its lines.
        skipped: messages about images skipped in this one's place.
        pages: pages in the image's file.
        size: (width, height) of the image in pixels.
    """

    key: SampleKey
    record: Record
    lines: list[Line]
    skipped: tuple[str, ...] = ()
    pages: int = 1
    size: tuple[int, int] = (0, 0)


DrawLines = Callable[[int], Sequence[Any]]
"""(number of a receipt, from 0) -> `ocr.synthesis.lines.LinePicture` of each of its lines; a pure function."""


class LineReceipts:
    """Receipts whose lines are learnt: stored ones, synthesised ones, or stored ones with synthesised ones among them.

    Receipt ``index`` of an epoch is a stored one below ``len(stored)``; the others are synthesised, none of them twice.

    Args:
        stored: annotated receipts; ``None``: none.
        draw: synthesises the lines of a receipt; ``None``: nothing is synthesised.
        drawn: synthesised receipts an epoch.
        case_known: whether the stored texts have the letter case of the print.
        max_pixels: limit of an image's pixels.
    """

    def __init__(
        self,
        stored: Source | None,
        *,
        draw: DrawLines | None,
        drawn: int,
        case_known: bool,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self.stored = stored
        self.draw = draw
        self.drawn = drawn if draw else 0
        self.case_known = case_known
        self.max_pixels = max_pixels

    def __len__(self) -> int:
        """Receipts an epoch."""
        return self._stored_count() + self.drawn

    def _stored_count(self) -> int:
        return len(self.stored) if self.stored is not None else 0

    def __call__(self, epoch: int, index: int) -> LinePage:
        """The lines of one receipt.

        Raises:
            ImageError: its image cannot be read.
        """
        if self.stored is not None and index < len(self.stored):
            encoded, record = self.stored(epoch, index)
            return stored_page((epoch, index), encoded, record, self.max_pixels, case_known=self.case_known)
        assert self.draw is not None
        pictures = self.draw(epoch * self.drawn + index - self._stored_count())
        lines = [Line(line.image_HWC, Word(line.points_42, line.text), True) for line in pictures]
        return LinePage((epoch, index), Record(Path(f"synthesised/{epoch}/{index}"), {}), lines)


def stored_page(key: SampleKey, encoded: bytes, record: Record, max_pixels: int, *, case_known: bool) -> LinePage:
    """The lines of an annotated image; those that are ignored or have no text are left out.

    Raises:
        ImageError: the image cannot be read.
    """
    picture = read_annotated(encoded, record, float("inf"), max_pixels)
    words = [
        replace(word, points_N2=word.points_N2 / np.float32(picture.reduction))
        for word in record.words.values()
        if not word.ignore and word.text is not None
    ]
    lines = [Line(picture.image_HWC, word, case_known) for word in words]
    return LinePage(key, record, lines, pages=picture.pages, size=picture.size)


@dataclass(frozen=True, kw_only=True)
class LineJitter:
    """Random differences between a line's polygon and its crop, as annotators and detectors make them.

    Attributes:
        sides: largest share of the line's height by which each side moves outwards; inwards it is half of that.
        stretch: largest relative change of the width.
        upright: probability that the line's upright box is used instead of its polygon.
    """

    sides: float = 0.16
    stretch: float = 0.12
    upright: float = 0.4

    def __call__(self, word: Word, margin: float, rng: np.random.Generator) -> tuple[npt.NDArray[np.float32], Shift]:
        """The polygon to cut, and what to cover beyond it."""
        left, top, right, bottom = (margin + rng.uniform(-0.5 * self.sides, self.sides, size=4)).tolist()
        shift = Shift(left, top, right, bottom, float(np.exp(rng.uniform(-self.stretch, self.stretch))))
        points_N2 = upright_box(word.points_N2) if rng.random() < self.upright else word.points_N2
        return points_N2, shift


class LineDataset(Dataset[tuple[SampleKey, list[Sample]]]):
    """Augmented lines of receipts; those of a receipt are a pure function of (seed, epoch, index).

    Args:
        receipts: the receipts.
        targets: converts text to codes; lines that it cannot convert are left out.
        crop: cuts lines.
        jitter: random geometry.
        photometric: random appearance.
        seed: seed of the augmentation.
        max_skipped: number of images that may fail for one receipt; ``None``: the first failure is raised.
    """

    def __init__(
        self,
        receipts: LineReceipts,
        *,
        targets: TextTargets,
        crop: LineCrop,
        jitter: LineJitter,
        photometric: Photometric,
        seed: int,
        max_skipped: int | None = None,
    ) -> None:
        self.receipts = receipts
        self.targets = targets
        self.crop = crop
        self.jitter = jitter
        self.photometric = photometric
        self.seed = seed
        self.max_skipped = max_skipped

    def __len__(self) -> int:
        """Receipts an epoch."""
        return len(self.receipts)

    def __getitem__(self, key: SampleKey) -> tuple[SampleKey, list[Sample]]:
        """The lines of one receipt in one epoch.

        Raises:
            ImageError: its image cannot be read, and may not be replaced.
            InputError: more than ``max_skipped`` images cannot be read, or none can.
        """
        rng = np.random.default_rng([self.seed, *key])
        page = self._first_readable(*key, rng)
        samples = []
        for line in page.lines:
            points_N2, shift = self.jitter(line.word, self.crop.margin, rng)
            codes_L = self.targets(line.word.text or "")
            if codes_L is None:
                continue
            image_HWC = self.photometric(self.crop(line.image_HWC, points_N2, shift), rng)
            samples.append(line_sample(page, line.word, image_HWC, codes_L, line.case_known))
        return key, samples

    def _first_readable(self, epoch: int, index: int, rng: np.random.Generator) -> LinePage:
        """A receipt, or its random replacement, with the reasons why those before it cannot be read."""
        tried: dict[int, str] = {}
        while True:
            try:
                return replace(self.receipts(epoch, index), skipped=tuple(tried.values()))
            except ImageError as error:
                if self.max_skipped is None:
                    raise
                tried[index] = str(error)
            if len(tried) > min(self.max_skipped, len(self) - 1):
                raise too_many(tried.values(), self.max_skipped)
            while index in tried:
                index = int(rng.integers(len(self)))


class LineEvaluationDataset(Dataset[list[Sample] | Broken | None]):
    """The lines of whole receipts without augmentation; ``None`` for a key of ``None``.

    Args:
        source: the receipts.
        targets: converts text to codes, for the validation loss.
        crop: cuts lines.
        max_pixels: limit of an image's pixels.
        skip: return `Broken` for an image that cannot be read, instead of raising an error.
    """

    def __init__(
        self,
        source: StoredReceipts,
        *,
        targets: TextTargets,
        crop: LineCrop,
        max_pixels: int = MAX_PIXELS,
        skip: bool = False,
    ) -> None:
        self.source = source
        self.targets = targets
        self.crop = crop
        self.max_pixels = max_pixels
        self.skip = skip

    def __len__(self) -> int:
        """Number of receipts."""
        return len(self.source)

    def __getitem__(self, key: SampleKey | None) -> list[Sample] | Broken | None:
        """The lines of one receipt, each with the codes of the characters that can be coded.

        Raises:
            ImageError: the image cannot be read, and may not be skipped.
        """
        if key is None:
            return None
        record = self.source.records[key[1]]
        try:
            encoded = self.source.read(key[1], record.image_path)
            page = stored_page(key, encoded, record, self.max_pixels, case_known=self.targets.case_known)
        except ImageError as error:
            if not self.skip:
                raise
            return Broken.because(record.image_path, error)
        samples = []
        for line in page.lines:
            codes_L = self.targets(line.word.text or "")
            image_HWC = self.crop(line.image_HWC, line.word.points_N2)
            samples.append(line_sample(page, line.word, image_HWC, codes_L, line.case_known))
        return samples


def line_sample(
    page: LinePage, word: Word, image_HWC: UInt8Array, codes_L: npt.NDArray[np.int64] | None, case_known: bool
) -> Sample:
    """A sample of one line; without codes for a text that cannot be coded, which has no part in the loss."""
    codes_L = np.empty(0, np.int64) if codes_L is None else codes_L
    return Sample(
        image_CHW=np.ascontiguousarray(image_HWC.transpose(2, 0, 1)),
        matrix_33=np.eye(3),
        original_size=page.size,
        record=page.record,
        regions=(word,),
        targets={"codes": codes_L, "case_known": np.array(case_known)},
        skipped=page.skipped,
        pages=page.pages,
    )


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
    reasons = dict.fromkeys(reason for sample in samples for reason in sample.skipped)
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
        skipped=(*skipped, *reasons),
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

    def __call__(self, receipts: Sequence[tuple[SampleKey, list[Sample]]]) -> list[Batch]:
        """The batches, a pure function of the seed and the receipts' keys."""
        rng = np.random.default_rng([self.seed, *receipts[0][0], len(receipts)])
        lines = [sample for _, samples in receipts for sample in samples]
        reasons = dict.fromkeys(reason for _, samples in receipts for sample in samples for reason in sample.skipped)
        if not lines:
            names = ", ".join(str(key[1]) for key, _ in receipts)
            raise ImageError(f"the receipts {names} have no line with a text to learn; check the training split")
        wanted = self.batches * self.batch_size
        rounds = -(-wanted // len(lines))
        chosen = np.concatenate([rng.permutation(len(lines)) for _ in range(rounds)])[:wanted]
        # Some disorder in the widths, so that batches differ from epoch to epoch.
        widths = np.array([lines[index].image_CHW.shape[2] for index in chosen]) * rng.uniform(0.9, 1.1, size=wanted)
        ordered = chosen[np.argsort(widths, kind="stable")].reshape(self.batches, self.batch_size)
        batches = [collate_lines([lines[index] for index in ordered[row]]) for row in rng.permutation(self.batches)]
        return [replace(batch, skipped=tuple(reasons) if number == 0 else ()) for number, batch in enumerate(batches)]
