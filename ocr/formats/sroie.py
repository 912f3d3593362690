"""SROIE (Huang et al., ICDAR 2019): one text file per image, one text line per row.

A row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, corners clockwise from top left in the image's whole pixels; the
transcription may contain commas and quotes, without escapes. The files lie in ``boxes/*.csv`` beside
``images/``, in ``box/*.txt`` or ``box/*.csv`` beside ``img/``, or, as first published, among the images.

The key information of an image (task 3) is a JSON object of texts, ``company``, ``date``, ``address`` and ``total``: it
lies beside the folder of text files in ``entities/`` or ``key/``, as ``.json`` or ``.txt``, and may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.image_files import is_there
from ocr.formats.common.labels import read_fields, values_of
from ocr.formats.common.marks import break_losses, one_line, unknown_losses, without_ignored
from ocr.formats.common.names import find
from ocr.formats.common.paired import by_row, finite_numbers, read_pairs, write_pairs
from ocr.formats.common.reading import polygon, quoted, read_json
from ocr.formats.common.rounding import shape_losses, whole_quad
from ocr.formats.common.writing import item_losses, no_place, renumbered, summed_up, value_losses, write_json
from ocr.types import FloatArray, Record, Word

LAYOUTS = (("images", "boxes"), ("img", "box"))
NAMED = re.compile(r"(?P<stem>.+)\.(csv|txt)", re.IGNORECASE)
NUMBERS = 8
ENTITIES = "entities"
FIELDS = ("company", "date", "address", "total")


def read_sroie(folder: Path) -> ForeignData:
    """Read a SROIE folder. Each row becomes a word on its own line, the key information the record's fields.

    Raises:
        AnnotationError: the layout is not SROIE's.
    """
    return read_pairs(folder, LAYOUTS, NAMED, by_row(read_row), read_fields=read_entities)


def read_entities(path: Path, sparing: Sparing) -> dict[str, str]:
    """The key information that belongs to a text file; empty values are left out."""
    beside = path.parent.name in {labels for _, labels in LAYOUTS}
    folders = [find(path.parents[1], name) for name in (ENTITIES, "key")] if beside else []
    files = (find(folder, f"{path.stem}{ending}") for folder, ending in product(folders, (".json", ".txt")))
    file = next(filter(is_there, files), None)
    fields: dict[str, str] = {}
    if file is not None:
        with sparing():
            fields = read_fields(read_json(file, dict[str, Any], "SROIE's key information"), str(file))
    return {name: text for name, text in fields.items() if text.strip()}


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
    """Write ``images/``, ``boxes/*.csv`` and ``entities/*.json`` of a split into ``output/<split>/``.

    Ignored words are left out, as the format cannot mark them. Of `values_of` a receipt, the fields that the format has
    are written.

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
    for record in records:
        values = values_of(record)
        if known := {name: values[name] for name in FIELDS if name in values}:
            write_json(known, output / split / ENTITIES / f"{record.image_path.stem}.json")
    return [
        *ignored,
        *shape_losses(kept, whole_quad),
        *break_losses(kept),
        *unknown_losses(kept),
        *no_place(kept, "labels of words, of which entities/ has the texts", lambda word: word.field),
        *item_losses(kept),
        *value_losses(kept, FIELDS),
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
