"""ICDAR 2015, Incidental Scene Text (Karatzas et al.): ``gt_<image>.txt``, one word per row.

A row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, corners clockwise from top left in whole pixels. The transcription
follows the eighth comma, without escapes; ``###`` marks an ignored word. The files begin with a byte order mark. A row
without transcription, as in other sets of this form, is a word of unknown text.

MLT has the script before the text (``...,y4,Latin,Total``), RCTW-17 a difficulty (``...,y4,0,"Total"``; 1 is ignored):
that column is read only if all rows of a file have it, so that a text that begins with ``Latin,`` stays complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.marks import break_losses, mark_losses, marked_text, marked_word, one_line
from ocr.formats.common.paired import by_row, read_pairs, read_rows, write_pairs
from ocr.formats.common.rounding import shape_losses, whole_quad
from ocr.formats.common.writing import label_losses, line_losses, renumbered
from ocr.formats.sroie import NUMBERS, joined, split_quad
from ocr.types import Record, Word

OWN = ("images", "gt")
LAYOUTS = (
    OWN,
    ("ch4_training_images", "ch4_training_localization_transcription_gt"),
    ("ch4_test_images", "Challenge4_Test_Task1_GT"),
)
NAMED = re.compile(r"gt_(?P<stem>.+)\.txt", re.IGNORECASE)
PLAIN = re.compile(r"(?P<stem>.+)\.txt", re.IGNORECASE)
"""RCTW-17 and MLT-19 name their text files like the images."""
MARK = "###"
SCRIPT = re.compile(
    r"\s*(?P<column>Arabic|Latin|Chinese|Japanese|Korean|Bangla|Hindi|Symbols|Mixed|None)\s*,(?P<text>.*)",
    re.IGNORECASE,
)
DIFFICULTY = re.compile(r'\s*(?P<column>[01])\s*,\s*"(?P<text>.*)"\s*')
CONFIDENCE = re.compile(r"\s*(?P<column>0?\.[0-9]+|1\.0+)\s*,(?P<text>.*)")
COLUMNS = (SCRIPT, DIFFICULTY, CONFIDENCE)
DIFFICULT = "1"


def read_icdar2015(source: Path) -> ForeignData:
    """Read the folder of the data set, or one folder of text files if training and test set lie side by side.

    Raises:
        AnnotationError: the layout is not ICDAR's.
    """
    return read_pairs(source, LAYOUTS, NAMED, read_words, PLAIN)


def read_words(path: Path, sparing: Sparing) -> dict[str, Word]:
    """The words of one image by their row number.

    Raises:
        AnnotationError: the file cannot be read, or each row has a confidence, so it is not ground truth.
    """
    column = column_of(row for _, row in read_rows(path))
    if column is CONFIDENCE:
        raise AnnotationError(f"{path}: each row has a confidence before its text, as results have; remove that column")

    def read_row(row: str, where: str, _: int) -> Word:
        points_42, text = split_quad(row, where)
        match = column.fullmatch(text or "") if column is not None else None
        if match is None:
            return marked_word(points_42, text, (MARK,))
        word = marked_word(points_42, match["text"], (MARK,))
        return replace(word, ignore=word.ignore or match["column"] == DIFFICULT)

    return by_row(read_row)(path, sparing)


def column_of(rows: Iterable[str]) -> re.Pattern[str] | None:
    """The column between corners and text in all rows of a file; ``None`` if a row has none."""
    texts = [row.split(",", NUMBERS)[-1] for row in rows if row.count(",") >= NUMBERS]
    return next((column for column in COLUMNS if texts and all(map(column.fullmatch, texts))), None)


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
        *label_losses(records),
        *renumbered(records),
    ]
