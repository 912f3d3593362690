"""PaddleOCR's labels for detection: ``<path of the image><tab>[{"transcription": "...", "points": [[x, y], ...]}]``.

Points are pixels of the image, clockwise from top left: four for most texts, any number for curved ones. The
transcriptions ``###`` and ``*`` mark ignored words. ``key_cls`` (PPOCRLabel's mode for key information) is the field,
"None" if there is none. Paths are relative to a folder given to the training, or, in PPOCRLabel's ``Label.txt``, to the
folder above the file's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.labels import Label
from ocr.formats.common.listed import Row, decoded_row, label_files, read_listed
from ocr.formats.common.marks import mark_losses, marked_text, marked_word
from ocr.formats.common.reading import as_element, polygon, quoted
from ocr.formats.common.rounding import plain_points
from ocr.formats.common.writing import (
    item_losses,
    line_losses,
    no_place,
    place_images,
    renumbered,
    value_losses,
    write_whole,
)
from ocr.types import Record, Word

LABELS = "label.txt"
IMAGES = "images"
SPLITS = frozenset({"train", "val", "test"})
MARKS = ("###", "*")
NO_FIELD = "None"
LEVELS = 4
"""An image is searched in the folder of its label file and in three above it."""


class PaddleWord(msgspec.Struct, omit_defaults=True):
    """One word as in a row."""

    transcription: str
    points: list[tuple[float, float]]
    key_cls: Label | None = None


def read_paddle(source: Path) -> ForeignData:
    """Read a label file, or those of a folder: ``*label*.txt``, ``train.txt``, ``val.txt`` and ``test.txt``.

    Raises:
        AnnotationError: there is no label file, or one cannot be read.
    """
    paths = label_files(source, is_label, "*label*.txt, train.txt, val.txt or test.txt")
    return read_listed(source, paths, read_row, read_word, LEVELS)


def is_label(path: Path) -> bool:
    """Whether the file has a name of label files."""
    return "label" in path.stem.lower() or path.stem.lower() in SPLITS


def read_row(text: str, where: str) -> Row:
    """Read one row as an image with its words, which are not yet decoded."""
    name, tab, words = text.partition("\t")
    if not tab:
        raise AnnotationError(f"{where}: {quoted(text)} has no tab between path and words; correct or remove the row")
    return Row(name, decoded_row(words, list[Any], where))


def read_word(raw: Any, where: str) -> Word:
    """One word."""
    entry = as_element(raw, PaddleWord, where)
    word = marked_word(polygon(entry.points), entry.transcription, MARKS)
    return word if entry.key_cls == NO_FIELD else replace(word, field=entry.key_cls)


def write_paddle(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``label.txt`` and ``images/`` of a split into ``output/<split>/``, paths relative to that.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or a name has a tab or a line break.
    """
    folder = output / split
    rows = []
    for record in records:
        if set(record.name) & set("\t\r\n"):
            raise AnnotationError(f"image {record.name!r}: the name has a tab or a line break; rename the image")
        words = record.words.values()
        entries = [PaddleWord(marked_text(word, MARKS[0]), points(word), word.field) for word in words]
        rows.append(f"{IMAGES}/{record.name}\t".encode() + msgspec.json.encode(entries) + b"\n")
    place_images(records, folder / IMAGES)
    write_whole(b"".join(rows), folder / LABELS)
    return [
        *mark_losses(records, MARKS),
        *line_losses(records),
        *no_place(records, "fields", lambda word: word.field if word.field == NO_FIELD else None),
        *item_losses(records),
        *value_losses(records),
        *renumbered(records),
    ]


def points(word: Word) -> list[tuple[float, float]]:
    """The polygon as written to a row."""
    return [(x, y) for x, y in plain_points(word.points_N2)]
