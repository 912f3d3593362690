r"""ICDAR 2013, Focused Scene Text (Karatzas et al.): ``gt_<image>.txt``, one upright box per row.

A row is ``x1, y1, x2, y2, "transcription"``, the top left and the bottom right corner in whole pixels; the training
set has blanks where the test set has commas. Inside the quotes ``\"`` is a quote and ``\\`` a backslash. ``###``
marks an ignored word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.marks import break_losses, mark_losses, marked_text, marked_word, one_line
from ocr.formats.common.paired import by_row, finite_numbers, read_pairs, write_pairs
from ocr.formats.common.reading import box_polygon, quoted
from ocr.formats.common.rounding import box, shape_losses
from ocr.formats.common.writing import label_losses, line_losses, renumbered
from ocr.types import Record, Word

OWN = ("images", "gt")
LAYOUTS = (
    OWN,
    ("Challenge2_Training_Task12_Images", "Challenge2_Training_Task1_GT"),
    ("Challenge2_Test_Task12_Images", "Challenge2_Test_Task1_GT"),
)
NAMED = re.compile(r"gt_(?P<stem>.+)\.txt", re.IGNORECASE)
MARK = "###"
NUMBERS = 4
SEPARATOR = re.compile(r"\s*,\s*|\s+")
QUOTED = re.compile(r'"(.*)"\s*')
ESCAPED = re.compile(r'\\(["\\])')
MORE_NUMBERS = re.compile(r"([-+\d.]+\s*(,|$)\s*){4}")


def read_icdar2013(source: Path) -> ForeignData:
    """Read the folder of the data set, or one folder of text files if training and test set lie side by side.

    Raises:
        AnnotationError: the layout is not ICDAR's.
    """
    return read_pairs(source, LAYOUTS, NAMED, by_row(read_row))


def read_row(row: str, where: str, _: int = 0) -> Word:
    """Read one row as a word; without transcription its text is unknown, without quotes it is used as it is.

    Raises:
        AnnotationError: the row does not start with four finite numbers, or starts with eight.
    """
    values = SEPARATOR.split(row.strip(), maxsplit=NUMBERS)
    left, top, right, bottom = finite_numbers(values[:NUMBERS], NUMBERS, row, where)
    text = values[NUMBERS] if len(values) > NUMBERS else None
    if text is not None and MORE_NUMBERS.match(text):
        raise AnnotationError(f"{where}: {quoted(row)} has eight numbers, a box has four; give format=icdar2015")
    if text is not None and (in_quotes := QUOTED.fullmatch(text)):
        text = ESCAPED.sub(r"\1", in_quotes[1])
    return marked_word(box_polygon(left, top, right - left, bottom - top), text, (MARK,))


def write_icdar2013(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``images/`` and ``gt/gt_*.txt`` of a split into ``output/<split>/``, with commas.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same stem.
    """

    def rows(record: Record) -> Iterator[str]:
        for word in record.words.values():
            corners = np.ravel(box(word.points_N2)[::2]).astype(int).tolist()
            text = one_line(marked_text(word, MARK)).replace("\\", "\\\\").replace('"', '\\"')
            yield f'{", ".join(map(str, corners))}, "{text}"'

    write_pairs(records, OWN, output / split, "gt_{stem}.txt", rows)
    return [
        *shape_losses(records, lambda points_N2, _: box(points_N2)),
        *mark_losses(records, (MARK,)),
        *break_losses(records),
        *line_losses(records),
        *label_losses(records),
        *renumbered(records),
    ]
