"""SROIE (Huang et al., ICDAR 2019): one text file per image, one text line per row.

A row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, corners clockwise from top left in the image's whole pixels; the
transcription may contain commas and quotes, without escapes. The files lie in ``boxes/*.csv`` beside
``images/``, in ``box/*.txt`` or ``box/*.csv`` beside ``img/``, or, as first published, among the images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.marks import break_losses, one_line, unknown_losses, without_ignored
from ocr.formats.common.paired import by_row, finite_numbers, read_pairs, write_pairs
from ocr.formats.common.reading import polygon, quoted
from ocr.formats.common.rounding import shape_losses, whole_quad
from ocr.formats.common.writing import renumbered, summed_up
from ocr.types import FloatArray, Record, Word

LAYOUTS = (("images", "boxes"), ("img", "box"))
NAMED = re.compile(r"(?P<stem>.+)\.(csv|txt)", re.IGNORECASE)
NUMBERS = 8


def read_sroie(folder: Path) -> ForeignData:
    """Read a SROIE folder. Each row becomes a word on its own line.

    Raises:
        AnnotationError: the layout is not SROIE's.
    """
    return read_pairs(folder, LAYOUTS, NAMED, by_row(read_row))


def read_row(row: str, where: str, number: int) -> Word:
    """One row as a word."""
    points_42, transcription = split_quad(row, where)
    if transcription is None:
        raise AnnotationError(
            f"{where}: {quoted(row)} must be {NUMBERS} finite numbers and a transcription; complete the row"
        )
    return Word(points_42, transcription, line=number)


def split_quad(row: str, where: str) -> tuple[FloatArray, str | None]:
    """A row's four corners (4, 2), and its text or ``None``.

    Raises:
        AnnotationError: the row does not start with eight finite numbers.
    """
    values = row.split(",", NUMBERS)
    numbers = finite_numbers(values[:NUMBERS], NUMBERS, row, where)
    return polygon(zip(numbers[::2], numbers[1::2], strict=True)), values[NUMBERS] if len(values) > NUMBERS else None


def joined(points_N2: FloatArray) -> str:
    """The coordinates as written to a row."""
    return ",".join(str(int(value)) for value in np.ravel(points_N2))


def write_sroie(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``images/`` and ``boxes/*.csv`` of a split into ``output/<split>/``.

    Ignored words are left out, as the format cannot mark them.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same stem.
    """
    kept, ignored = without_ignored(records)

    def rows(record: Record) -> Iterator[str]:
        for word in record.words.values():
            yield f"{joined(whole_quad(word.points_N2, record))},{one_line(word.transcription or '')}"

    write_pairs(kept, LAYOUTS[0], output / split, "{stem}.csv", rows)
    return [
        *ignored,
        *shape_losses(kept, whole_quad),
        *break_losses(kept),
        *unknown_losses(kept),
        *summed_up("line numbers, as each row is a line", line_losses(kept)),
        *renumbered(kept),
    ]


def line_losses(records: Sequence[Record]) -> list[str]:
    """The words whose line is not the number of their row."""
    return [
        f"{record.name}, word {key}: line {word.line} is {number}"
        for record in records
        for number, (key, word) in enumerate(record.words.items(), start=1)
        if word.line != number
    ]
