"""Receipts as the lines that are learnt from them: cut from annotated images, synthesised, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ocr.data.dataset import read_annotated
from ocr.data.sampler import SampleKey
from ocr.data.source import Source
from ocr.images.decode import MAX_PIXELS
from ocr.types import Record, UInt8Array, Word


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
        pages: pages in the image's file.
        size: (width, height) of the image in pixels.
    """

    key: SampleKey
    record: Record
    lines: list[Line]
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
        lines = [Line(line.image_HWC, Word(line.points_N2, line.text), True) for line in pictures]
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
        if word.readable
    ]
    lines = [Line(picture.image_HWC, word, case_known) for word in words]
    return LinePage(key, record, lines, pages=picture.pages, size=picture.size)
