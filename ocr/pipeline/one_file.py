"""Read one file that is given as bytes; its result, as bytes, is what ``read`` and ``predict`` write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from ocr.data.skipping import Broken
from ocr.formats.common.names import page_name
from ocr.formats.native_writing import predictions_json
from ocr.formats.page_writing import pages_json
from ocr.images.decode import read_picture
from ocr.images.orientation import turned_by
from ocr.images.page_images import BrokenPage, PageImage
from ocr.pipeline.documents import DOCUMENTS, Documents, document_names, document_pages
from ocr.pipeline.found_page import FoundPage, pages_of, tables
from ocr.pipeline.inputs import check_name, sample_of
from ocr.pipeline.loop import Wanted
from ocr.pipeline.predict import find_regions
from ocr.pipeline.read import FileReading
from ocr.pipeline.read_settings import ReadSettings
from ocr.report.found import unread_pages
from ocr.types import InputError, UInt8Array

KINDS = ("json", *(name for name, document in DOCUMENTS.items() if document.content))
"""What a file's result can be given as: the formats that are one file."""


MAX_BYTES = 20_000_000
"""Limit of a file that comes from outside."""
MAX_PAGES = 20
"""Limit of its pages."""
MAX_PIXELS = 50_000_000
"""Limit of each page, above which it is not decoded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result for a file.

    Attributes:
        content: the bytes that ``runners/read.py`` or ``predict.py`` write for this file alone.
        pages: number of pages in it.
        left_out: a message for each page, and each region without an area, that is not in it.
    """

    content: bytes
    pages: int = 1
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read.

    Attributes:
        name: of the file.
        encoded: its bytes.
        pages: what was read, by the number of the page, from 1; at least one.
        left_out: a message for each page that is not in it.
    """

    name: str
    encoded: bytes
    pages: Mapping[int, FoundPage]
    left_out: tuple[str, ...]


class OneFile:
    """Reads files one by one, with networks that are loaded once.

    Args:
        settings: how to read; ``formats`` is not used.
        max_pixels: pages with more pixels are not decoded.

    Raises:
        InputError: a setting is invalid, or the networks cannot be loaded.
    """

    def __init__(self, settings: ReadSettings, max_pixels: int = MAX_PIXELS) -> None:
        cv2.setNumThreads(1)  # as for `read` and `predict`
        settings.check()
        wanted, nothing = Wanted(Path(), max_pixels=max_pixels), Documents(Path(), (), {})
        self.files = FileReading(settings.reader(), settings, wanted, nothing)

    def read(self, encoded: bytes, name: str, kind: str) -> Answer:
        """Read a file and write the result; arguments as for `open` and `content`.

        Raises:
            InputError: as for `open`.
        """
        file = self.open(encoded, name)
        content, without = self.content(file, kind)
        return Answer(content, len(file.pages), (*file.left_out, *without))

    def open(self, encoded: bytes, name: str, seen: Callable[[int, int], object] | None = None) -> FileRead:
        """Read a file.

        Args:
            encoded: an image, a PDF or a TIFF.
            name: of the file, for the result and messages.
            seen: called with the number of each page that is done, and how many there are.

        Raises:
            InputError: the file, or each of its pages, cannot be read, or the name is not valid.
        """
        check_name(name)
        path = Path(name)
        file = self.files.load(path, encoded)
        if isinstance(file, Broken):
            raise InputError(file.message)
        found: dict[int, FoundPage] = {}
        left_out: list[str] = []
        for loaded in file.pages:
            image = loaded if isinstance(loaded, BrokenPage) else loaded[0]
            page = self.files.page(name, loaded, path)
            if isinstance(page, Broken):
                left_out.append(page.message)
            else:
                found[image.number] = page
            if seen:
                seen(image.number, image.count)
        if not found:
            raise InputError(*left_out)
        return FileRead(name, encoded, found, tuple(left_out))

    def content(self, file: FileRead, kind: str) -> tuple[bytes, list[str]]:
        """The bytes of a result, and what is not in it.

        Args:
            file: what was read.
            kind: of `KINDS`.
        """
        if kind == "json":
            results = named_pages(file)
            words = self.files.settings.granularity == "word"
            return pages_json(pages_of(results), words=words, unread=unread_pages(results))
        if DOCUMENTS[kind].content is None:
            raise InputError(f"kind={kind}: is several files; use one of {', '.join(KINDS)}")
        (content,) = self.documents(file, kind).values()
        return content, []

    def results(self, file: FileRead, kind: str) -> dict[str, bytes]:
        """The files that ``runners/read.py`` writes for this file alone and a format, by their names.

        Args:
            file: what was read.
            kind: of `ocr.pipeline.read_settings.FORMATS`.
        """
        whole = Path("predictions.json")
        if kind == "json":
            return {whole.name: self.content(file, kind)[0]}
        if kind == "csv":
            return {path.name: content for path, content in tables(pages_of(named_pages(file)), whole).items()}
        return {path.name: content for path, content in self.documents(file, kind).items()}

    def documents(self, file: FileRead, kind: str) -> dict[Path, bytes]:
        """The files of a document, and their bytes."""
        document, source = DOCUMENTS[kind], Path(file.name)
        path = Path(f"{document_names([file.name])[file.name]}{document.ending}")
        pages = {number: page.page for number, page in file.pages.items()}
        images = self.files.images(file.encoded, source, originals=True)
        try:
            shown = document_pages(document, file.name, pages, images)
            if document.content:
                return {path: document.content(shown)}
            return dict(document.files(shown, path)) if document.files else {}
        except Exception as error:  # a page that cannot be decoded a second time, for lack of memory for one
            raise InputError(Broken.because(source, error).message) from error

    def picture(self, file: FileRead, number: int) -> UInt8Array:
        """A page that was read, decoded again and turned upright: uint8 RGB (H, W, 3), the frame of its lines.

        Raises:
            InputError: it cannot be decoded again.
        """
        for image in self.files.images(file.encoded, Path(file.name)):
            if image.number == number and isinstance(image, PageImage):
                return turned_by(image.image_HWC, file.pages[number].page.orientation)
        raise InputError(f"{file.name}: its page {number} cannot be decoded again; read the file once more")

    def detect(self, encoded: bytes, name: str) -> Answer:
        """Find the text regions of an image; arguments and errors as for `read`, the result is JSON."""
        check_name(name)
        detector, path = self.files.reader.detector, Path(name)
        picture = read_picture(encoded, detector.transform.long_side, self.files.wanted.max_pixels, name=path)
        found = find_regions(detector, sample_of(picture, detector.transform, path), name, None)
        if isinstance(found, Broken):
            raise InputError(found.message)
        sized = {name: (found.size, found.detections)}
        content, left_out = predictions_json(sized, unread=unread_pages({name: found}))
        return Answer(content, left_out=tuple(left_out))


def named_pages(file: FileRead) -> dict[str, FoundPage]:
    """What was read of a file, by the names of its pages."""
    return {page_name(file.name, number): page for number, page in file.pages.items()}
