"""PAGE XML (Pletschacher and Antonacopoulos, 2010): one XML file per image, in any version of the schema.

``Page`` (``imageFilename``, ``imageWidth``, ``imageHeight``) holds regions, a ``TextRegion`` its ``TextLine``s, a line
its ``Word``s; each has ``Coords`` (``points="x,y x,y ..."``, before 2013 ``Point`` elements) and ``TextEquiv``. A line
with words is read as its words, else as a whole; a text region without lines is ignored, as its lines are unknown,
except one around the lines of others, which is left out. ``custom="ignore {...}"`` marks an element and its content as
ignored, ``field {value:menu.price;} item {value:1;}`` states what a word says, values percent-encoded: the schema
reserves ``custom`` for applications. A receipt's own values are attributes of the page
(``UserDefined/UserAttribute description="field"``). Coordinates are pixels of ``imageFilename``, regardless of
``orientation``, ``Border``, ``PrintSpace`` and ``AlternativeImage``, as the schema defines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np
import shapely

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.image_files import add_record, check_stems, leave_unannotated, locate
from ocr.formats.common.labels import ItemNumber, Label, read_fields
from ocr.formats.common.names import PAGE_NAMESPACE
from ocr.formats.common.reading import as_element, files_of
from ocr.formats.common.rounding import shape_losses, whole
from ocr.formats.common.writing import (
    by_line,
    loss_lines,
    place_images,
    renumbered_lines,
    size_of,
    summed_up,
    write_whole,
)
from ocr.formats.page_elements import children, coords, custom, length, page_element, tag, text, user_attributes
from ocr.geometry import swallowing
from ocr.types import FloatArray, Record, Word

FOLDER = "page"
IMAGES = "images"
PARTS = frozenset({"TextLine", "TextRegion"})
"""Elements that a text region may contain."""

WORD_ID = "word_"
"""Prefix of a word's key in its id, which must not begin with a digit."""

NAME = re.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""Keys that are valid in an id."""

NO_CHARACTER = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold, or changes (carriage return)."""

IGNORE = "ignore"
FIELD = "field"
"""Property of a word, and description of the page's attributes that are fields."""


def read_page(source: Path) -> ForeignData:
    """Read one file, or all files of a folder (``page/*.xml`` or ``*.xml``).

    An image is searched beside its file, in the folder above and in ``images/`` of either.

    Raises:
        AnnotationError: there is no such file.
    """
    data = ForeignData([])
    for path in files_of(source, "an XML file", f"{FOLDER}/*.xml", "*.xml"):
        with data.leaving_out(path):
            page = page_element(path)
            top = path.parent.parent
            name = page.get("imageFilename", "")
            beside, above = [path.parent, path.parent / IMAGES], [top, top / IMAGES]
            folders = [*beside, *above] if path.parent.name == FOLDER else beside
            image = locate(name, folders, f"{path}: imageFilename {name!r}", above)
            with data.leaving_out(image):
                width, height = (length(page, name, path) for name in ("imageWidth", "imageHeight"))
                words = read_words(page, path, partial(data.sparing, image))
                data.frames.extend(without_frames(words, path))
                fields: dict[str, str] = {}
                with data.sparing(image):
                    fields = read_fields(dict(user_attributes(page, FIELD)), str(path))
                add_record(data, Record(image, words, width, height, fields), path)
    leave_unannotated(data, source)
    return data


def read_words(page: Element, path: Path, sparing: Sparing) -> dict[str, Word]:
    """The words of a page by their ids, lines counted from 1."""
    words: dict[str, Word] = {}
    line = 0
    for element, ignored in walk(page):
        if tag(element) == "TextRegion" and not any(tag(inner) in PARTS for inner in list(element.iter())[1:]):
            with sparing():
                add_word(words, element, None, True, path)
        if tag(element) == "TextLine":
            line += 1
            for part in children(element, "Word") or [element]:
                with sparing():
                    add_word(words, part, line, ignored, path)
    return words


def without_frames(words: dict[str, Word], path: Path) -> list[str]:
    """Remove text regions without lines that lie around other regions' lines, and return a line for each.

    They only frame text that is annotated, and hold no unannotated text.
    """
    frames = {key: inner for key, inner in swallowing(words).items() if words[key].line is None}
    for key in frames:
        del words[key]
    return [f"{path}: TextRegion {key!r} has {', '.join(inner)} in it" for key, inner in frames.items()]


def walk(element: Element, ignored: bool = False) -> Iterator[tuple[Element, bool]]:
    """An element and its descendants in file order, each with whether it, or one around it, is ignored."""
    ignored = ignored or IGNORE in custom(element)
    yield element, ignored
    for child in element:
        yield from walk(child, ignored)


def add_word(words: dict[str, Word], element: Element, line: int | None, ignored: bool, path: Path) -> None:
    """Add a word, a line or a region to the words."""
    key = element.get("id", f"{len(words) + 1:04d}").removeprefix(WORD_ID)
    where = f"{path}: {tag(element)} {key!r}"
    if key in words:
        raise AnnotationError(f"{where}: another element has this id; rename one")
    said = custom(element)
    field = as_element(said[FIELD], Label, f"{where}, field") if said.get(FIELD) else None
    item = as_element(said["item"], ItemNumber, f"{where}, item") if said.get("item") else None
    words[key] = Word(coords(element, where), text(element), ignored or IGNORE in said, line, field=field, item=item)


def write_page(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``page/*.xml`` (schema 2019-07-15) and ``images/`` of a split into ``output/<split>/``.

    All lines are in one text region. ``custom`` says which words are ignored, and what a word's field and item are.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name or differ only in extension, one exists already, or XML cannot
            hold a name.
    """
    for record in records:
        if NO_CHARACTER.search(record.name):
            raise AnnotationError(f"image {record.name!r}: the name has characters that XML cannot hold; rename it")
    folder = output / split
    places = place_images(records, folder / IMAGES)
    check_stems(folder / IMAGES)
    keys, numbers = [], []
    for record, image in zip(records, places, strict=True):
        lines = by_line(record.words.items())
        ids = {key: word_id(key, number) for number, key in enumerate(record.words, start=1)}
        root = document(image.name, size_of(record, image), lines, ids, record.fields)
        indent(root)
        write_whole(tostring(root, encoding="UTF-8", xml_declaration=True), folder / FOLDER / f"{image.stem}.xml")
        keys += [
            f"{record.name}, word {key} is {name.removeprefix(WORD_ID)}"
            for key, name in ids.items()
            if name != WORD_ID + key
        ]
        numbers += renumbered_lines(record.name, lines)
    return [
        *shape_losses(records, lambda points_N2, _: whole(points_N2)),
        *loss_lines(
            records,
            "loses the characters that XML cannot hold in",
            lambda word: word.transcription if NO_CHARACTER.search(word.transcription or "") else None,
        ),
        *summed_up("values of fields, without the characters that XML cannot hold", unheld(records), "images"),
        *summed_up("line numbers", numbers),
        *summed_up("keys", keys),
    ]


def word_id(key: str, number: int) -> str:
    """An id that no other word of the image has."""
    return WORD_ID + (key if NAME.fullmatch(key) else f".{number}")


def unheld(records: Sequence[Record]) -> list[str]:
    """The receipts' own values that XML cannot hold."""
    lost = ((record.name, {k: v for k, v in record.fields.items() if NO_CHARACTER.search(k + v)}) for record in records)
    return [f"{name}: {fields}" for name, fields in lost if fields]


def document(
    name: str,
    size: tuple[int, int],
    lines: Sequence[dict[str, Word]],
    ids: Mapping[str, str],
    fields: Mapping[str, str],
) -> Element:
    """A whole file."""
    root = Element("PcGts", xmlns=PAGE_NAMESPACE)
    metadata = SubElement(root, "Metadata")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for part, value in (("Creator", "ocr"), ("Created", now), ("LastChange", now)):
        SubElement(metadata, part).text = value
    page = SubElement(root, "Page", imageFilename=name, imageWidth=str(size[0]), imageHeight=str(size[1]))
    if fields:
        defined = SubElement(page, "UserDefined")
        for key, value in fields.items():
            about = {"description": FIELD, "type": "xsd:string"}
            held = {"name": NO_CHARACTER.sub("", key), "value": NO_CHARACTER.sub("", value)}
            SubElement(defined, "UserAttribute", about | held)
    if lines:
        region = outlined(page, "TextRegion", "region", hull(word for line in lines for word in line.values()))
        for number, line in enumerate(lines, start=1):
            element = outlined(region, "TextLine", f"line_{number}", hull(line.values()))
            for key, word in line.items():
                word_element(element, ids[key], word)
    return root


def word_element(line: Element, name: str, word: Word) -> None:
    """Add a word to its line."""
    element = outlined(line, "Word", name, whole(word.points_N2))
    said = {IGNORE: "true" if word.ignore else None, FIELD: word.field, "item": word.item}
    known = [f"{name} {{value:{quote(str(value), safe='')};}}" for name, value in said.items() if value is not None]
    if known:
        element.set("custom", " ".join(known))
    if word.transcription is not None:
        SubElement(SubElement(element, "TextEquiv"), "Unicode").text = NO_CHARACTER.sub("", word.transcription)


def outlined(parent: Element, name: str, identity: str, points_N2: FloatArray) -> Element:
    """A new element with its outline in whole pixels."""
    element = SubElement(parent, name, id=identity)
    SubElement(element, "Coords", points=" ".join(f"{x:.0f},{y:.0f}" for x, y in points_N2.tolist()))
    return element


def hull(words: Iterable[Word]) -> FloatArray:
    """The convex hull of words as they are written (N, 2)."""
    points = np.concatenate([whole(word.points_N2) for word in words])
    return shapely.get_coordinates(shapely.MultiPoint(points).convex_hull)[:-1].astype(np.float32)
