"""An annotation file read leniently: what is broken in it is told, and hides nothing of the rest.

The parts stay bytes until a worker looks into them, so that a file of a million images costs its size once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ocr.checks.findings import Finding
from ocr.checks.kinds import Kind
from ocr.formats.reading import MAX_BYTES
from ocr.utils.regular import NotReadableError, read_regular

NOT_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
"""Literals that Python's json writes for floats and JSON does not know; `standard` makes texts of them."""
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")

Parts = list[tuple[str, bytes]]


class Key:
    """A key of a JSON object that equals no other, so that of two with the same name a dictionary keeps both."""

    __slots__ = ("name",)

    def __init__(self, _: type[Key], name: str) -> None:
        self.name = name


@dataclass(slots=True)
class Annotation:
    """One file.

    Attributes:
        entries: name and JSON of each image in file order; a name that comes twice is there twice.
        findings: what is wrong with the file as a whole.
    """

    entries: Parts = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_annotation(path: Path, split: str) -> Annotation:
    """Read a split's annotation file; whatever is in it, no error is raised."""
    annotation = Annotation()

    def found(kind: Kind, value: object) -> None:
        annotation.findings.append(Finding(kind, split, value=f"{path.name}: {value}"))

    try:
        content = as_utf8(read_regular(path, MAX_BYTES), found)
        for value in (value for name, value in top_of(content, found) if name == "images"):
            annotation.entries += parts_of(value)
    except (NotReadableError, ValueError) as error:
        found(Kind.ANNOTATION_UNREADABLE, error)
    else:
        if not annotation.entries:
            found(Kind.ANNOTATION_UNREADABLE, "holds no image under the key 'images'")
    return annotation


def as_utf8(content: bytes, found: Callable[[Kind, object], None]) -> bytes:
    """The content, with U+FFFD for bytes that are no UTF-8; UTF-16 stays, for Python's reader takes it."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if not content.startswith(BYTE_ORDER_MARKS):
            found(Kind.INVALID_UTF8, f"byte {error.start} is 0x{content[error.start]:02x}")
            return content.decode(errors="replace").encode()
    return content


def top_of(content: bytes, found: Callable[[Kind, object], None]) -> Parts:
    """The outermost object.

    Raises:
        ValueError: there is none that any reader takes.
    """
    try:
        return parts_of(content)
    except ValueError as error:
        try:
            parts = parts_of(standard(content))
        except ValueError:
            raise error from None
        found(Kind.NOT_STANDARD_JSON, error)
        return parts


def parts_of(content: bytes) -> Parts:
    """Keys and values of a JSON object in order, the values as JSON; a key that comes twice is there twice.

    Raises:
        ValueError: it is no JSON object, or nested beyond reason.
    """
    try:
        parts = msgspec.json.decode(content, type=dict[Key, msgspec.Raw], dec_hook=Key)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    return [(key.name, bytes(value)) for key, value in parts.items()]


def standard(content: bytes) -> bytes:
    """JSON that only Python's reader takes as standard JSON: ``NaN`` and its like as texts, U+FFFD for half a pair.

    Raises:
        ValueError: that does not take it either, or it is nested beyond reason.
    """
    try:
        # An object becomes a list of pairs on the way, so that two of the same key stay two.
        tree = json.loads(content, parse_constant=str, object_pairs_hook=Pairs)
        return encoded(tree).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


class Pairs(list[tuple[str, object]]):
    """Keys and values of a JSON object."""


def encoded(tree: object) -> str:
    """JSON of a tree whose objects are `Pairs`."""
    if isinstance(tree, Pairs):
        return "{" + ",".join(f"{dumped(key)}:{encoded(value)}" for key, value in tree) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(encoded, tree)) + "]"
    return dumped(str(tree) if isinstance(tree, float) and tree - tree != 0 else tree)  # 1e999 is infinite


def dumped(value: object) -> str:
    """A text or number as JSON, without escapes: they would hide half a surrogate pair."""
    return json.dumps(value, ensure_ascii=False)
