"""How files are read, and what is written of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ocr.images.page_images import PdfText
from ocr.images.pdf import PDF_DPI, check_settings
from ocr.pipeline.detector import DetectorSettings, load_detector
from ocr.pipeline.documents import DOCUMENTS
from ocr.pipeline.facts import shipped_extractor
from ocr.pipeline.loading import engine_of
from ocr.pipeline.orientation import Orientation, check_orientation
from ocr.pipeline.reader import Reader
from ocr.pipeline.recognizer import LineReader
from ocr.types import InputError

FORMATS = ("json", "csv", *DOCUMENTS)


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How to read, and what to write.

    Attributes:
        detector: file of the detector.
        recogniser: file of the recogniser.
        detection: how to run the detector; its engine, device and threads are the recogniser's too.
        formats: of `FORMATS`; ``predictions.json`` is always written.
        granularity: unit of an entry in ``predictions.json``: ``line`` or ``word``.
        min_confidence: lines with a lower confidence are left out, 0 to 1.
        mark: keep and mark those lines instead.
        orientation: degrees by which each page has to be turned clockwise to be upright; ``auto``: found from the page.
        dpi: pixels per inch of a PDF's rendered pages, above 0.
        pdf_text: ``auto``: a PDF's page that has a text of its own is not recognised, ``never``: every page is.
        max_pages: files with more pages are refused before the first is decoded; ``None``: none is.
        extractor: file of the network that finds facts, or ``rules``; ``None``: the shipped weights in the recogniser's
            format, if there are any; ``False`` or ``false``: facts are not looked for.
    """

    detector: str
    recogniser: str
    detection: DetectorSettings = field(default_factory=DetectorSettings)
    formats: Sequence[str] = ("json", "text")
    granularity: str = "line"
    min_confidence: float = 0.0
    orientation: Orientation = "auto"
    mark: bool = False
    dpi: float = PDF_DPI
    pdf_text: PdfText = "auto"
    max_pages: int | None = None
    extractor: str | bool | None = None

    def check(self) -> None:
        """Check what can be checked before any work.

        Raises:
            InputError: a format, the granularity, the orientation or ``pdf_text`` is unknown, or ``dpi`` out of range.
        """
        for name in self.formats:
            if name not in FORMATS:
                raise InputError(f"formats: {name!r} is unknown; use some of {', '.join(FORMATS)}")
        if self.granularity not in ("line", "word"):
            raise InputError(f"granularity={self.granularity}: must be line or word")
        check_orientation(self.orientation)
        check_settings(self.dpi, self.pdf_text)

    @property
    def chosen_extractor(self) -> str | Literal[False]:
        """A file, ``rules``, or ``False``."""
        if self.extractor is None:
            engine = self.detection.engine
            return shipped_extractor(engine_of(Path(self.recogniser)) if engine == "auto" else engine)
        return False if self.extractor in {False, "false"} else str(self.extractor)

    def reader(self) -> Reader:
        """Load the networks."""
        how = self.detection
        place: dict[str, Any] = {"engine": how.engine, "device": how.device, "threads": how.threads}
        return Reader(
            load_detector(self.detector, how),
            LineReader.load(self.recogniser, **place),
            **place,
            min_confidence=self.min_confidence,
            mark=self.mark,
            orientation=self.orientation,
            extractor=self.chosen_extractor,
        )
