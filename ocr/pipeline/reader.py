"""Read a whole receipt: an image in, its text out, row by row, and the facts that it states."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocr.formats.page_writing import page_entry
from ocr.images.documents import read_pages
from ocr.images.given import Given, picture_of
from ocr.images.header import ImageError
from ocr.images.orientation import turned_by
from ocr.images.page_images import BrokenPage, PageImage, PdfText
from ocr.images.pdf import PDF_DPI
from ocr.page import Fact, Page, Sums, TextLine
from ocr.pipeline.detector import Detector
from ocr.pipeline.facts import Extractor, finder_for, with_facts
from ocr.pipeline.layout import page_text
from ocr.pipeline.orientation import Orientation, PageReader, Prepared, check_orientation, in_file
from ocr.pipeline.reading_order import rows_of
from ocr.pipeline.recognizer import LineReader
from ocr.pipeline.words import lines_of
from ocr.report.page import draw_page
from ocr.types import InputError, UInt8Array

Weights = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """A receipt that was read.

    Attributes:
        page: size and lines, in pixels of ``image_HWC``, and by how many degrees the image had to be turned.
        image_HWC: uint8 RGB, the image turned upright.
        number: of the page in its file, from 1.
        count: pages of the file.
    """

    page: Page
    image_HWC: UInt8Array
    number: int = 1
    count: int = 1

    def __repr__(self) -> str:
        """Its size and its total, instead of thousands of polygons."""
        total = f", total {self.fields['total'].text}" if "total" in self.fields else ""
        return f"Receipt(page {self.number} of {self.count}, {len(self.lines)} lines{total})"

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """Lines of text in reading order; those of one printed row share their ``row``."""
        return self.page.lines

    @property
    def text(self) -> str:
        """The text, each printed row on a line, its columns where they stand (`ocr.pipeline.layout.page_text`)."""
        return page_text(self.page)

    @property
    def fields(self) -> Mapping[str, Fact]:
        """The receipt's own values by name (`ocr.fields.FIELDS`); empty if none were found or looked for."""
        return self.page.facts.fields if self.page.facts else {}

    @property
    def items(self) -> tuple[Mapping[str, Fact], ...]:
        """What was bought, in the order of print, each by the names that begin with ``menu.``."""
        return self.page.facts.items if self.page.facts else ()

    @property
    def sums(self) -> Sums | None:
        """Whether the amounts add up; ``None`` if facts were not looked for."""
        return self.page.facts.sums if self.page.facts else None

    def to_dict(self) -> dict[str, Any]:
        """An image's entry in the native format, with ``confidence``, ``score`` and ``row`` of each line, and facts.

        Positions are in pixels of the image as it was given (after EXIF's turn), also where it had to be turned.
        """
        entry, _ = page_entry(in_file(self.page))
        return entry

    def draw(self) -> UInt8Array:
        """The image with outlines, and beside it the texts where they stand: uint8 RGB (H, 2 W, 3)."""
        return draw_page(self.image_HWC, self.page)


class Reader:
    """Reads receipts: finds the text, reads its lines, puts them in order, and finds the facts that they state.

        receipt = Reader().read("receipt.jpg")
        print(receipt.text)
        for line in receipt.lines:
            print(line.row, line.confidence, line.text)
        for name, fact in receipt.fields.items():
            print(name, fact.value or fact.text)

    Args:
        detector: a loaded `Detector` or its file; ``None``: the weights shipped with this package.
        recogniser: a loaded `LineReader` or its file; ``None``: likewise.
        engine: ``torch``, ``onnxruntime`` or ``auto``, as for `Detector.load`, for what is not loaded yet.
        device: torch device, likewise.
        threads: CPU threads of each network, likewise.
        min_confidence: lines with a lower confidence are left out, 0 to 1; 0 keeps even those in which nothing is read.
        mark: keep and mark those lines (`TextLine.unsure`) instead.
        orientation: degrees by which each image has to be turned clockwise to be upright, 0, 90, 180 or 270; ``auto``:
            found from the image.
        extractor: what finds facts: a loaded `FactFinder` or its file, or ``rules``, which need no network; ``None``:
            the weights shipped with this package, if there are any; ``False``: facts are not looked for.

    Raises:
        InputError: as `Detector.load`, `LineReader.load` and `FactFinder.load`, or a setting is not allowed.
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
        orientation: Orientation = "auto",
        mark: bool = False,
        extractor: Extractor = None,
    ) -> None:
        check_orientation(orientation)
        if not isinstance(min_confidence, int | float) or not 0.0 <= min_confidence <= 1.0:
            raise InputError(f"min_confidence={min_confidence}: must be 0 to 1")
        chosen: dict[str, Any] = {"engine": engine, "device": device, "threads": threads}
        self.detector = detector if isinstance(detector, Detector) else Detector.load(detector, **chosen)
        self.recogniser = recogniser if isinstance(recogniser, LineReader) else LineReader.load(recogniser, **chosen)
        self.extractor = finder_for(extractor, **chosen)
        self.pages = PageReader(self.detector, self.recogniser, orientation)
        self.min_confidence = min_confidence
        self.mark = mark

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
        page = self.completed(image.text or self(self.prepared(image.image_HWC, Path("image"))))
        return Receipt(page, turned_by(image.image_HWC, page.orientation), image.number, image.count)

    def completed(self, page: Page) -> Page:
        """A page that was read with the facts that it states, unless they are not looked for."""
        return with_facts(page, self.extractor) if self.extractor else page

    def prepared(self, image_HWC: UInt8Array, path: Path) -> Prepared:
        """An image at full size, turned upright if its ink shows lines that say how, and resized for the detector."""
        return self.pages.prepared(image_HWC, path)

    def __call__(self, prepared: Prepared) -> Page:
        """Read a page that is turned and resized for the detector already."""
        found = self.pages(prepared)
        crop, every = self.recogniser.transform, enumerate(found.regions)
        lines = [line for number, region in every for line in lines_of(region, found.readings[number], crop)]
        lines = [replace(line, unsure=line.confidence < self.min_confidence) for line in lines]
        lines = [line for line in lines if self.mark or not line.unsure]
        rows = rows_of([line.points_N2 for line in lines])
        ordered = (replace(lines[number], row=row) for row, numbers in enumerate(rows) for number in numbers)
        return Page(found.page.size, tuple(ordered), found.page.orientation)
