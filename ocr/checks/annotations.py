"""Read an annotation file leniently: broken parts are reported and hide nothing of the rest.

The parts stay bytes until a worker decodes them, so that a file of a million images takes its size in memory once.
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
"""Literals that Python's json writes for floats but JSON does not have; `top_of` turns them into strings."""

Parts = list[tuple[str, bytes]]


class Key:
    """A key of a JSON object that equals no other, so that a dictionary keeps two of the same name."""

    __slots__ = ("name",)

    def __init__(self, _: type[Key], name: str) -> None:
        self.name = name


@dataclass(slots=True)
class Annotation:
    """One file.

    Attributes:
        entries: name and JSON of each image in file order, duplicate names included.
        findings: flaws of the file as a whole.
    """

    entries: Parts = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_annotation(path: Path, split: str) -> Annotation:
    """Read a split's annotation file; never raises an error."""
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
    """The content as UTF-8 without a byte order mark, invalid bytes replaced by U+FFFD.

    Raises:
        UnicodeDecodeError: it is not the UTF-16 or UTF-32 that its byte order mark says.
    """
    content = as_utf8(content)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        found(Kind.INVALID_UTF8, f"byte {error.start} is 0x{content[error.start]:02x}")
        return content.decode(errors="replace").encode()
    return content


def top_of(content: bytes, found: Callable[[Kind, object], None]) -> Parts:
    """Keys and values of the outermost object.

    Raises:
        ValueError: not even a lenient reader accepts it.
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
    """Keys and values of a JSON object in order, the values as JSON, duplicate keys included.

    Raises:
        ValueError: it is not a JSON object, or nested too deeply.
    """
    try:
        parts = msgspec.json.decode(content, type=dict[Key, msgspec.Raw], dec_hook=Key)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    return [(key.name, bytes(value)) for key, value in parts.items()]
