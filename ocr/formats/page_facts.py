"""The facts of pages that were read: in the native format's entries, and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ocr.fields import FIELDS, ITEM
from ocr.formats.common.rounding import as_written, plain_points
from ocr.page import Fact, Page, PageFacts
from ocr.utils.csv_text import csv_text

TABLES = ("receipts", "items")
"""Names of the tables beside the one of lines."""
VALUED = ("phone", "date", "amount")
"""Kinds of fields whose normal form stands in a further column."""
Labels = dict[int, dict[tuple[str, int | None], set[int]]]
"""By index of a line: field and item -> places of the characters that state it."""


def facts_entry(facts: PageFacts) -> dict[str, Any]:
    """What an image's entry has beside its words.

    ``fields`` are the values by name, as the format has them; ``items`` likewise, in the order of print. ``sums`` has
    the ``verdict``, each sum that can be computed, and what was changed. ``facts`` has the ``currency`` and of each
    value its ``confidence``, ``value`` (to compute with, or null) and ``polygons``, one for each word.
    """
    sums = {
        "verdict": facts.sums.verdict,
        "sums": [{"name": each.name, "text": each.text, "difference": each.difference} for each in facts.sums.sums],
        "changed": {place: {"read": read, "chosen": chosen} for place, (read, chosen) in facts.sums.changed.items()},
    }
    about = {
        "currency": facts.currency,
        "fields": details(facts.fields),
        "items": [details(item) for item in facts.items],
    }
    items = [{name: fact.text for name, fact in item.items()} for item in facts.items]
    fields = {name: fact.text for name, fact in facts.fields.items()}
    return {"fields": fields, "items": items, "sums": sums, "facts": about}


def details(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """Confidence, value and polygons of facts by name; a polygon without area in hundredths of a pixel is left out."""
    found = {}
    for name, fact in facts.items():
        polygons = [as_written(part.points_N2) for part in fact.parts]
        found[name] = {
            "confidence": round(fact.confidence, 4),
            "value": fact.value,
            "polygons": [plain_points(points_N2) for points_N2 in polygons if points_N2 is not None],
        }
    return found


def labels_of(page: Page) -> Labels:
    """Which characters of which lines state a fact."""
    labels: Labels = {}
    for name, item, fact in page.facts.each() if page.facts else ():
        for part in fact.parts:
            labels.setdefault(part.line, {}).setdefault((name, item), set()).update(range(part.start, part.end))
    return labels


def label_of(labels: Labels, line: int, start: int, text: str) -> tuple[str | None, int | None]:
    """The field, and perhaps item, that a part of a line states wholly: with all its letters and digits.

    Args:
        labels: of the page.
        line: index of the line.
        start: place of the part's first character in the line's text.
        text: of the part.
    """
    inked = {place for place, letter in enumerate(text, start) if letter.isalnum()}
    for label, places in labels.get(line, {}).items():
        if inked and inked <= places:
            return label
    return None, None


def table_path(path: Path, name: str) -> Path:
    """The path of one of `TABLES` beside ``predictions.json`` or the file of a shard."""
    return path.with_name(path.name.replace("predictions", name, 1)).with_suffix(".csv")


def receipts_csv(pages: Mapping[str, Page]) -> bytes:
    """A row for each receipt: its fields as printed, numbers and dates in normal form too, and what sums say.

    The columns are ``filename``, those of `FIELDS` that are not of items, each phone number, date and amount followed
    by its ``<name>_value``, then ``currency`` and ``sums``. What was not found is empty.

    Args:
        pages: by image name; those whose facts were not looked for have no row.
    """
    names = [name for name in FIELDS if not name.startswith(ITEM)]
    rows: list[list[object]] = [["filename", *columns(names), "currency", "sums"]]
    for image, page in pages.items():
        if page.facts:
            rows.append([image, *cells(names, page.facts.fields), page.facts.currency, page.facts.sums.verdict])
    return csv_text(rows).encode()


def items_csv(pages: Mapping[str, Page]) -> bytes:
    """A row for each item that was bought: ``filename``, its number ``item``, and its fields as in receipts.

    Args:
        pages: by image name.
    """
    names = [name for name in FIELDS if name.startswith(ITEM)]
    rows: list[list[object]] = [["filename", "item", *columns(names)]]
    for image, page in pages.items():
        for number, item in enumerate(page.facts.items if page.facts else (), start=1):
            rows.append([image, number, *cells(names, item)])
    return csv_text(rows).encode()


def columns(names: list[str]) -> Iterator[str]:
    """The columns of fields, without the beginning of an item's names."""
    for name in names:
        yield name.removeprefix(ITEM)
        if FIELDS[name] in VALUED:
            yield f"{name.removeprefix(ITEM)}_value"


def cells(names: list[str], facts: Mapping[str, Fact]) -> Iterator[str | None]:
    """The cells of one row in the same order."""
    for name in names:
        fact = facts.get(name)
        yield fact.text if fact else None
        if FIELDS[name] in VALUED:
            yield fact.value if fact else None
