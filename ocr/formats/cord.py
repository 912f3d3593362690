"""CORD v2 (Park et al., 2019): ``json/<name>.json`` beside ``image/<name>.png``, one folder per split.

A file holds ``valid_line``: the words of one field of a receipt, each with a quad ``x1 ... y4`` in the image's pixels,
``text`` and the ``row_id`` of the printed row. A field's words on one row become a text line. ``category`` is the field
(`cord_lines.FIELD_OF`; ``menu.nm`` and any other keep their names, ``etc`` is none), and the lines of ``menu`` with the
same ``group_id`` are an item. ``is_key: 1`` marks a word that names a value, such as "TOTAL": it is no value, so it has
no field and no item. ``repeating_symbol`` (rules such as ``-----``) and ``dontcare`` are lists of lists of ignored
quads. ``sub_group_id``, the receipt's place (``roi``) and ``gt_parse``, which repeats the values, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.image_files import check_stems
from ocr.formats.common.labels import Label
from ocr.formats.common.marks import UNKNOWN, unknown
from ocr.formats.common.paired import read_each
from ocr.formats.common.reading import Length, as_element, polygon, read_json
from ocr.formats.common.rounding import quad, shape_losses
from ocr.formats.common.writing import (
    loss_lines,
    no_place,
    place_images,
    renumbered,
    renumbered_lines,
    size_of,
    summed_up,
    value_losses,
    write_json,
)
from ocr.formats.cord_lines import (
    field_of,
    gt_parse,
    is_of_item,
    line_entry,
    misread,
    quad_entry,
    renumbered_items,
    valid_lines,
)
from ocr.types import FloatArray, Record, Word

LAYOUT = ("image", "json")
NAMED = re.compile(r"(?P<stem>.+)\.json", re.IGNORECASE | re.DOTALL)


class Quad(msgspec.Struct):
    """Corners clockwise from top left, pixels."""

    x1: float
    y1: float
    x2: float
    y2: float
    x3: float
    y3: float
    x4: float
    y4: float


class CordWord(msgspec.Struct):
    """A word, or a repeated symbol, as in the file."""

    quad: Quad
    text: str | None = None
    row_id: int | None = None
    is_key: bool | int | None = None


class CordLine(msgspec.Struct):
    """The words of one field."""

    words: list[Any]
    category: Label | None = None
    group_id: int | None = None


class Size(msgspec.Struct):
    """Pixels."""

    width: Length
    height: Length


class Meta(msgspec.Struct):
    """Properties of the image."""

    image_size: Size | None = None


class Receipt(msgspec.Struct):
    """A file, its lines not yet decoded."""

    valid_line: list[Any]
    meta: Meta | None = None
    repeating_symbol: list[list[Any]] = []
    dontcare: list[list[Any]] = []


def read_cord(folder: Path) -> ForeignData:
    """Read a split: a folder with ``image/`` and ``json/``, or a folder whose only split has them.

    Raises:
        AnnotationError: the layout is not CORD's, or there are several splits.
    """
    folder = split_folder(folder)
    images, jsons = (folder / name for name in LAYOUT)
    return read_each(images, jsons, NAMED, read_receipt)


def split_folder(folder: Path) -> Path:
    """The folder that holds ``image/`` and ``json/``."""
    candidates = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]
    found = [path for path in candidates if all((path / name).is_dir() for name in LAYOUT)]
    if not found:
        raise AnnotationError(
            f"input={folder}: holds no {' and '.join(f'{name}/' for name in LAYOUT)}, nor a split that does; give the "
            "folder of a split"
        )
    if len(found) > 1 and found[0] != folder:
        splits = ", ".join(path.name for path in found)
        raise AnnotationError(f"input={folder}: holds the splits {splits}; give one, input={found[0]}")
    return found[0]


def read_receipt(image: Path, path: Path, sparing: Sparing) -> Record:
    """One image with the words of its file, numbered in file order; symbols and ignored quads come last."""
    receipt = read_json(path, Receipt, "CORD")
    words = [*read_lines(receipt.valid_line, path, sparing), *read_ignored(receipt, path, sparing)]
    size = receipt.meta.image_size if receipt.meta else None
    numbered = {f"{number:04d}": word for number, word in enumerate(words, start=1)}
    return Record(image, numbered, size.width if size else None, size.height if size else None)


def read_lines(fields: Sequence[Any], path: Path, sparing: Sparing) -> list[Word]:
    """The words of all fields; those of one field on one row form a line, counted from 1, as items are."""
    words = []
    lines: dict[tuple[int, int | None], int] = {}
    items: dict[int, int] = {}
    for number, raw_line in enumerate(fields):
        where = f"{path}: valid_line {number}"
        found = CordLine([])
        with sparing():
            found = as_element(raw_line, CordLine, where)
        for place, raw in enumerate(found.words):
            with sparing():
                word = as_element(raw, CordWord, f"{where}, word {place}")
                line = lines.setdefault((number, word.row_id), len(lines) + 1)
                field = None if word.is_key else field_of(found.category)
                item = None
                if is_of_item(field) and found.group_id is not None:
                    item = items.setdefault(found.group_id, len(items) + 1)
                words.append(Word(corners(word.quad), word.text, line=line, field=field, item=item))
    return words


def read_ignored(receipt: Receipt, path: Path, sparing: Sparing) -> list[Word]:
    """The repeated symbols, then the ``dontcare`` quads."""
    words = []
    for number, group in enumerate(receipt.repeating_symbol):
        for raw in group:
            with sparing():
                symbol = as_element(raw, CordWord, f"{path}: repeating_symbol {number}")
                words.append(Word(corners(symbol.quad), symbol.text, ignore=True))
    for number, group in enumerate(receipt.dontcare):
        for raw in group:
            with sparing():
                words.append(Word(corners(as_element(raw, Quad, f"{path}: dontcare {number}")), ignore=True))
    return words


def corners(of: Quad) -> FloatArray:
    """The polygon (4, 2) of a quad."""
    return polygon([(of.x1, of.y1), (of.x2, of.y2), (of.x3, of.y3), (of.x4, of.y4)])


def write_cord(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``image/`` and ``json/`` of a split into ``output/<split>/``; ignored words become ``dontcare``.

    A text line with words of several fields becomes a line for each. A word without a field, in a line in which all
    others have the same one, is taken for the name of the value (``is_key``). ``gt_parse`` is written if there
    are labelled words, and the texts of all of them are known.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name or differ only in extension, or one exists already.
    """
    folder = output / split
    images, jsons = (folder / name for name in LAYOUT)
    places = place_images(records, images)
    check_stems(images)
    numbers: list[str] = []
    items: list[str] = []
    ordered = []
    for number, (record, image) in enumerate(zip(records, places, strict=True)):
        lines = valid_lines(record)
        ignored = {key: word for key, word in record.words.items() if word.ignore}
        width, height = size_of(record, image)
        parsed = gt_parse(lines)
        content = {
            "meta": {
                "version": "2.0.0",
                "split": split,
                "image_id": number,
                "image_size": {"width": width, "height": height},
            },
            "valid_line": [line_entry(record, line) for line in lines],
            "roi": {},
            "repeating_symbol": [],
            "dontcare": [[quad_entry(record, word) for word in ignored.values()]] if ignored else [],
        }
        write_json({**content, "gt_parse": parsed} if parsed else content, jsons / f"{image.stem}.json")
        rows = [words for line in lines for words in line.rows.values()]
        numbers += renumbered_lines(record.name, rows)
        items += renumbered_items(record.name, lines)
        ordered.append(replace(record, words={key: word for row in [*rows, ignored] for key, word in row.items()}))
    return [
        *shape_losses(records, quad),
        *no_place(records, UNKNOWN, lambda word: None if word.ignore else unknown(word)),
        *loss_lines(
            records, "is ignored, so the file cannot hold", lambda word: word_keys(word) if word.ignore else None
        ),
        *no_place(
            records, "fields that mean another, or none, in CORD", lambda word: None if word.ignore else misread(word)
        ),
        *value_losses(records),
        *summed_up("item numbers", items),
        *summed_up("line numbers", numbers),
        *renumbered(ordered),
    ]


def word_keys(word: Word) -> dict[str, str | int] | None:
    """A word's text, line and labels, if known."""
    known = {"transcription": word.transcription, "line": word.line, "field": word.field, "item": word.item}
    return {name: value for name, value in known.items() if value is not None} or None
