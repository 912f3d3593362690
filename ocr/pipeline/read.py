"""Read the text of image files and write it in the formats asked for."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ocr.data.skipping import Broken
from ocr.formats.common.writing import write_whole
from ocr.formats.page_writing import write_pages, write_table
from ocr.images.decode import Picture, read_picture
from ocr.images.kinds import IMAGE_ENDINGS
from ocr.page import Page
from ocr.pipeline.detector import DetectorSettings, load_detector
from ocr.pipeline.inputs import check_name
from ocr.pipeline.layout import page_text
from ocr.pipeline.loop import Job, Wanted, work_through
from ocr.pipeline.reader import Reader
from ocr.pipeline.recognizer import LineReader
from ocr.report.found import Found
from ocr.report.overlay import check_within, save_image
from ocr.report.page import draw_page
from ocr.types import Detection, InputError, Sample
from ocr.utils.digest import file_sha256


def write_text(page: Page, name: str, path: Path) -> None:  # noqa: ARG001 - as every writer of documents
    """Write a page as plain text, UTF-8, each printed row on a line (`ocr.pipeline.layout.page_text`)."""
    text = page_text(page)
    write_whole((text + "\n" if text else "").encode(), path)


@dataclass(frozen=True, slots=True)
class Document:
    """A format with a file for each image.

    Attributes:
        ending: of the file's name.
        write: writes a page, given the image's name and the file's path.
    """

    ending: str
    write: Callable[[Page, str, Path], None]


DOCUMENTS = {"text": Document(".txt", write_text)}
"""Formats that are written to ``<format>/<name><ending>``, by name: add a format of documents here."""
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
    """

    detector: str
    recogniser: str
    detection: DetectorSettings = field(default_factory=DetectorSettings)
    formats: Sequence[str] = ("json", "text")
    granularity: str = "line"
    min_confidence: float = 0.0

    def check(self) -> None:
        """Check what can be checked before any work.

        Raises:
            InputError: a format or the granularity is unknown.
        """
        for name in self.formats:
            if name not in FORMATS:
                raise InputError(f"formats: {name!r} is unknown; use some of {', '.join(FORMATS)}")
        if self.granularity not in ("line", "word"):
            raise InputError(f"granularity={self.granularity}: must be line or word")

    def reader(self) -> Reader:
        """Load both networks."""
        how = self.detection
        recogniser = LineReader.load(self.recogniser, engine=how.engine, device=how.device, threads=how.threads)
        return Reader(load_detector(self.detector, how), recogniser, min_confidence=self.min_confidence)


@dataclass(frozen=True, slots=True)
class FoundPage(Found):
    """What was read in an image; ``detections`` have the lines' confidences as scores."""

    page: Page = field(kw_only=True)


Loaded = tuple[Picture, Sample]


def read(source: str, settings: ReadSettings, wanted: Wanted) -> str:
    """Find the images, read them and write the results.

    Args:
        source: an image, a folder of images, or a glob.
        settings: how to read, and the formats.
        wanted: what else to write, and where; ``csv`` follows from the formats.

    Returns:
        The images left out and the reasons, one per line; empty if there are none.

    Raises:
        InputError: a setting is invalid, there are no images, or the results cannot be written.
        Stopped: a signal arrived; what has been read is written, except for a shard's ``predictions.json``.
    """
    settings.check()
    wanted = replace(wanted, csv="csv" in settings.formats)
    folders = {name: wanted.output / name for name in settings.formats if name in DOCUMENTS}
    recogniser = Path(settings.recogniser)
    shared = {"recogniser": file_sha256(recogniser) if recogniser.is_file() else None, **wanted.shared}

    def start(names: list[str]) -> Job[Loaded, FoundPage]:
        reader, stems = settings.reader(), document_names(names)

        def load(path: Path) -> Loaded | Broken:
            try:
                picture = read_picture(path, math.inf, wanted.max_pixels)
                return picture, reader.prepared(picture, path)
            except Exception as error:  # OpenCV errors, MemoryError, ...: raised here, it would end the whole job
                return Broken.because(path, error)

        def work(name: str, loaded: Loaded) -> FoundPage | Broken:
            documents = {kind: folder / f"{stems[name]}{DOCUMENTS[kind].ending}" for kind, folder in folders.items()}
            return read_page(reader, loaded, name, documents, wanted)

        return Job(load, work, partial(write_read, csv=wanted.csv, words=settings.granularity == "word"), "line")

    own = [wanted.output / name for name in DOCUMENTS]
    return work_through(source, Path(settings.detector), replace(wanted, shared=shared), start, own)


def document_names(names: Sequence[str]) -> dict[str, str]:
    """The name of each image's documents before the ending: the image's, with its ending if two would share it."""
    stems = {}
    for name in names:
        path = PurePosixPath(name)
        stems[name] = str(path.with_suffix("")) if path.suffix.lower() in IMAGE_ENDINGS else name
    taken = Counter(each.casefold() for each in [*stems.values(), *(name for name in names if stems[name] != name)])
    return {name: stem if taken[stem.casefold()] == 1 else name for name, stem in stems.items()}


def read_page(
    reader: Reader, loaded: Loaded, name: str, documents: Mapping[str, Path], wanted: Wanted
) -> FoundPage | Broken:
    """Read one image, and write its documents and its overlay; `Broken` with the reason if that fails.

    Args:
        reader: reads it.
        loaded: the image at full size, and the detector's input.
        name: its name.
        documents: path of the document in each format of `DOCUMENTS`.
        wanted: output folder, out of which no link may lead, and whether to draw.
    """
    picture, sample = loaded
    path = sample.record.image_path
    try:
        check_name(name)
        started = time.perf_counter()
        page = reader(picture, sample)
        seconds = time.perf_counter() - started
        for kind, place in documents.items():
            check_within(place, wanted.output)
            DOCUMENTS[kind].write(page, name, place)
        if wanted.visualize:
            save_image(draw_page(picture.image_HWC, page), wanted.pictures / name, within=wanted.output)
    except Exception as error:  # GPU out of memory, NaN in the map, a full disk, ...: continue with the other images
        return Broken.because(path, error)
    lines = [Detection(line.points_N2, line.confidence) for line in page.lines]
    return FoundPage(picture.size, lines, seconds, picture.pages, picture.cut, page=page)


def write_read(
    results: Mapping[str, FoundPage], path: Path, *, csv: bool, words: bool, unread: Mapping[str, int], **about: Any
) -> list[str]:
    """Write what was read, as `ocr.pipeline.loop.Write`.

    Args:
        results: by image name.
        path: the JSON file.
        csv: also write the CSV file.
        words: an entry for each word instead of each line.
        unread: number of pages of an image that were not read.
        about: further keys of the JSON file.
    """
    pages = {name: found.page for name, found in results.items()}
    if csv:
        write_table(pages, path.with_suffix(".csv"))
    return write_pages(pages, path, words=words, unread=unread, **about)
