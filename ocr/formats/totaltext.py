"""Total-Text (Ch'ng and Chan, ICDAR 2017), its text form: ``poly_gt_<image>.txt``, one polygon per entry.

An entry is ``x: [[115 503 494 115]], y: [[322 346 426 404]], ornt: [u'm'], transcriptions: [u'nauGHTY']``: numbers as
NumPy prints them, wrapped to several rows if there are many, and texts as Python 2 writes them. ``ornt`` is ``c``
curved, ``m`` slanted, ``h`` horizontal; ``#``, there or as the transcription, marks an ignored word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.marks import mark_losses, marked_text, marked_word
from ocr.formats.common.paired import check_characters, finite_numbers, read_pairs, read_rows, write_pairs
from ocr.formats.common.reading import polygon, quoted
from ocr.formats.common.rounding import box, shape_losses, whole
from ocr.formats.common.writing import label_losses, line_losses, renumbered
from ocr.types import FloatArray, Record, Word

OWN = ("images", "gt")
LAYOUTS = (
    OWN,
    ("Images/Train", "Groundtruth/Polygon/Train"),
    ("Images/Test", "Groundtruth/Polygon/Test"),
    ("Images/Train", "txt_format/Train"),
    ("Images/Test", "txt_format/Test"),
)
NAMED = re.compile(r"poly_gt_(?P<stem>.+)\.txt", re.IGNORECASE)
MARK = "#"
START = "x:"
ENTRY = re.compile(
    r"x:\s*\[\[(?P<x>[^\]]*)\]\]\s*,\s*y:\s*\[\[(?P<y>[^\]]*)\]\]\s*,"
    r"\s*ornt:\s*\[(?P<ornt>[^\]]*)\]\s*,\s*transcriptions:\s*\[(?P<text>.*)\]\s*"
)
LITERAL = re.compile(r"""\s*u?(?P<quote>['"])(?P<text>(?:[^\\]|\\.)*)(?P=quote)\s*""")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
QUAD = 4


def read_totaltext(source: Path) -> ForeignData:
    """Read the folder of the data set, or one folder of text files if training and test set lie side by side.

    Raises:
        AnnotationError: the layout is not Total-Text's.
    """
    return read_pairs(source, LAYOUTS, NAMED, read_words)


def read_words(path: Path, sparing: Sparing) -> dict[str, Word]:
    """The words of one image by their number."""
    entries: list[tuple[int, str]] = []
    for number, row in read_rows(path):
        if entries and not row.startswith(START):
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {row}")
        else:
            entries.append((number, row))
    words = {}
    for index, (number, entry) in enumerate(entries, start=1):
        with sparing():
            words[f"{index:04d}"] = read_entry(entry, f"{path}, row {number}")
    return words


def read_entry(entry: str, where: str) -> Word:
    """One entry as a word.

    Raises:
        AnnotationError: the entry is not UTF-8 or has another form, x and y differ in number, or the text is invalid.
    """
    check_characters(entry, where)
    match = ENTRY.fullmatch(entry)
    if match is None:
        raise AnnotationError(
            f"{where}: {quoted(entry)} is not 'x: [[...]], y: [[...]], ornt: [u'.'], transcriptions: [u'...']'; "
            "correct or remove it"
        )
    xs, ys = match["x"].split(), match["y"].split()
    if len(xs) != len(ys):
        raise AnnotationError(f"{where}: {quoted(entry)} has {len(xs)} x and {len(ys)} y; complete or remove it")
    numbers = [finite_numbers(values, len(values), entry, where) for values in (xs, ys)]
    word = marked_word(polygon(zip(*numbers, strict=True)), read_text(match["text"], where), (MARK,))
    return replace(word, ignore=word.ignore or MARK in match["ornt"])


def read_text(literal: str, where: str) -> str | None:
    """A text written as a Python string; ``None`` if it is missing."""
    if not literal.strip():
        return None
    match = LITERAL.fullmatch(literal)
    try:
        if match is None:
            raise ValueError("it must be one text in quotes")
        # Python 2 may have written a character beyond 16 bits as two surrogates.
        return ESCAPE.sub(unescaped, match["text"]).encode("utf-16", "surrogatepass").decode("utf-16")
    except (ValueError, OverflowError) as error:
        raise AnnotationError(f"{where}: the transcription {quoted(literal)} is wrong ({error}); correct it") from error


def unescaped(match: re.Match[str]) -> str:
    """The character of an escape; an escape that Python does not know is kept."""
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else CONTROLS.get(code, match[0])


def write_totaltext(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``images/`` and ``gt/poly_gt_*.txt`` of a split into ``output/<split>/``.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same stem.
    """

    def rows(record: Record) -> Iterator[str]:
        for word in record.words.values():
            points_N2 = whole(word.points_N2).astype(int)
            x, y = (" ".join(map(str, values)) for values in points_N2.T.tolist())
            text = marked_text(word, MARK)
            kind = MARK if word.ignore else orientation(word.points_N2)
            yield f"x: [[{x}]], y: [[{y}]], ornt: [u'{kind}'], transcriptions: [u{text!r}]"

    write_pairs(records, OWN, output / split, "poly_gt_{stem}.txt", rows)
    return [
        *shape_losses(records, lambda points_N2, _: whole(points_N2)),
        *mark_losses(records, (MARK,)),
        *line_losses(records),
        *label_losses(records),
        *renumbered(records),
    ]


def orientation(points_N2: FloatArray) -> str:
    """``c`` for more than four corners, ``h`` for an upright box, ``m`` for any other polygon."""
    if len(points_N2) > QUAD:
        return "c"
    rounded = whole(points_N2)
    return "h" if len(rounded) == QUAD and np.array_equal(rounded, box(rounded)) else "m"
