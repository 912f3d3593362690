"""The documents of the files that were read: text, and those of `ocr.formats.documents`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ocr.formats.common.writing import write_whole
from ocr.formats.documents import registry
from ocr.formats.documents.common import DocumentPage, in_order
from ocr.formats.documents.registry import Document
from ocr.images.kinds import DOCUMENT_ENDINGS, ENDINGS, IMAGE_ENDINGS
from ocr.images.page_images import BrokenPage, PageImage
from ocr.page import Page
from ocr.pipeline.layout import page_text
from ocr.pipeline.orientation import in_file
from ocr.report.overlay import check_within

BETWEEN_PAGES = "\f"
"""Form feed: what pdftotext and Tesseract put between pages."""
FURTHER = re.compile(r"(.+)-\d{4,}")
"""How the name of a further page's PAGE file ends."""
OF_PAGES = frozenset({".pdf", *ENDINGS["TIFF"]})
"""Endings of files that may have further pages."""


def write_text(pages: Iterable[DocumentPage], path: Path) -> list[Path]:
    """Write plain text, UTF-8: each printed row on a line (`ocr.pipeline.layout.page_text`), form feeds between pages.

    Raises:
        InputError: there is no page.
    """
    write_whole(text_bytes(in_order(pages, path)), path)
    return [path]


def text_bytes(pages: Iterable[DocumentPage]) -> bytes:
    """The bytes of that file, of at least one page."""
    texts = [page_text(each.page) for each in pages]
    return BETWEEN_PAGES.join(f"{text}\n" if text else "" for text in texts).encode()


TEXT = Document(".txt", write_text, text_bytes, upright=True)
DOCUMENTS: Mapping[str, Document] = {"text": TEXT, **registry.DOCUMENTS}
"""Formats that are written to ``<format>/<name><ending>``, by name."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents of files go.

    Attributes:
        output: the output folder, out of which no link may lead.
        kinds: of `DOCUMENTS`.
        stems: of each file's documents, by its name (`document_names`).
    """

    output: Path
    kinds: Sequence[str]
    stems: Mapping[str, str]

    def write(self, name: str, pages: Mapping[int, Page], images: Iterable[PageImage | BrokenPage]) -> None:
        """Write the documents of a file.

        Args:
            name: of the file.
            pages: what was read, upright, by the number of the page.
            images: all pages of the file as they were read, asked for only if a format shows them.

        Raises:
            InputError: a link leads out of the output folder. OSError: a document cannot be written.
        """
        for kind in self.kinds:
            document = DOCUMENTS[kind]
            path = self.output / kind / f"{self.stems[name]}{document.ending}"
            check_within(path, self.output)
            document.write(document_pages(document, name, pages, images), path)


def document_pages(
    document: Document, name: str, pages: Mapping[int, Page], images: Iterable[PageImage | BrokenPage]
) -> Iterable[DocumentPage]:
    """The pages of a file as a document needs them; arguments as for `Documents.write`."""
    upright = [DocumentPage(name, page, number) for number, page in pages.items()]
    plain = upright if document.upright else [replace(page, page=in_file(page.page)) for page in upright]
    return shown(plain, images) if document.shows else plain


def shown(pages: Sequence[DocumentPage], images: Iterable[PageImage | BrokenPage]) -> Iterator[DocumentPage]:
    """The pages with their pictures, a JPEG as its file, of which only one is in memory."""
    by_number = {page.number: page for page in pages}
    for image in images:
        if isinstance(image, PageImage) and image.number in by_number:
            page = by_number[image.number]
            yield replace(page, picture=image.original or image.image_HWC, dpi=image.dpi)


def document_names(names: Sequence[str]) -> dict[str, str]:
    """The name of each file's documents without ending: the file's; whole if two could share a document."""
    stems = {}
    for name in names:
        path = PurePosixPath(name)
        known = path.suffix.lower() in IMAGE_ENDINGS | DOCUMENT_ENDINGS
        stems[name] = str(path.with_suffix("")) if known else name
    several = {stem.casefold() for name, stem in stems.items() if PurePosixPath(name).suffix.lower() in OF_PAGES}
    taken = Counter(each.casefold() for each in [*stems.values(), *(name for name in names if stems[name] != name)])

    def is_free(stem: str) -> bool:
        further = FURTHER.fullmatch(stem)
        return taken[stem.casefold()] == 1 and not (further and further[1].casefold() in several)

    return {name: stem if is_free(stem) else name for name, stem in stems.items()}
