"""Decode the entries of the native format: an image's, and those of its words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import ItemNumber, Label
from ocr.formats.common.reading import SHOWN, Length
from ocr.geometry import MIN_POINTS, open_ring, too_complex
from ocr.types import FloatArray, Word

LineNumber = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Flag = bool | Literal[0, 1] | None
"""Exports of tables write 0 and 1, and null for empty cells, which is false."""


class WordEntry(msgspec.Struct):
    """One word as in the file."""

    points: list[tuple[float, float]]
    transcription: str | None = None
    ignore: Flag = False
    illegibility: Flag = False
    line: LineNumber | float | None = None
    confidence: float | None = None
    field: Label | None = None
    item: ItemNumber | float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.line, float):  # exports of tables with empty cells write 3.0 for line 3
            self.line = msgspec.convert(self.line, LineNumber, strict=False)
        if isinstance(self.item, float):
            self.item = msgspec.convert(self.item, ItemNumber, strict=False)

    def word(self, points_N2: FloatArray) -> Word:
        """The word, with its polygon as an array."""
        return Word(
            points_N2,
            self.transcription,
            bool(self.ignore or self.illegibility),
            line=None if self.line is None else int(self.line),
            confidence=self.confidence,
            field=self.field,
            item=None if self.item is None else int(self.item),
        )


class ImageEntry(msgspec.Struct):
    """One image as in the file, its words not yet decoded, its fields not yet checked."""

    words: dict[str, msgspec.Raw] | None = None
    img_w: Length | None = None
    img_h: Length | None = None
    fields: dict[str, Any] | None = None


def decode_image(raw: msgspec.Raw | bytes, where: str) -> ImageEntry:
    """Decode one image, but not its words, and do not check its fields."""
    try:
        return msgspec.json.decode(raw, type=ImageEntry, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(f"{where}: {error}; correct or remove the image") from error


def read_word(raw: msgspec.Raw, where: str) -> Word:
    """Read and check one word."""
    try:
        entry = msgspec.json.decode(raw, type=WordEntry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = " ".join(bytes(raw).decode(errors="replace").split())[:SHOWN]
        raise AnnotationError(f"{where}: {error}, is {found}; correct or remove the word") from error
    count = len(entry.points)
    if count < MIN_POINTS:
        raise AnnotationError(
            f"{where}: points has {count} points, at least {MIN_POINTS} are needed; complete or remove the word"
        )
    with np.errstate(over="ignore"):
        points_N2 = np.asarray(entry.points, dtype=np.float32)
    if not np.isfinite(points_N2).all():
        point = entry.points[int(np.argmin(np.isfinite(points_N2).all(axis=1)))]
        raise AnnotationError(f"{where}: point {point} is not finite in float32; correct or remove the word")
    points_N2 = open_ring(points_N2)
    if flaw := too_complex(points_N2):
        raise AnnotationError(f"{where}: the polygon {flaw}; correct or remove the word")
    return entry.word(points_N2)
