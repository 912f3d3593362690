"""hOCR 1.2 (kba.github.io/hocr-spec/1.2): an XHTML page whose elements' ``title`` says where their text stands.

``ocr_page`` > ``ocr_carea`` (all text of a page) > ``ocr_par`` (a printed row) > ``ocr_line`` (a text region) >
``ocrx_word``. Every element has a ``bbox``, words ``x_wconf`` in percent, tilted and curved elements ``poly``, tilted
lines ``baseline``: slope and offset of the region's bottom edge, relative to the bottom left corner of its ``bbox``.
Lines of a page that does not stand upright have ``textangle`` instead, in degrees counter-clockwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from ocr.formats.common.writing import write_whole
from ocr.formats.documents.common import (
    SOFTWARE,
    Box,
    DocumentPage,
    around,
    bottom_edge,
    box_of,
    clean,
    in_order,
    is_upright,
    outline,
    rows_of,
    words_of,
)
from ocr.page import Page, TextLine
from ocr.types import FloatArray

START = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf ocrp_poly"
NO_DELIMITER = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\;%')
"""Characters that stay as they are in a file's name; the others would end it, or the property that it stands in."""


def write_hocr(pages: Iterable[DocumentPage], path: Path) -> list[Path]:
    """Write one hOCR file with an ``ocr_page`` for each page.

    Raises:
        InputError: there is no page.
    """
    write_whole(hocr_bytes(in_order(pages, path)), path)
    return [path]


def hocr_bytes(pages: Iterable[DocumentPage]) -> bytes:
    """The bytes of that file, of at least one page."""
    listed = list(pages)
    root = Element("html", {"xmlns": "http://www.w3.org/1999/xhtml"})
    head = SubElement(root, "head")
    SubElement(head, "title").text = clean(listed[0].image)
    SubElement(head, "meta", {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"})
    for name, content in (
        ("ocr-system", SOFTWARE),
        ("ocr-capabilities", CAPABILITIES),
        ("ocr-number-of-pages", str(len(listed))),
    ):
        SubElement(head, "meta", {"name": name, "content": content})
    body = SubElement(root, "body")
    for number, page in enumerate(listed, start=1):
        add_page(body, page, number)
    # elements without text have both tags, which readers of HTML expect; those of HTML that never have text have one
    content = tostring(root, "unicode", short_empty_elements=False).replace("></meta>", " />")
    return f"{START}{content}\n".encode()


def add_page(body: Element, page: DocumentPage, number: int) -> None:
    """Add a page, the ``number``-th of the document from 1."""
    size = page.page.size
    title = f'image "{quoted(page.image)}"; {bbox((0, 0, *size))}; ppageno {page.number - 1}'
    top = element(body, "div", "ocr_page", f"page_{number}", title)
    rows = rows_of(page.page)
    if not rows:
        return
    whole = around(box_of(line.points_N2, size) for line in page.page.lines)
    area = element(top, "div", "ocr_carea", f"block_{number}_1", bbox(whole))
    lines = words = 0
    for place, row in enumerate(rows, start=1):
        box = around(box_of(line.points_N2, size) for line in row)
        block = element(area, "p", "ocr_par", f"par_{number}_{place}", bbox(box))
        for line in row:
            lines += 1
            part = element(block, "span", "ocr_line", f"line_{number}_{lines}", line_title(line, page.page))
            for word in words_of(line):
                words += 1
                title = f"{place_of(word.points_N2, size)}; x_wconf {100 * word.confidence:.0f}"
                inner = element(part, "span", "ocrx_word", f"word_{number}_{words}", title)
                inner.text, inner.tail = clean(word.text), " "


def quoted(name: str) -> str:
    """A file's name: as it is, but for what would end it, which is escaped as in an address."""
    return "".join(sign if not sign.isascii() else quote(sign, safe=NO_DELIMITER) for sign in clean(name))


def element(parent: Element, tag: str, kind: str, name: str, title: str) -> Element:
    """A new element of a class, on a line of its own."""
    made = SubElement(parent, tag, {"class": kind, "id": name, "title": title})
    parent.text = parent.text or "\n"
    made.tail = "\n"
    return made


def bbox(box: Box) -> str:
    """The property that says where an element stands."""
    return "bbox " + " ".join(map(str, box))


def place_of(points_N2: FloatArray, size: tuple[int, int]) -> str:
    """The box of a polygon, and its corners if they say more."""
    box = bbox(box_of(points_N2, size))
    return box if is_upright(points_N2) else f"{box}; poly {outline(points_N2, size, ' ')}"


def line_title(line: TextLine, page: Page) -> str:
    """The properties of a line."""
    place = place_of(line.points_N2, page.size)
    if page.orientation:
        return f"{place}; textangle {page.orientation}"
    edge_N2 = bottom_edge(line.points_N2, page)
    across, down = (edge_N2[-1] - edge_N2[0]).tolist()
    if not across or not down:
        return place
    slope, (left, _, _, bottom) = down / across, box_of(line.points_N2, page.size)
    offset = edge_N2[0, 1] + slope * (left - edge_N2[0, 0]) - bottom
    return f"{place}; baseline {slope:.4f} {offset:.1f}"
