"""ICDAR 2015, Incidental Scene Text (Karatzas et al.): ``gt_<image>.txt``, one word a row.

A row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, corners clockwise from top left in whole pixels. What follows the
eighth comma is the transcription, no character of it escaped; ``###`` marks a word to be ignored. The files begin with
a byte order mark. A row without transcription, as other sets in this form have it, is a word of unknown text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocr.formats.base import ForeignData
from ocr.formats.marks import break_losses, mark_losses, marked_text, marked_word, one_line
from ocr.formats.paired import by_row, read_pairs, write_pairs
from ocr.formats.pixels import shape_losses, whole_quad
from ocr.formats.placing import line_losses, renumbered
from ocr.formats.sroie import joined, split_quad
from ocr.types import Record, Word

OWN = ("images", "gt")
LAYOUTS = (
    OWN,
    ("ch4_training_images", "ch4_training_localization_transcription_gt"),
    ("ch4_test_images", "Challenge4_Test_Task1_GT"),
)
NAMED = re.compile(r"gt_(?P<stem>.+)\.txt", re.IGNORECASE)
MARK = "###"


def read_icdar2015(source: Path) -> ForeignData:
    """Read the folder of the data set, or its folder of text files where training and test set lie side by side.

    Raises:
        AnnotationError: the layout is another.
    """
    return read_pairs(source, LAYOUTS, NAMED, by_row(read_row))


def read_row(row: str, where: str, _: int = 0) -> Word:
    """One row as a word."""
    return marked_word(*split_quad(row, where), (MARK,))


def write_icdar2015(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``images/`` and ``gt/gt_*.txt`` of a split into ``output/<split>/``.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same stem.
    """

    def rows(record: Record) -> Iterator[str]:
        for word in record.words.values():
            yield f"{joined(whole_quad(word.points_N2, record))},{one_line(marked_text(word, MARK))}"

    write_pairs(records, OWN, output / split, "gt_{stem}.txt", rows)
    return [
        *shape_losses(records, whole_quad),
        *mark_losses(records, (MARK,)),
        *break_losses(records),
        *line_losses(records),
        *renumbered(records),
    ]
