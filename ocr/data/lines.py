"""Samples of text lines: augmented ones to learn from, and those of an evaluation as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset

from ocr.data.line_receipts import LinePage, LineReceipts, stored_page
from ocr.data.photometric import Photometric
from ocr.data.sampler import SampleKey
from ocr.data.skipping import Broken, first_readable
from ocr.data.source import StoredReceipts
from ocr.geometry import upright_box
from ocr.images.crops import LineCrop, Shift, without_zero_columns
from ocr.images.decode import MAX_PIXELS
from ocr.images.edges import edges, measure
from ocr.images.header import ImageError
from ocr.types import Sample, UInt8Array, Word

UPRIGHT_LIMIT = 1.5
"""Maximum height of an upright box that replaces a polygon, in heights of its line."""


class TextTargets(Protocol):
    """The codes of a text, and whether the truth has the letter case of the print."""

    case_known: bool

    def __call__(self, text: str, /) -> npt.NDArray[np.int64] | None:
        """int64 (L,), or ``None`` for a text that cannot be coded."""

    def missing(self, texts: Iterable[str], /) -> Counter[str]:
        """How often each character occurs that cannot be coded."""


@dataclass(frozen=True, kw_only=True)
class LineJitter:
    """Random differences between a line's polygon and its crop, as annotators and detectors make them.

    Attributes:
        sides: largest share of the line's height by which each side moves outwards; inwards it is half of that.
        stretch: largest relative change of the width.
        upright: probability that the line's upright box is used instead of its polygon, if it is about as high: the
            box of a strongly tilted line shows little of its text.
        cut: probability that the lower side moves inwards by up to a quarter of the line's height: annotators' boxes
            often leave out parts of the descenders.
    """

    sides: float = 0.16
    stretch: float = 0.12
    upright: float = 0.4
    cut: float = 0.0

    def __call__(self, word: Word, margin: float, rng: np.random.Generator) -> tuple[npt.NDArray[np.float32], Shift]:
        """The polygon to cut, and what to cover beyond it."""
        left, top, right, bottom = (margin + rng.uniform(-0.5 * self.sides, self.sides, size=4)).tolist()
        if rng.random() < self.cut:
            bottom = margin - rng.uniform(0.0, 0.25)
        shift = Shift(left, top, right, bottom, float(np.exp(rng.uniform(-self.stretch, self.stretch))))
        if rng.random() < self.upright:
            box_42 = upright_box(word.points_N2)
            height, _ = measure(*edges(word.points_N2))
            if np.ptp(box_42[:, 1]) <= UPRIGHT_LIMIT * height:
                return box_42, shift
        return word.points_N2, shift


@dataclass(frozen=True, slots=True)
class LineSamples:
    """The augmented lines of one receipt.

    Attributes:
        key: (epoch, index of the receipt).
        samples: its lines.
        skipped: messages about images skipped in this one's place.
    """

    key: SampleKey
    samples: list[Sample]
    skipped: tuple[str, ...] = ()


@dataclass(eq=False)
class LineDataset(Dataset[LineSamples]):
    """Augmented lines of receipts; those of a receipt are a pure function of (seed, epoch, index).

    Attributes:
        receipts: the receipts.
        targets: converts text to codes; lines that it cannot convert are left out.
        crop: cuts lines.
        jitter: random geometry.
        photometric: random appearance.
        seed: seed of the augmentation.
        max_skipped: number of images that may fail for one receipt; ``None``: the first failure is raised.
    """

    receipts: LineReceipts
    _: KW_ONLY
    targets: TextTargets
    crop: LineCrop
    jitter: LineJitter
    photometric: Photometric
    seed: int
    max_skipped: int | None = None

    def __len__(self) -> int:
        """Receipts an epoch."""
        return len(self.receipts)

    def __getitem__(self, key: SampleKey) -> LineSamples:
        """The lines of one receipt in one epoch.

        Raises:
            ImageError: its image cannot be read, and may not be replaced.
            InputError: more than ``max_skipped`` images cannot be read, or none can.
        """
        rng = np.random.default_rng([self.seed, *key])
        epoch, index = key
        page, skipped = first_readable(
            lambda number: self.receipts(epoch, number), index, len(self), rng, self.max_skipped
        )
        samples = []
        for line in page.lines:
            points_N2, shift = self.jitter(line.word, self.crop.margin, rng)
            codes_L = self.targets(line.word.text or "")
            if codes_L is None:
                continue
            image_HWC = without_zero_columns(self.photometric(self.crop(line.image_HWC, points_N2, shift), rng))
            samples.append(line_sample(page, line.word, image_HWC, codes_L, line.case_known))
        return LineSamples(key, samples, skipped)


@dataclass(eq=False)
class LineEvaluationDataset(Dataset[list[Sample] | Broken | None]):
    """The lines of whole receipts without augmentation; ``None`` for a key of ``None``.

    Attributes:
        source: the receipts.
        targets: converts text to codes, for the validation loss.
        crop: cuts lines.
        max_pixels: limit of an image's pixels.
        skip: return `Broken` for an image that cannot be read, instead of raising an error.
    """

    source: StoredReceipts
    _: KW_ONLY
    targets: TextTargets
    crop: LineCrop
    max_pixels: int = MAX_PIXELS
    skip: bool = False

    def __len__(self) -> int:
        """Number of receipts."""
        return len(self.source)

    def __getitem__(self, key: SampleKey | None) -> list[Sample] | Broken | None:
        """The lines of one receipt; one whose text cannot be coded as a whole has no codes.

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
        pages=page.pages,
    )
