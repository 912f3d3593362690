"""The plain types that rooms exchange, in the order in which a receipt passes through them.

Record -> Sample -> Batch -> maps -> Detections (or loss terms) -> score.

Shape legend used across the package: ``B`` batch, ``C`` channels, ``H`` rows, ``W`` columns, ``N`` polygons or
points; a suffix such as ``image_HWC`` or ``points_N2`` states the shape. Coordinates are ``(x, y)`` in pixels of
the frame that the docstring names; ``x`` grows to the right, ``y`` downwards, and the pixel in the top left corner
covers ``[0, 1) x [0, 1)``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ocr.utils import errors

if TYPE_CHECKING:
    import torch

FloatArray = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

InputError = errors.InputError


@dataclass(frozen=True, slots=True)
class Word:
    """One annotated text region.

    Attributes:
        points_N2: float32 polygon, N >= 3 points, pixels of the upright image, clockwise from top left.
        transcription: the text, or ``None`` where it is unknown.
        ignore: the region need not be found and does not count as an error when found.
        line: number of the text line segment the word stands on (words separated by a column gap stand on
            different segments), or ``None`` where the annotation has no lines.
        confidence: of a reading, 0 to 1; ``None`` for ground truth, and where it is unknown.
        field: what the text says, a name of `ocr.fields.FIELDS` or another label of the annotation; ``None`` if it is
            none of a receipt's facts, or unknown.
        item: number of the purchase that the text belongs to, from 1, or ``None``.
    """

    points_N2: FloatArray
    transcription: str | None = None
    ignore: bool = False
    line: int | None = None
    confidence: float | None = None
    field: str | None = None
    item: int | None = None

    @property
    def text(self) -> str | None:
        """The transcription, or ``None`` if it is blank: formats without a null write "" for unknown text."""
        known = self.transcription is not None and not all(map(is_blank, self.transcription))
        return self.transcription if known else None

    @property
    def readable(self) -> bool:
        """Whether a recogniser learns it and is judged by it: its text is known, and it is not ignored."""
        return not self.ignore and self.text is not None


NO_INK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | set(map(chr, range(0xFE00, 0xFE10)))
"""Fillers that Unicode classes as letters or marks, and variation selectors."""


def is_blank(character: str) -> bool:
    """Whether a character prints nothing: white space, a control or format character (zero width), a filler."""
    return character.isspace() or character in NO_INK or unicodedata.category(character) in ("Cc", "Cf")


@dataclass(frozen=True, slots=True)
class Record:
    """One image with its annotation, as read from a native annotation file.

    Attributes:
        image_path: path of the image.
        words: the annotated regions by their key in the annotation file (``"0001"``), in file order.
        width: image width in pixels (upright), or ``None`` if the annotation does not state it.
        height: image height in pixels (upright), or ``None`` if the annotation does not state it.
        fields: the receipt's values as text by the name of the field, for data that say no more (SROIE); empty if the
            annotation has none.
    """

    image_path: Path
    words: dict[str, Word]
    width: int | None = None
    height: int | None = None
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """File name of the image, the key of the record in its annotation file."""
        return self.image_path.name


@dataclass(frozen=True, slots=True)
class Sample:
    """One image on its way from the loader's worker into a batch.

    Attributes:
        image_CHW: uint8 RGB network input.
        matrix_33: float64 homography from the original image's pixels to the network input's.
        original_size: (width, height) of the upright original image in pixels.
        record: the record that the sample was made from.
        regions: the ground truth at the requested granularity, in the original image's pixels.
        targets: what is to be learnt, arrays by name; empty if none were requested. For detection, training maps,
            float32 (H, W) in the network input's frame; for recognition, codes of characters. The docstring of the
            target builder lists the names and their meaning.
        skipped: messages about images skipped in this one's place, each of which names the file.
        pages: number of pages in the image's file; this is the first.
        cut: the file is truncated before further pages, of which ``pages`` counts one.
    """

    image_CHW: UInt8Array
    matrix_33: npt.NDArray[np.float64]
    original_size: tuple[int, int]
    record: Record
    regions: tuple[Word, ...]
    targets: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    pages: int = 1
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The input of one step of the network.

    Attributes:
        images_BCHW: uint8 RGB; padded on the right and at the bottom where sizes differ.
        matrices_B33: float64 homographies, original image to network input.
        original_sizes: (width, height) of each upright original image in pixels.
        paths: the image files, for messages and reports.
        regions: ground truth of each image in the original image's pixels.
        targets: name -> tensor (B, ...), as in `Sample`; empty at prediction.
        skipped: messages about skipped images, each of which names the file. In training another image takes its
            place, in an evaluation none does.
        pages: number of pages in each image's file, of which the first is used; empty means one each.
        truths: what an evaluator compares each result with, where that is not the regions; otherwise empty.

    A batch of an evaluation may be empty (``len(batch)`` is 0): another process has the image, or it was skipped.
    """

    images_BCHW: torch.Tensor
    matrices_B33: npt.NDArray[np.float64]
    original_sizes: tuple[tuple[int, int], ...]
    paths: tuple[Path, ...]
    regions: tuple[tuple[Word, ...], ...]
    targets: dict[str, torch.Tensor] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    truths: tuple[Any, ...] = ()

    def __len__(self) -> int:
        """Number of images."""
        return len(self.paths)

    def parts(self, most: int) -> Iterator[Batch]:
        """The batch in parts of at most so many images, in order; a part keeps the width of the whole.

        Messages about skipped images stay with the whole batch.
        """
        if len(self) <= most:
            yield self
            return
        for start in range(0, len(self), most):
            part = slice(start, start + most)
            yield Batch(
                images_BCHW=self.images_BCHW[part],
                matrices_B33=self.matrices_B33[part],
                original_sizes=self.original_sizes[part],
                paths=self.paths[part],
                regions=self.regions[part],
                targets={name: tensor[part] for name, tensor in self.targets.items()},
                pages=self.pages[part],
                truths=self.truths[part],
            )

    def to(self, device: torch.device) -> Batch:
        """The same batch with its tensors on ``device``."""
        return replace(
            self,
            images_BCHW=self.images_BCHW.to(device, non_blocking=True),
            targets={name: tensor.to(device, non_blocking=True) for name, tensor in self.targets.items()},
        )

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory (called by the loader when ``pin_memory`` is on)."""
        return replace(
            self,
            images_BCHW=self.images_BCHW.pin_memory(),
            targets={name: tensor.pin_memory() for name, tensor in self.targets.items()},
        )


@dataclass(frozen=True, slots=True)
class Detection:
    """One detected text region.

    Attributes:
        points_N2: float32 polygon in the original image's pixels, N >= 4 points, clockwise from top left.
        score: mean text probability inside the region, 0 to 1.
    """

    points_N2: FloatArray
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a recogniser reads in one line.

    Attributes:
        text: the characters.
        confidences: of each character, 0 to 1: the network's probability, or what a calibration makes of it.
        places: of each character's middle along the line's crop, 0 (left end) to 1; empty if unknown.
        uncalibrated: the network's probabilities, where a calibration has changed ``confidences``; otherwise empty.
    """

    text: str
    confidences: tuple[float, ...] = ()
    places: tuple[float, ...] = ()
    uncalibrated: tuple[float, ...] = ()

    @property
    def confidence(self) -> float:
        """That of the least certain character; 0 if nothing was read."""
        return min(self.confidences, default=0.0)

    def stripped(self) -> Reading:
        """The same without spaces at its ends."""
        inner = slice(len(self.text) - len(self.text.lstrip(" ")), len(self.text.rstrip(" ")))
        kept = (each[inner] for each in (self.confidences, self.places, self.uncalibrated))
        return Reading(self.text[inner], *kept)
