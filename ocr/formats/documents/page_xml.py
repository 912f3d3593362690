"""PAGE XML, schema 2019-07-15 (Pletschacher and Antonacopoulos, 2010), of what was read; one file a page.

``TextRegion`` (a printed row) > ``TextLine`` (a text region) > ``Word``, each with ``Coords`` and ``TextEquiv``, lines
and words with their confidence; ``ReadingOrder`` lists the rows. `ocr.formats.page` reads such files as annotations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from ocr.formats.common.names import PAGE_NAMESPACE
from ocr.formats.common.writing import write_whole
from ocr.formats.documents.common import (
    SOFTWARE,
    DocumentPage,
    around,
    bottom_edge,
    box_of,
    clean,
    in_order,
    outline,
    rows_of,
    xml_bytes,
)
from ocr.page import Page, TextLine

SCHEMA = f"{PAGE_NAMESPACE} {PAGE_NAMESPACE}/pagecontent.xsd"
CREATED = "1970-01-01T00:00:00"
"""The schema asks for a time; a real one would make every file differ from the last."""


def write_page_xml(pages: Iterable[DocumentPage], path: Path) -> list[Path]:
    """Write one PAGE file a page: the first to ``path``, the others beside it, as ``<stem>-0002<suffixes>``.

    The number is that of the page in the image file. Files of further pages that an earlier call wrote for the same
    image, and this one does not, are removed.

    Raises:
        InputError: there is no page.
    """
    written, overwritten = [], path.exists()
    for file, content in page_xml_files(pages, path):
        write_whole(content, file)
        written.append(file)
    if overwritten:
        remove_others(path, written)
    return written


def page_xml_files(pages: Iterable[DocumentPage], path: Path) -> Iterator[tuple[Path, bytes]]:
    """Those files and their bytes, one by one.

    Raises:
        InputError: there is no page.
    """
    for place, page in enumerate(in_order(pages, path)):
        yield numbered(path, page.number) if place else path, xml_bytes(document(page))


def numbered(path: Path, number: int) -> Path:
    """The file of a further page: ``a.page.xml`` becomes ``a-0002.page.xml``."""
    stem, suffixes = parted(path)
    return path.with_name(f"{stem}-{number:04d}{suffixes}")


def parted(path: Path) -> tuple[str, str]:
    """A file's name without its suffixes, and those."""
    suffixes = "".join(path.suffixes[-2:]) if path.suffixes[-2:-1] == [".page"] else path.suffix
    return path.name.removesuffix(suffixes), suffixes


def remove_others(path: Path, written: Sequence[Path]) -> None:
    """Remove the files of further pages that an earlier call wrote for the same image, and this one did not."""
    further = re.compile(r"{}-\d{{4,}}{}".format(*map(re.escape, parted(path))))
    # All pages of an image begin alike, with its name: a file of another image, or of another program, is kept.
    head = written[0].read_bytes().partition(b" imageWidth=")[0]
    for file in path.parent.iterdir():
        earlier = further.fullmatch(file.name) and file not in written and file.is_file()
        if earlier and file.read_bytes().startswith(head):
            file.unlink()


def document(page: DocumentPage) -> Element:
    """A whole file."""
    size = page.page.size
    instance = {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:schemaLocation": SCHEMA}
    root = Element("PcGts", {"xmlns": PAGE_NAMESPACE, **instance})
    metadata = SubElement(root, "Metadata")
    for part, value in (("Creator", SOFTWARE), ("Created", CREATED), ("LastChange", CREATED)):
        SubElement(metadata, part).text = value
    sides = {"imageWidth": str(size[0]), "imageHeight": str(size[1])}
    top = SubElement(root, "Page", {"imageFilename": clean(page.image), **sides})
    turn = page.page.orientation if page.page.orientation <= 180 else page.page.orientation - 360
    if turn:
        top.set("orientation", f"{turn}.0")  # clockwise, to be upright
    rows = rows_of(page.page)
    if rows:
        order = SubElement(SubElement(top, "ReadingOrder"), "OrderedGroup", id="order")
        for index in range(len(rows)):
            SubElement(order, "RegionRefIndexed", index=str(index), regionRef=f"row_{index + 1}")
    words = 0
    for place, row in enumerate(rows, start=1):
        left, upper, right, lower = around(box_of(line.points_N2, size) for line in row)
        corners = f"{left},{upper} {right},{upper} {right},{lower} {left},{lower}"
        region = outlined(top, "TextRegion", f"row_{place}", corners)
        for number, line in enumerate(row, start=1):
            words = add_line(region, line, f"line_{place}_{number}", page.page, words)
        add_text(region, "\n".join(line.text for line in row))
    return root


def add_line(region: Element, line: TextLine, name: str, page: Page, words: int) -> int:
    """Add a line with its words.

    Args:
        region: what it belongs to.
        line: the line.
        name: its id.
        page: the page.
        words: how many the page has so far.

    Returns:
        How many it has now.
    """
    size = page.size
    element = outlined(region, "TextLine", name, outline(line.points_N2, size))
    SubElement(element, "Baseline", points=outline(bottom_edge(line.points_N2, page), size))
    for word in line.words:
        words += 1
        part = outlined(element, "Word", f"word_{words}", outline(word.points_N2, size))
        add_text(part, word.text, word.confidence)
    add_text(element, line.text, line.confidence)
    return words


def outlined(parent: Element, tag: str, name: str, points: str) -> Element:
    """A new element with its outline."""
    element = SubElement(parent, tag, id=name)
    SubElement(element, "Coords", points=points)
    return element


def add_text(element: Element, text: str, confidence: float | None = None) -> None:
    """Add the text of an element, and its confidence if it has one."""
    attributes = {} if confidence is None else {"conf": f"{confidence:.4f}"}
    SubElement(SubElement(element, "TextEquiv", attributes), "Unicode").text = clean(text)
