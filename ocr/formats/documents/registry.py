"""The documents by their names, with the ending of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocr.formats.documents.alto import write_alto
from ocr.formats.documents.common import Writer
from ocr.formats.documents.hocr import write_hocr
from ocr.formats.documents.page_xml import write_page_xml
from ocr.formats.documents.pdf import write_pdf


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document.

    Attributes:
        ending: of its files, in place of the image's; two kinds never have the same.
        write: writes the pages of one image file.
        shows: whether it shows the pages' pictures.
        upright: whether it has the pages upright; otherwise positions are in pixels of the file's image.
    """

    ending: str
    write: Writer
    shows: bool = False
    upright: bool = False


DOCUMENTS: Mapping[str, Document] = {
    "hocr": Document(".hocr", write_hocr),
    "alto": Document(".alto.xml", write_alto),
    "page": Document(".page.xml", write_page_xml),
    "pdf": Document(".pdf", write_pdf, shows=True, upright=True),
}
