"""Read a whole receipt: an image in, its text out, row by row."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocr.formats.page_writing import page_entry
from ocr.images.decode import Picture
from ocr.images.given import Given, picture_of
from ocr.page import Page, TextLine
from ocr.pipeline.detector import Detector
from ocr.pipeline.inputs import sample_of
from ocr.pipeline.layout import page_text
from ocr.pipeline.reading_order import rows_of
from ocr.pipeline.recognizer import LineReader
from ocr.pipeline.words import words_of
from ocr.report.page import draw_page
from ocr.types import Detection, InputError, Reading, Sample, UInt8Array

Weights = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was read.

    Attributes:
        page: size and lines.
        image_HWC: uint8 RGB, the upright image.
    """

    page: Page
    image_HWC: UInt8Array

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """Lines of text in reading order; those of one printed row share their ``row``."""
        return self.page.lines

    @property
    def text(self) -> str:
        """The text, each printed row on a line, its columns where they stand (`ocr.pipeline.layout.page_text`)."""
        return page_text(self.page)

    def to_dict(self) -> dict[str, Any]:
        """An image's entry in the native format, with ``confidence``, ``score`` and ``row`` of each line."""
        entry, _ = page_entry(self.page)
        return entry

    def draw(self) -> UInt8Array:
        """The image with outlines, and beside it the texts where they stand: uint8 RGB (H, 2 W, 3)."""
        return draw_page(self.image_HWC, self.page)


class Reader:
    """Reads receipts: finds the text, reads its lines, and puts them in order.

        receipt = Reader().read("receipt.jpg")
        print(receipt.text)
        for line in receipt.lines:
            print(line.row, line.confidence, line.text)

    Args:
        detector: a loaded `Detector` or its file; ``None``: the weights shipped with this package.
        recogniser: a loaded `LineReader` or its file; ``None``: likewise.
        engine: ``torch``, ``onnxruntime`` or ``auto``, as for `Detector.load`, for what is not loaded yet.
        device: torch device, likewise.
        threads: CPU threads of each network, likewise.
        min_confidence: lines with a lower confidence are left out, 0 to 1; 0 keeps even those in which nothing is read.

    Raises:
        InputError: as `Detector.load` and `LineReader.load`, or ``min_confidence`` is out of range.
    """

    def __init__(
        self,
        detector: Detector | Weights | None = None,
        recogniser: LineReader | Weights | None = None,
        *,
        engine: str = "auto",
        device: str = "auto",
        threads: int | None = None,
        min_confidence: float = 0.0,
    ) -> None:
        if not 0.0 <= min_confidence <= 1.0:
            raise InputError(f"min_confidence={min_confidence}: must be 0 to 1")
        chosen: dict[str, Any] = {"engine": engine, "device": device, "threads": threads}
        self.detector = detector if isinstance(detector, Detector) else Detector.load(detector, **chosen)
        self.recogniser = recogniser if isinstance(recogniser, LineReader) else LineReader.load(recogniser, **chosen)
        self.min_confidence = min_confidence

    def read(self, image: Given) -> Receipt:
        """Read one image.

        Args:
            image: a path, an encoded image as bytes, uint8 RGB (H, W, 3), or a Pillow image, as for `Detector.detect`.

        Raises:
            InputError: the image cannot be read or has another type.
        """
        picture = picture_of(image, math.inf)
        return Receipt(self(picture, self.prepared(picture, Path("image"))), picture.image_HWC)

    def prepared(self, picture: Picture, path: Path) -> Sample:
        """The detector's input from an image at full size."""
        return sample_of(picture, self.detector.transform, path)

    def __call__(self, picture: Picture, sample: Sample) -> Page:
        """Read an image that is decoded at full size, and resized for the detector."""
        found = self.detector(sample)
        crops = [self.recogniser.transform(picture.image_HWC, region.points_N2) for region in found]
        read = self.recogniser.read_crops(crops)
        lines = [self.line(region, reading) for region, reading in zip(found, read, strict=True)]
        lines = [line for line in lines if line.confidence >= self.min_confidence]
        rows = rows_of([line.points_N2 for line in lines])
        ordered = (replace(lines[number], row=row) for row, numbers in enumerate(rows) for number in numbers)
        return Page(picture.size, tuple(ordered))

    def line(self, region: Detection, reading: Reading) -> TextLine:
        """A region with what was read in it."""
        words = words_of(reading, region.points_N2, self.recogniser.transform)
        text = " ".join(word.text for word in words)
        return TextLine(region.points_N2, text, reading.confidence if text else 0.0, region.score, words)
