"""The documents by their names, with the ending of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocr.formats.documents.alto import alto_bytes, write_alto
from ocr.formats.documents.common import Content, Files, Writer
from ocr.formats.documents.hocr import hocr_bytes, write_hocr
from ocr.formats.documents.page_xml import page_xml_files, write_page_xml
from ocr.formats.documents.pdf import pdf_bytes, write_pdf


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document.

    Attributes:
        ending: of its files, in place of the image's; two kinds never have the same.
        write: writes the pages of one image file.
        content: the bytes of that file in memory; ``None``: it is written as several.
        files: those several, and their bytes.
        shows: whether it shows the pages' pictures.
        upright: whether it has the pages upright; otherwise positions are in pixels of the file's image.
    """

    ending: str
    write: Writer
    content: Content | None = None
    files: Files | None = None
    shows: bool = False
    upright: bool = False


DOCUMENTS: Mapping[str, Document] = {
    "hocr": Document(".hocr", write_hocr, hocr_bytes),
    "alto": Document(".alto.xml", write_alto, alto_bytes),
    "page": Document(".page.xml", write_page_xml, files=page_xml_files),
    "pdf": Document(".pdf", write_pdf, pdf_bytes, shows=True, upright=True),
}
