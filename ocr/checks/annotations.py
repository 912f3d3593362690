"""An annotation file read leniently: what is broken in it is reported, and hides nothing of the rest.

The parts stay bytes until a worker looks into them, so that a file of a million images costs its size once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ocr.checks.findings import Finding
from ocr.checks.kinds import Kind
from ocr.formats.common.reading import MAX_BYTES
from ocr.utils.lenient_json import standard
from ocr.utils.regular import NotReadableError, as_utf8, read_regular

NOT_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
"""Literals that Python's json writes for floats and JSON does not know; `top_of` makes texts of them."""

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
        content = readable(read_regular(path, MAX_BYTES), found)
        for value in (value for name, value in top_of(content, found) if name == "images"):
            annotation.entries += parts_of(value)
    except (NotReadableError, ValueError) as error:
        found(Kind.ANNOTATION_UNREADABLE, error)
    else:
        if not annotation.entries:
            found(Kind.ANNOTATION_UNREADABLE, "holds no image under the key 'images'")
    return annotation


def readable(content: bytes, found: Callable[[Kind, object], None]) -> bytes:
    """The content without a byte order mark, and with U+FFFD for bytes that are no UTF-8.

    Raises:
        UnicodeDecodeError: it is not the UTF-16 or UTF-32 that its mark says.
    """
    content = as_utf8(content)
    try:
        content.decode()
    except UnicodeDecodeError as error:
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
            parts = parts_of(standard(content, number=str, text=str))
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
