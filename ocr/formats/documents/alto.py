"""ALTO 4.4 (Library of Congress): one XML file, positions in pixels of the image.

``Page`` > ``PrintSpace`` > ``TextBlock`` (a printed row) > ``TextLine`` (a text region) > ``String`` (a word, with its
confidence ``WC``) and ``SP`` between words. Tilted and curved elements have a ``Shape``, tilted lines their bottom edge
as ``BASELINE``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

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
    xml_bytes,
)
from ocr.page import Page, TextLine
from ocr.types import FloatArray

VERSION = "4.4"
NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = f"{NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def write_alto(pages: Iterable[DocumentPage], path: Path) -> list[Path]:
    """Write one ALTO file with a ``Page`` for each page.

    Raises:
        InputError: there is no page.
    """
    write_whole(alto_bytes(in_order(pages, path)), path)
    return [path]


def alto_bytes(pages: Iterable[DocumentPage]) -> bytes:
    """The bytes of that file, of at least one page."""
    listed = list(pages)
    instance = {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:schemaLocation": SCHEMA}
    root = Element("alto", {"xmlns": NAMESPACE, **instance, "SCHEMAVERSION": VERSION})
    description = SubElement(root, "Description")
    SubElement(description, "MeasurementUnit").text = "pixel"
    SubElement(SubElement(description, "sourceImageInformation"), "fileName").text = clean(listed[0].image)
    software = SubElement(SubElement(description, "Processing", ID="ocr"), "processingSoftware")
    SubElement(software, "softwareName").text = SOFTWARE
    layout = SubElement(root, "Layout")
    for number, page in enumerate(listed, start=1):
        add_page(layout, page, f"page_{number}")
    return xml_bytes(root)


def add_page(layout: Element, page: DocumentPage, name: str) -> None:
    """Add a page."""
    width, height = size = page.page.size
    sides = {"WIDTH": str(width), "HEIGHT": str(height)}
    top = SubElement(layout, "Page", {"ID": name, "PHYSICAL_IMG_NR": str(page.number), **sides})
    space = SubElement(top, "PrintSpace", position((0, 0, width, height)))
    for place, row in enumerate(rows_of(page.page), start=1):
        box = around(box_of(line.points_N2, size) for line in row)
        block = SubElement(space, "TextBlock", {"ID": f"{name}_block_{place}", **position(box)})
        if page.page.orientation:
            block.set("ROTATION", f"{page.page.orientation}.0")  # counter-clockwise, of the text in the image
        for number, line in enumerate(row, start=1):
            add_line(block, line, f"{name}_line_{place}_{number}", page.page)


def add_line(block: Element, line: TextLine, name: str, page: Page) -> None:
    """Add a line with its words and the spaces between them."""
    size = page.size
    element = SubElement(block, "TextLine", {"ID": name, **position(box_of(line.points_N2, size))})
    if not is_upright(line.points_N2):
        element.set("BASELINE", outline(bottom_edge(line.points_N2, page), size))
        add_shape(element, line.points_N2, size)
    words = words_of(line)
    boxes = [box_of(word.points_N2, size) for word in words]
    spaces: list[tuple[Box, Box] | None] = [None, *pairwise(boxes)]
    for word, box, space in zip(words, boxes, spaces, strict=True):
        if space is not None:
            (_, top, left, bottom), (right, *_) = space
            place = position((left, top, max(left, right), bottom))
            SubElement(element, "SP", {} if page.orientation else place)  # of turned text, blanks are not on the right
        attributes = {"CONTENT": clean(word.text), "WC": f"{word.confidence:.4f}", **position(box)}
        string = SubElement(element, "String", attributes)
        if not is_upright(word.points_N2):
            add_shape(string, word.points_N2, size)


def position(box: Box) -> dict[str, str]:
    """The attributes of an element in a box."""
    left, top, right, bottom = box
    return {"HPOS": str(left), "VPOS": str(top), "WIDTH": str(right - left), "HEIGHT": str(bottom - top)}


def add_shape(element: Element, points_N2: FloatArray, size: tuple[int, int]) -> None:
    """Add the outline of an element that is no upright box."""
    SubElement(SubElement(element, "Shape"), "Polygon", POINTS=outline(points_N2, size))
