"""Parse a PAGE XML file safely: its elements with their sizes, outlines and texts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.reading import content_of, polygon, quoted
from ocr.types import FloatArray

MAX_BYTES = 32 * 2**20
"""No real page is as long; a longer file is refused before it is parsed."""

MAX_DEPTH = 100
"""Nesting depth of elements; regions may hold regions, but no real file has as many levels."""

CUSTOM = re.compile(r"(?:^|[\s}])(?P<name>[a-z]+)\s*\{(?:\s*value\s*:(?P<value>[^;}]*))?")
"""Properties in an element's ``custom``, as ``name {value:...;}``."""

PIXELS = re.compile(r"[1-9][0-9]{0,8}(\.0*)?")


def page_element(path: Path) -> Element:
    """The ``Page`` of a file, parsed without entities, document types and external resources."""
    content = content_of(path, MAX_BYTES)
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise AnnotationError(f"{path}: declares a document type or entities ({error}); remove them") from error
    except (ParseError, ValueError, LookupError) as error:  # the last two: an unknown or a wrong encoding
        raise AnnotationError(f"{path}: is not XML ({error}); correct or remove it") from error
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
    if level:
        raise AnnotationError(f"{path}: is nested more than {MAX_DEPTH} elements deep; remove it")
    pages = children(root, "Page")
    if tag(root) != "PcGts" or not pages:
        raise AnnotationError(
            f"{path}: its root is {tag(root)!r}, not PcGts with a Page; it is not PAGE XML; remove it"
        )
    if len(pages) > 1:
        raise AnnotationError(f"{path}: has {len(pages)} elements Page, PAGE XML has one; write a file for each")
    return pages[0]


def tag(element: Element) -> str:
    """An element's name without the namespace, which differs between schema versions."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The children with a name."""
    return [child for child in element if tag(child) == name]


def custom(element: Element) -> dict[str, str]:
    """The properties in an element's ``custom``, each with its value, percent-decoded; empty if it has none."""
    return {
        found["name"]: unquote(found["value"] or "").strip() for found in CUSTOM.finditer(element.get("custom", ""))
    }


def user_attributes(page: Element, description: str) -> Iterator[tuple[str, str]]:
    """Name and value of the page's own attributes with a description."""
    for defined in children(page, "UserDefined"):
        for attribute in children(defined, "UserAttribute"):
            if attribute.get("description") == description:
                yield attribute.get("name", ""), attribute.get("value", "")


def length(page: Element, name: str, path: Path) -> int:
    """A side of the image in pixels."""
    value = page.get(name, "").strip()
    if not PIXELS.fullmatch(value):
        raise AnnotationError(f"{path}: {name}={value!r} is not a number of pixels; correct it")
    return int(value.partition(".")[0])


def coords(element: Element, where: str) -> FloatArray:
    """The outline of an element (N, 2) in pixels."""
    found = children(element, "Coords")
    if len(found) != 1:
        raise AnnotationError(f"{where}: has {len(found) or 'no'} Coords, where one is needed; draw or remove it")
    points = [f"{point.get('x')},{point.get('y')}" for point in children(found[0], "Point")]
    written = found[0].get("points", " ".join(points))
    try:
        pairs = [(float(x), float(y)) for x, y in (pair.split(",") for pair in written.split())]
    except ValueError as error:
        raise AnnotationError(f"{where}: points {quoted(written)} must be x,y x,y ...; correct or remove it") from error
    if not all(math.isfinite(value) for pair in pairs for value in pair):
        raise AnnotationError(f"{where}: points {quoted(written)} are not all finite; correct or remove it")
    return polygon(pairs)


def text(element: Element) -> str | None:
    """The main text of an element, the one with the lowest index; ``None`` if it has none."""
    found = sorted(children(element, "TextEquiv"), key=lambda equiv: equiv.get("index", "").zfill(9))
    stated = (
        next((part for name in ("Unicode", "PlainText") for part in children(found[0], name)), None) if found else None
    )
    return None if stated is None else stated.text or ""
