"""Read one file that is given as bytes; its result, as bytes, is what ``read`` and ``predict`` write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from ocr.data.skipping import Broken
from ocr.formats.common.names import page_name
from ocr.formats.native_writing import predictions_json
from ocr.formats.page_writing import pages_json
from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.images.page_images import BrokenPage
from ocr.pipeline.documents import DOCUMENTS, Documents, document_pages
from ocr.pipeline.found_page import FoundPage, pages_of
from ocr.pipeline.inputs import check_name, sample_of
from ocr.pipeline.loop import Wanted
from ocr.pipeline.predict import find_regions
from ocr.pipeline.read import FileReading
from ocr.pipeline.read_settings import ReadSettings
from ocr.report.found import unread_pages
from ocr.types import InputError

KINDS = ("json", *(name for name, document in DOCUMENTS.items() if document.content))
"""What a file's result can be given as: the formats that are one file."""


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
        """Read a file.

        Args:
            encoded: an image, a PDF or a TIFF.
            name: of the file, for the result and messages.
            kind: of `KINDS`.

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
            number = (loaded if isinstance(loaded, BrokenPage) else loaded[0]).number
            page = self.files.page(name, loaded, path)
            if isinstance(page, Broken):
                left_out.append(page.message)
            else:
                found[number] = page
        if not found:
            raise InputError(*left_out)
        content, without = self.content(found, encoded, name, kind)
        return Answer(content, len(found), (*left_out, *without))

    def content(self, found: dict[int, FoundPage], encoded: bytes, name: str, kind: str) -> tuple[bytes, list[str]]:
        """The bytes of a result, and what is not in it."""
        if kind == "json":
            results = {page_name(name, number): page for number, page in found.items()}
            words = self.files.settings.granularity == "word"
            return pages_json(pages_of(results), words=words, unread=unread_pages(results))
        document, path = DOCUMENTS[kind], Path(name)
        write: Callable[..., bytes] | None = document.content
        if write is None:
            raise InputError(f"kind={kind}: is several files; use one of {', '.join(KINDS)}")
        pages = {number: page.page for number, page in found.items()}
        try:
            return write(document_pages(document, name, pages, self.files.images(encoded, path))), []
        except Exception as error:  # a page that cannot be decoded a second time, for lack of memory for one
            raise InputError(Broken.because(path, error).message) from error

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
