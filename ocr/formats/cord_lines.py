"""CORD's categories, and a receipt's words as its lines: groups for items, and the values once more as ``gt_parse``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocr.fields import ITEM
from ocr.formats.common.rounding import plain_points, quad
from ocr.formats.common.writing import by_line
from ocr.types import Record, Word

ETC = "etc"
"""CORD's category for everything else."""
FIELD_OF: Mapping[str, str] = {
    "sub_total.subtotal_price": "subtotal",
    "sub_total.discount_price": "discount",
    "sub_total.service_price": "service",
    "sub_total.tax_price": "tax",
    "total.total_price": "total",
    "total.cashprice": "cash",
    "total.creditcardprice": "card",
    "total.changeprice": "change",
}
"""CORD's categories whose fields have another name."""
CATEGORY_OF = {field: category for category, field in FIELD_OF.items()}
SUB = "sub_"
"""Beginning of the names, in ``menu``, of what an item is made with; ``gt_parse`` has them in a dictionary ``sub``."""


@dataclass(slots=True)
class ValidLine:
    """A line of the file.

    Attributes:
        field: of its words; those that have none are marked ``is_key`` if the line has one.
        item: number of the item, in the record, of a fact of an item.
        rows: its words by printed row.
        group: its ``group_id``.
    """

    field: str | None
    item: int | None
    rows: dict[int, dict[str, Word]]
    group: int = 0

    @property
    def category(self) -> str:
        """The field's name in the file."""
        return ETC if self.field is None else CATEGORY_OF.get(self.field, self.field)

    def words(self) -> Iterator[tuple[int, str, Word]]:
        """The words, each with its row and its key."""
        yield from ((row, key, word) for row, words in self.rows.items() for key, word in words.items())


def field_of(category: str | None) -> str | None:
    """The field of a category."""
    return None if category in (None, ETC) else FIELD_OF.get(category, category)


def is_of_item(field: str | None) -> bool:
    """Whether a field is a fact of an item."""
    return field is not None and field.startswith(ITEM)


def valid_lines(record: Record) -> list[ValidLine]:
    """The lines of a receipt's words that are not ignored; a fact of an item that goes on in the next row is one."""
    lines: list[ValidLine] = []
    rows = by_line((key, word) for key, word in record.words.items() if not word.ignore)
    for row, words in enumerate(rows, start=1):
        labels = {label_of(word) for word in words.values() if word.field is not None}
        sole = next(iter(labels)) if len(labels) == 1 else (None, None)
        parts: dict[tuple[str | None, int | None], dict[str, Word]] = {}
        for key, word in words.items():
            parts.setdefault(sole if word.field is None else label_of(word), {})[key] = word
        for (field, item), part in parts.items():
            if item is not None and lines and (lines[-1].field, lines[-1].item) == (field, item):
                lines[-1].rows[row] = part
            else:
                lines.append(ValidLine(field, item, {row: part}))
    groups: dict[object, int] = {}
    for number, line in enumerate(lines):
        line.group = groups.setdefault(line.item or ("alone", number), len(groups) + 1)
    return lines


def label_of(word: Word) -> tuple[str | None, int | None]:
    """A word's field, and its item if the field is a fact of one."""
    return word.field, word.item if is_of_item(word.field) else None


def misread(word: Word) -> str | None:
    """A word's field that is read as another."""
    return None if field_of(ValidLine(word.field, None, {}).category) == word.field else word.field


def renumbered_items(name: str, lines: Sequence[ValidLine]) -> list[str]:
    """The changes of an image's item numbers: a group of ``menu`` is an item, counted from 1, and no other is."""
    found = []
    items: dict[int, int] = {}
    for line in lines:
        for _, key, word in line.words():
            item = items.setdefault(line.group, len(items) + 1) if is_of_item(word.field) else None
            if item != word.item:
                found.append(f"{name}, word {key}: item {word.item} is {item}")
    return found


def gt_parse(lines: Sequence[ValidLine]) -> dict[str, Any] | None:
    """The values by category, as texts; ``None`` if the text of a labelled word is unknown, or two names clash.

    Several values of a category, or of a fact of an item, are a list, and so are several items.
    """
    plain: dict[str, Any] = {}
    sections: dict[str, dict[int, dict[str, Any]]] = {}
    for line in lines:
        if line.category == ETC:
            continue
        texts = [word.text for _, _, word in line.words() if word.field is not None]
        if None in texts:
            return None
        section, dot, name = line.category.partition(".")
        group = line.group if is_of_item(line.field) else 0
        into, name = (sections.setdefault(section, {}).setdefault(group, {}), name) if dot else (plain, section)
        if name == SUB[:-1]:
            return None
        if is_of_item(line.field) and name.startswith(SUB):
            into, name = into.setdefault(SUB[:-1], {}), name.removeprefix(SUB)
        into[name] = beside(into.get(name), " ".join(text or "" for text in texts))
    if plain.keys() & sections.keys():
        return None
    several = {section: list(groups.values()) for section, groups in sections.items()}
    return plain | {section: found if len(found) > 1 else found[0] for section, found in several.items()}


def beside(earlier: Any, value: str) -> Any:
    """A value, in a list with the earlier ones if there are any."""
    return value if earlier is None else [*(earlier if isinstance(earlier, list) else [earlier]), value]


def line_entry(record: Record, line: ValidLine) -> dict[str, Any]:
    """The file's entry of one line."""
    words = [
        {
            "quad": quad_entry(record, word),
            "is_key": int(line.field is not None and word.field is None),
            "row_id": row,
            "text": word.transcription or "",
        }
        for row, _, word in line.words()
    ]
    return {"words": words, "category": line.category, "group_id": line.group, "sub_group_id": 0}


def quad_entry(record: Record, word: Word) -> dict[str, float | int]:
    """The file's entry of a polygon."""
    return {
        f"{axis}{n}": value
        for n, point in enumerate(plain_points(quad(word.points_N2, record)), start=1)
        for axis, value in zip("xy", point, strict=True)
    }
