"""Read a whole receipt: an image in, its text out, row by row."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocr.formats.page_writing import page_entry
from ocr.images.decode import Picture
from ocr.images.documents import read_pages
from ocr.images.given import Given, picture_of
from ocr.images.header import ImageError
from ocr.images.page_images import BrokenPage, PageImage, PdfText
from ocr.images.pdf import PDF_DPI
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
        number: of the page in its file, from 1.
        count: pages of the file.
    """

    page: Page
    image_HWC: UInt8Array
    number: int = 1
    count: int = 1

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
        """Read one image, or the only page of a PDF.

        Args:
            image: a path, an encoded image as bytes, uint8 RGB (H, W, 3), or a Pillow image, as for `Detector.detect`.

        Raises:
            InputError: the image cannot be read or has another type, or its file has several pages (`read_pages`).
        """
        if not isinstance(image, bytes | str | os.PathLike):
            image_HWC = picture_of(image, 0).image_HWC
            return self.receipt(PageImage(1, 1, image_HWC))
        source = image if isinstance(image, bytes) else Path(image)
        where = "the image given" if isinstance(source, bytes) else source
        page = next(read_pages(source, name=where))
        if page.count > 1:
            raise InputError(f"{where}: has {page.count} pages; read_pages reads them one by one")
        if isinstance(page, BrokenPage):
            raise ImageError(page.message)
        return self.receipt(page)

    def read_pages(
        self, source: str | os.PathLike[str] | bytes, *, dpi: float = PDF_DPI, pdf_text: PdfText = "auto"
    ) -> Iterator[Receipt | BrokenPage]:
        """Read the pages of a file one by one: all of a PDF or a TIFF, of any other image the first picture.

            for page in Reader().read_pages("scan.pdf"):
                print(page.message if isinstance(page, BrokenPage) else page.text)

        Args:
            source: a path, or the file's bytes.
            dpi: pixels per inch of a PDF's rendered pages, above 0.
            pdf_text: ``auto``: a PDF's page that has a text of its own is not recognised, ``never``: every page is.

        Yields:
            Each page in order, or the reason why it cannot be read.

        Raises:
            InputError: the file as a whole cannot be read, or a setting is not allowed.
        """
        given = source if isinstance(source, bytes) else Path(source)
        for page in read_pages(given, dpi=dpi, pdf_text=pdf_text):
            yield page if isinstance(page, BrokenPage) else self.receipt(page)

    def receipt(self, image: PageImage) -> Receipt:
        """A decoded page with its own text, or else what is read on it."""
        page = image.text or self(image.image_HWC, self.prepared(image.image_HWC, Path("image")))
        return Receipt(page, image.image_HWC, image.number, image.count)

    def prepared(self, image_HWC: UInt8Array, path: Path) -> Sample:
        """The detector's input from an image at full size."""
        height, width = image_HWC.shape[:2]
        return sample_of(Picture(image_HWC, (width, height)), self.detector.transform, path)

    def __call__(self, image_HWC: UInt8Array, sample: Sample) -> Page:
        """Read an image at full size, which is resized for the detector already."""
        found = self.detector(sample)
        crops = [self.recogniser.transform(image_HWC, region.points_N2) for region in found]
        read = self.recogniser.read_crops(crops)
        lines = [self.line(region, reading) for region, reading in zip(found, read, strict=True)]
        lines = [line for line in lines if line.confidence >= self.min_confidence]
        rows = rows_of([line.points_N2 for line in lines])
        ordered = (replace(lines[number], row=row) for row, numbers in enumerate(rows) for number in numbers)
        return Page(sample.original_size, tuple(ordered))

    def line(self, region: Detection, reading: Reading) -> TextLine:
        """A region with what was read in it."""
        words = words_of(reading, region.points_N2, self.recogniser.transform)
        text = " ".join(word.text for word in words)
        return TextLine(region.points_N2, text, reading.confidence if text else 0.0, region.score, words)
