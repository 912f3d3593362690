"""Read the text of image files and write it in the formats asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from ocr.data.skipping import Broken
from ocr.formats.common.names import page_name
from ocr.formats.page_facts import TABLES, table_path
from ocr.images.documents import read_pages
from ocr.images.header import ImageError
from ocr.images.orientation import turned_by, turned_size
from ocr.images.page_images import BrokenPage, PageImage, named
from ocr.page import Page
from ocr.pipeline.documents import DOCUMENTS, Documents, document_names
from ocr.pipeline.found_page import FoundPage, write_read
from ocr.pipeline.inputs import check_name
from ocr.pipeline.loop import Job, Wanted, work_through
from ocr.pipeline.orientation import Prepared
from ocr.pipeline.read_settings import ReadSettings
from ocr.pipeline.reader import Reader
from ocr.pipeline.shards import PARTS
from ocr.report.overlay import save_image
from ocr.report.page import draw_page
from ocr.types import Detection, InputError
from ocr.utils.digest import file_sha256
from ocr.utils.spool import Spool

Loaded = tuple[PageImage, Prepared | Page] | BrokenPage
"""A page, and what of it is ready to be read, or its own text; or the reason why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of which the first page is loaded.

    Attributes:
        path: of the file, for messages.
        source: the file, or its bytes.
        pages: all of them, each loaded when it is asked for.
    """

    path: Path
    source: Path | bytes
    pages: Iterator[Loaded]


def read(source: str, settings: ReadSettings, wanted: Wanted) -> str:
    """Find the images and documents, read them and write the results.

    Args:
        source: an image or a document, a folder of them, or a glob.
        settings: how to read, and the formats.
        wanted: what else to write, and where; ``csv`` follows from the formats.

    Returns:
        The pages left out and the reasons, one per line; empty if there are none.

    Raises:
        InputError: a setting is invalid, there are no images, or the results cannot be written.
        Stopped: a signal arrived; what has been read is written, except for a shard's ``predictions.json``.
    """
    settings.check()
    wanted = replace(wanted, csv="csv" in settings.formats)
    recogniser, extractor = Path(settings.recogniser), settings.chosen_extractor
    shared = {"recogniser": file_sha256(recogniser) if recogniser.is_file() else None, **wanted.shared}
    shared["extractor"] = file_sha256(Path(extractor)) if extractor and Path(extractor).is_file() else extractor

    def start(names: list[str]) -> Job[Opened, FoundPage]:
        kinds = [name for name in dict.fromkeys(settings.formats) if name in DOCUMENTS]
        documents = Documents(wanted.output, kinds, document_names(names))
        files = FileReading(settings.reader(), settings, wanted, documents)
        write = partial(write_read, csv=wanted.csv, words=settings.granularity == "word")
        return Job(files.load, files.work, write, "line", "confidence")

    written = [wanted.output / "predictions.json", *wanted.output.glob(PARTS)]
    own = [
        *(wanted.output / name for name in DOCUMENTS),
        *(table_path(path, name) for path in written for name in TABLES),
    ]
    return work_through(source, Path(settings.detector), replace(wanted, shared=shared), start, own)


@dataclass(frozen=True, slots=True)
class FileReading:
    """Reads files page by page.

    Attributes:
        reader: reads a page.
        settings: how to read.
        wanted: output folder, out of which no link may lead, and whether to draw.
        documents: where the documents go.
    """

    reader: Reader
    settings: ReadSettings
    wanted: Wanted
    documents: Documents

    def load(self, path: Path, encoded: bytes | None = None) -> Opened | Broken:
        """Open a file and load its first page; `Broken` with the reason if that fails.

        Args:
            path: of the file.
            encoded: its bytes; ``None``: they are read from the path, which otherwise names the file in messages only.
        """
        source = path if encoded is None else encoded
        try:
            pages = (self.prepared(image, path) for image in self.images(source, path))
            return Opened(path, source, chain([next(pages)], pages))
        except Exception as error:  # OpenCV errors, MemoryError, ...: raised here, it would end the whole job
            return Broken.because(path, error)

    def images(self, source: Path | bytes, path: Path, *, originals: bool = False) -> Iterator[PageImage | BrokenPage]:
        """The pages of a file, or of its bytes, decoded one by one, for a PDF with their originals.

        Raises:
            ImageError: the file as a whole cannot be read.
        """
        how, number, count = self.settings, 0, 0
        limits: dict[str, Any] = {"max_pixels": self.wanted.max_pixels, "max_pages": how.max_pages}
        pages = read_pages(source, **limits, dpi=how.dpi, pdf_text=how.pdf_text, originals=originals, name=path)
        try:
            for page in pages:
                number, count = page.number, page.count
                yield page
        except Exception as error:
            if not number:
                raise
            message = f"{named(path, number + 1, count)}, and those behind it: {error or type(error).__name__}"
            yield BrokenPage(count, count, message)
        if not number:
            raise ImageError(f"{path}: has no pages; remove it")

    def prepared(self, image: PageImage | BrokenPage, path: Path) -> Loaded:
        """Turn a page and resize it for the detector, unless it has a text of its own."""
        if isinstance(image, BrokenPage):
            return image
        try:
            return image, image.text or self.reader.prepared(image.image_HWC, path)
        except Exception as error:  # OpenCV errors, MemoryError, ...: the other pages may be read
            broken = Broken.because(Path(named(path, image.number, image.count)), error)
            return BrokenPage(image.number, image.count, broken.message)

    def work(self, name: str, file: Opened) -> Iterator[tuple[str, FoundPage] | Broken | str]:
        """Read a file, as `ocr.pipeline.loop.Job`; its documents are written once its last page is read."""
        read = Spool[int, Page](self.wanted.output)
        for loaded in file.pages:
            image, found = loaded if isinstance(loaded, BrokenPage) else loaded[0], self.page(name, loaded, file.path)
            if isinstance(found, FoundPage) and self.documents.kinds:
                read[image.number] = found.page
            if image.number == image.count and read:
                yield from self.write_documents(name, file, read)
            yield found if isinstance(found, Broken) else (page_name(name, image.number), found)

    def page(self, name: str, loaded: Loaded, path: Path) -> FoundPage | Broken:
        """Read a page and draw its overlay; `Broken` with the reason if that fails."""
        if isinstance(loaded, BrokenPage):
            return Broken(path, loaded.message)
        image, ready = loaded
        own = page_name(name, image.number)
        try:
            check_name(name)
            if image.number > 1 and own in self.documents.stems:
                raise InputError(f"{path}: its page {image.number} would have the name of the file {own}; rename one")
            started = time.perf_counter()
            page = self.reader.completed(ready if isinstance(ready, Page) else self.reader(ready))
            seconds = time.perf_counter() - started
            if self.wanted.visualize:
                drawn_HWC = draw_page(turned_by(image.image_HWC, page.orientation), page)
                save_image(drawn_HWC, self.wanted.pictures / own, within=self.wanted.output)
        except Exception as error:  # GPU out of memory, NaN in the map, a full disk, ...: continue with the other pages
            return Broken.because(Path(named(path, image.number, image.count)), error)
        lines = [Detection(line.points_N2, line.confidence) for line in page.lines]
        return FoundPage(turned_size(page.size, page.orientation), lines, seconds, image.unread + 1, page=page)

    def write_documents(self, name: str, file: Opened, read: Mapping[int, Page]) -> list[str]:
        """Write the documents of a file; the reason if that fails."""
        try:
            self.documents.write(name, read, self.images(file.source, file.path, originals=True))
        except Exception as error:  # a link out of the folder, a full disk, ...: what was read is kept
            return [f"{Broken.because(file.path, error).message}; its documents are not complete"]
        return []
