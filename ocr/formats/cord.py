"""CORD v2 (Park et al., 2019): ``json/<name>.json`` beside ``image/<name>.png``, one folder per split.

A file holds ``valid_line``: the words of one field of a receipt (``menu.nm``), each with a quad ``x1 ... y4`` in the
image's pixels, ``text`` and the ``row_id`` of the printed row. A field's words on one row become a text line.
``repeating_symbol`` (rules such as ``-----``) and ``dontcare`` are lists of lists of ignored quads. The meaning of the
fields (``category``, ``is_key``, ``gt_parse``) and the receipt's place (``roi``) are not read.
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
from ocr.formats.common.marks import UNKNOWN, unknown
from ocr.formats.common.paired import read_each
from ocr.formats.common.reading import Length, as_element, polygon, read_json
from ocr.formats.common.rounding import plain_points, quad, shape_losses
from ocr.formats.common.writing import (
    by_line,
    loss_lines,
    no_place,
    place_images,
    renumbered,
    renumbered_lines,
    size_of,
    summed_up,
    write_json,
)
from ocr.types import FloatArray, Record, Word

LAYOUT = ("image", "json")
NAMED = re.compile(r"(?P<stem>.+)\.json", re.IGNORECASE | re.DOTALL)
FIELD = "etc"
"""CORD's category for everything else."""


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


class CordLine(msgspec.Struct):
    """The words of one field."""

    words: list[Any]


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
    """The words of all fields; those of one field on one row form a line, counted from 1."""
    words = []
    lines: dict[tuple[int, int | None], int] = {}
    for number, raw_line in enumerate(fields):
        where = f"{path}: valid_line {number}"
        field = CordLine([])
        with sparing():
            field = as_element(raw_line, CordLine, where)
        for place, raw in enumerate(field.words):
            with sparing():
                word = as_element(raw, CordWord, f"{where}, word {place}")
                line = lines.setdefault((number, word.row_id), len(lines) + 1)
                words.append(Word(corners(word.quad), word.text, line=line))
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
    ordered = []
    for number, (record, image) in enumerate(zip(records, places, strict=True)):
        lines = by_line((key, word) for key, word in record.words.items() if not word.ignore)
        ignored = {key: word for key, word in record.words.items() if word.ignore}
        width, height = size_of(record, image)
        size = {"width": width, "height": height}
        content = {
            "meta": {"version": "2.0.0", "split": split, "image_id": number, "image_size": size},
            "valid_line": [line_entry(record, line, row) for row, line in enumerate(lines, start=1)],
            "roi": {},
            "repeating_symbol": [],
            "dontcare": [[quad_entry(record, word) for word in ignored.values()]] if ignored else [],
        }
        write_json(content, jsons / f"{image.stem}.json")
        numbers += renumbered_lines(record.name, lines)
        ordered.append(replace(record, words={key: word for line in [*lines, ignored] for key, word in line.items()}))
    return [
        *shape_losses(records, quad),
        *no_place(records, UNKNOWN, lambda word: None if word.ignore else unknown(word)),
        *loss_lines(
            records, "is ignored, so the file cannot hold", lambda word: word_keys(word) if word.ignore else None
        ),
        *summed_up("line numbers", numbers),
        *renumbered(ordered),
    ]


def word_keys(word: Word) -> dict[str, str | int] | None:
    """A word's text and line, if known."""
    known = {"transcription": word.transcription, "line": word.line}
    return {name: value for name, value in known.items() if value is not None} or None


def line_entry(record: Record, line: dict[str, Word], row: int) -> dict[str, Any]:
    """The file's entry of one text line."""
    words = [
        {"quad": quad_entry(record, word), "is_key": 0, "row_id": row, "text": word.transcription or ""}
        for word in line.values()
    ]
    return {"words": words, "category": FIELD, "group_id": row, "sub_group_id": 0}


def quad_entry(record: Record, word: Word) -> dict[str, float | int]:
    """The file's entry of a polygon."""
    return {
        f"{axis}{n}": value
        for n, point in enumerate(plain_points(quad(word.points_N2, record)), start=1)
        for axis, value in zip("xy", point, strict=True)
    }
