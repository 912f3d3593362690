"""Code shared by the readers of other formats: finding files, decoding JSON, making polygons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np

from ocr.formats.common.base import AnnotationError
from ocr.geometry import open_ring
from ocr.types import FloatArray
from ocr.utils.lenient_json import standard
from ocr.utils.regular import NotReadableError, as_utf8, read_regular

SHOWN = 200
"""Characters of a wrong value that a message quotes."""
Length = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
T = TypeVar("T")
MAX_BYTES = 1 << 31
"""Limit of a JSON file: 2 GiB, as it is decoded whole."""


def files_of(source: Path, kind: str, *patterns: str) -> list[Path]:
    """The file itself, or those of a folder that match the first pattern with any match.

    Args:
        source: the user's input.
        kind: the kind of file, for the message, such as ``a JSON file``.
        patterns: globs.

    Raises:
        AnnotationError: there is no such file.
    """
    if source.is_file():
        return [source]
    found = next((paths for pattern in patterns if (paths := sorted(source.glob(pattern)))), [])
    if not found:
        raise AnnotationError(f"input={source}: is neither {kind} nor a folder with {' or '.join(patterns)}; give one")
    return found


def only_json(source: Path, *patterns: str) -> Path:
    """The JSON file itself, or the only one in a folder.

    Raises:
        AnnotationError: there is no such file, or there are several.
    """
    first, *others = files_of(source, "a JSON file", *patterns)
    if others:
        names = ", ".join(path.name for path in (first, *others))
        raise AnnotationError(f"input={source}: holds {names}; give one of them, input={first}")
    return first


def content_of(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file.

    Raises:
        AnnotationError: it cannot be read, is not a file, or is larger.
    """
    try:
        return read_regular(path, max_bytes)
    except NotReadableError as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from error


def decoded(content: bytes, kind: type[T]) -> T:
    """Decode JSON, leniently if a strict reader refuses it (`standard`).

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is not JSON, has another form, is nested too deeply.
    """
    try:
        return msgspec.json.decode(content, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            content = standard(content)
        except ValueError:
            raise error from None
    return msgspec.json.decode(content, type=kind, strict=False)


def read_json(path: Path, kind: type[T], form: str) -> T:
    """Decode a JSON file into msgspec's types.

    Args:
        path: the file; a byte order mark is accepted, and so are ``200.0`` and ``"200"`` for an integer. Values that
            JSON does not have, such as ``NaN``, become an object (`NOT_JSON`): only an entry that needs it fails.
        kind: type of the content.
        form: what the file should be, for the message, such as ``COCO annotations``.

    Raises:
        AnnotationError: the file cannot be read, is not JSON, has another form or is nested too deeply.
    """
    try:
        return decoded(as_utf8(content_of(path)), kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(
            f"{path}: is not a file of {form} ({error}); correct it or give another format="
        ) from error


def as_element(raw: Any, kind: type[T], where: str) -> T:
    """Convert a decoded JSON value to an element's type; ``200.0`` and ``"200"`` are accepted as integers.

    Raises:
        AnnotationError: the element has another form; the message gives the place, the error and the value.
    """
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise AnnotationError(f"{where}: {error}, is {quoted(raw)}; correct or remove it") from error


def quoted(value: object) -> str:
    """A value for a message, truncated if it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."


def polygon(points: Iterable[Sequence[float]]) -> FloatArray:
    """Points as float32 (N, 2), pixels, unchecked; a last point that closes the ring is dropped.

    Values beyond float32's range become infinite.
    """
    with np.errstate(over="ignore"):
        return open_ring(np.array(list(points), np.float64).reshape(-1, 2).astype(np.float32))


def flat_polygon(numbers: Sequence[float], where: str) -> FloatArray:
    """A polygon (N, 2) from ``x1, y1, x2, y2, ...``.

    Raises:
        AnnotationError: the count is odd.
    """
    if len(numbers) % 2:
        raise AnnotationError(
            f"{where}: {quoted(list(numbers))} has {len(numbers)} numbers; x and y must come in pairs"
        )
    return polygon(zip(numbers[::2], numbers[1::2], strict=True))


def box_polygon(
    x: float, y: float, width: float, height: float, degrees: float = 0, pivot: tuple[float, float] = (0.5, 0.5)
) -> FloatArray:
    """The four corners (4, 2) of a box, clockwise from top left; a negative width or height reaches left or up.

    Args:
        x: left edge of the upright box, pixels.
        y: top edge.
        width: pixels.
        height: pixels.
        degrees: rotation of the box, clockwise on the screen.
        pivot: centre of the rotation, as fractions of width and height: (0, 0) is the corner (x, y).
    """
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    fixed_x, fixed_y = x + pivot[0] * width, y + pivot[1] * height
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    offsets = [(corner[0] - fixed_x, corner[1] - fixed_y) for corner in corners] if degrees else []
    turned = [(fixed_x + dx * cosine - dy * sine, fixed_y + dx * sine + dy * cosine) for dx, dy in offsets]
    return polygon(turned or corners)
