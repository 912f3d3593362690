"""The documents of the files that were read: text, and those of `ocr.formats.documents`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from ocr.formats.documents import registry
from ocr.formats.documents.common import DocumentPage, no_page
from ocr.formats.documents.registry import Document
from ocr.images.kinds import DOCUMENT_ENDINGS, ENDINGS, IMAGE_ENDINGS
from ocr.images.page_images import BrokenPage, PageImage
from ocr.page import Page
from ocr.pipeline.layout import page_text
from ocr.pipeline.orientation import in_file
from ocr.report.overlay import check_within
from ocr.utils.spool import Mapped
from ocr.utils.whole_file import whole_file

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
    pieces = text_pieces(pages)
    first = next(pieces, None)
    if first is None:
        raise no_page(path)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        file.writelines(chain([first], pieces))
    return [path]


def text_bytes(pages: Iterable[DocumentPage]) -> bytes:
    """The bytes of that file, of at least one page."""
    return b"".join(text_pieces(pages))


def text_pieces(pages: Iterable[DocumentPage]) -> Iterator[bytes]:
    """The bytes of each page, behind the first with what stands between pages."""
    between = ""
    for each in pages:
        text = page_text(each.page)
        yield f"{between}{text}\n".encode() if text else between.encode()
        between = BETWEEN_PAGES


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
    placed = pages if document.upright else Mapped(pages, in_file)
    plain = (DocumentPage(name, page, number) for number, page in placed.items())
    return shown(name, placed, images) if document.shows else plain


def shown(name: str, pages: Mapping[int, Page], images: Iterable[PageImage | BrokenPage]) -> Iterator[DocumentPage]:
    """The pages with their pictures, a JPEG as its file, of which only one is in memory."""
    for image in images:
        if isinstance(image, PageImage) and image.number in pages:
            picture = image.original or image.image_HWC
            yield DocumentPage(name, pages[image.number], image.number, picture, image.dpi)


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
