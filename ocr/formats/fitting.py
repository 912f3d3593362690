"""What some writers ask of clean records: the words line by line, the image's size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ocr.images.files import read_bytes
from ocr.images.header import read_header
from ocr.types import Record, Word


def by_line(words: Iterable[tuple[str, Word]]) -> list[dict[str, Word]]:
    """The words of each text line, in the order in which the lines begin; a word without one stands alone."""
    lines: dict[object, dict[str, Word]] = {}
    for key, word in words:
        lines.setdefault(("alone", key) if word.line is None else word.line, {})[key] = word
    return list(lines.values())


def renumbered_lines(name: str, lines: Sequence[dict[str, Word]]) -> list[str]:
    """The loss of the line numbers of an image in a format that counts its lines from 1."""
    return [
        f"{name}, word {key}: line {word.line} is {number}"
        for number, line in enumerate(lines, start=1)
        for key, word in line.items()
        if word.line != number
    ]


def size_of(record: Record, image: Path) -> tuple[int, int]:
    """(width, height) in pixels as the record states them, else as the upright image has them.

    Raises:
        ImageError: the record does not say and the file is no image.
    """
    if record.width is not None and record.height is not None:
        return record.width, record.height
    return read_header(read_bytes(image), image).upright_size
