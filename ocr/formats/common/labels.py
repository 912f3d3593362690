"""What the words of a receipt say: labels (`Word.field`, `Word.item`) and values (`Record.fields`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from ocr.fields import ITEM
from ocr.formats.common.reading import as_element
from ocr.geometry import mean_x
from ocr.types import Record, Word

MAX_LABEL = 100
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LABEL)]
"""Name of a field: one of `ocr.fields.FIELDS`, or any other."""
ItemNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


def read_fields(values: Mapping[str, Any] | None, where: str) -> dict[str, str]:
    """A receipt's values by field, each checked; null is an unknown value and left out.

    Raises:
        AnnotationError: a name is empty or too long, or a value is not text.
    """
    return {
        as_element(name, Label, f"{where}, name of a field"): as_element(value, str, f"{where}, field {name!r}")
        for name, value in (values or {}).items()
        if value is not None
    }


def check_labels(record: Record, where: str) -> None:
    """Refuse labels that the native format does not allow.

    Raises:
        AnnotationError: a field's name is empty or has more than `MAX_LABEL` characters, or an item is not from 1.
    """
    read_fields(record.fields, where)
    for key, word in record.words.items():
        if word.field is not None:
            as_element(word.field, Label, f"{where}, word {key!r}, field")
        if word.item is not None:
            as_element(word.item, ItemNumber, f"{where}, word {key!r}, item")


def values_of(record: Record) -> dict[str, str]:
    """The receipt's own values by field: `Record.fields` if it has any, else what its labelled words say.

    The words of a field are joined in reading order by single spaces. A field is left out if one of its words has no
    text (`Word.text`), and so are ignored words and the facts of items, of which a receipt has several.
    """
    if record.fields:
        return record.fields
    words: dict[str, list[Word]] = {}
    for word in record.words.values():
        if word.field is not None and not word.field.startswith(ITEM) and not word.ignore:
            words.setdefault(word.field, []).append(word)
    values = {name: joined_text(found) for name, found in words.items()}
    return {name: value for name, value in values.items() if value is not None}


def joined_text(words: Iterable[Word]) -> str | None:
    """The texts of words in reading order, joined by single spaces; ``None`` if one has no text."""
    texts = [word.text for word in in_reading_order(words)]
    return None if None in texts else " ".join(part for text in texts for part in (text or "").split())


def in_reading_order(words: Iterable[Word]) -> list[Word]:
    """Words by their line numbers if all have one, else from row to row; those of a line or row from left to right."""
    found = sorted(words, key=lambda word: mean_x(word.points_N2))
    if all(word.line is not None for word in found):
        return sorted(found, key=lambda word: word.line or 0)
    rows: list[list[Word]] = []
    for word in sorted(found, key=middle):
        # A word is on the row if its middle is above the lower edge of the row's first word.
        if rows and middle(word) < rows[-1][0].points_N2[:, 1].max():
            rows[-1].append(word)
        else:
            rows.append([word])
    return [word for row in rows for word in sorted(row, key=lambda word: mean_x(word.points_N2))]


def middle(word: Word) -> float:
    """Mean y of a word's points, by which words are parted into rows."""
    return float(word.points_N2[:, 1].mean())
