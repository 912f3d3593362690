"""Figures of extraction: whose values are right, as printed and as what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ocr.fields import FIELDS, ITEM, Facts, parse_amount, parse_date
from ocr.metrics.text import ratio
from ocr.text import plain_text


class Found(Protocol):
    """What was found on a page."""

    @property
    def facts(self) -> Facts:
        """The values."""


def strict(text: str) -> str:
    """A value as SROIE's task 3 compares it: as printed, but for what prints alike and spaces at the ends."""
    return plain_text(text)


def meant(name: str, text: str) -> str:
    """What a value means: an amount as a number, a date as ISO date, of others the letters and digits in capitals.

    What is no amount or no date stays its letters and digits, which equal those of the same text alone.
    """
    kind = FIELDS.get(name, "text")
    if kind == "amount" and (amount := parse_amount(text)) is not None:
        return format(amount.normalize(), "f")
    if kind == "date" and (day := parse_date(text)) is not None:
        return day.isoformat()
    return "".join(letter for letter in plain_text(text).upper() if letter.isalnum())


@dataclass(frozen=True, slots=True)
class FactCounts:
    """Counts of one receipt.

    Attributes:
        expected: its fields, 1 each.
        found: fields that were found, of those that the data set states for any receipt.
        exact: fields whose values are equal as printed.
        same: fields whose values mean the same.
        items: values of items, expected and found.
        items_found: those that were found.
        items_same: those that mean the same, in items that match in order.
    """

    expected: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    exact: Mapping[str, int] = field(default_factory=dict)
    same: Mapping[str, int] = field(default_factory=dict)
    items: int = 0
    items_found: int = 0
    items_same: int = 0


class ExtractionEvaluator:
    """Figures of the facts of receipts; stateless."""

    main = "fields/same"

    def evaluate_image(self, truth: Facts, found: Found) -> FactCounts:
        """Counts of one receipt.

        Args:
            truth: what it says.
            found: what was found.
        """
        read = found.facts
        expected = {name: value for name, value in truth.fields.items() if strict(value)}
        exact = {name: int(strict(read.fields.get(name, "")) == strict(value)) for name, value in expected.items()}
        same = {
            name: int(name in read.fields and meant(name, read.fields[name]) == meant(name, value))
            for name, value in expected.items()
        }
        wanted = [(n, key, meant(key, text)) for n, item in enumerate(truth.items) for key, text in item.items()]
        given = [(n, key, meant(key, text)) for n, item in enumerate(read.items) for key, text in item.items()]
        return FactCounts(
            dict.fromkeys(expected, 1),
            dict.fromkeys(read.fields, 1),
            exact,
            same,
            len(wanted),
            len(given) if truth.items else 0,
            len(set(wanted) & set(given)),
        )

    def summarise(self, counts: Sequence[FactCounts]) -> dict[str, float]:
        """Shares of right values.

        ``fields/exact`` and ``fields/same``: mean over the fields of the share of receipts whose value is equal as
        printed, or means the same; ``fields/<name>/exact`` and ``/same`` of each. ``fields/precision``, ``recall``,
        ``f1``: of all values equal as printed, over the fields that any receipt of the truth has (SROIE's task 3).
        ``items/f1``: of the values of items, each with its item's number.
        """
        names = [name for name in FIELDS if any(name in each.expected for each in counts)]
        figures: dict[str, float] = {}
        for kind, right in (("exact", [each.exact for each in counts]), ("same", [each.same for each in counts])):
            shares = {
                name: ratio(sum(each.get(name, 0) for each in right), sum(e.expected.get(name, 0) for e in counts))
                for name in names
            }
            figures |= {f"fields/{kind}": ratio(sum(shares.values()), len(shares))}
            figures |= {f"fields/{name}/{kind}": share for name, share in shares.items()}
        hits = sum(sum(each.exact.values()) for each in counts)
        expected = sum(len(each.expected) for each in counts)
        found = sum(name in names for each in counts for name in each.found)
        figures |= {"fields/recall": ratio(hits, expected), "fields/precision": ratio(hits, found)}
        figures["fields/f1"] = ratio(2 * hits, expected + found)
        items, items_found = sum(each.items for each in counts), sum(each.items_found for each in counts)
        if items:
            figures["items/f1"] = ratio(2 * sum(each.items_same for each in counts), items + items_found)
        return figures


def facts_of(fields: Mapping[str, str], labelled: Sequence[tuple[str, int | None, str]]) -> Facts:
    """The facts of an annotation.

    Args:
        fields: the receipt's values; they come before what labelled regions say.
        labelled: field, item and text of labelled regions, in reading order.
    """
    values: dict[str, str] = {}
    items: dict[int, dict[str, str]] = {}
    for name, item, text in labelled:
        into = items.setdefault(item or 0, {}) if name.startswith(ITEM) else values
        into[name] = f"{into[name]} {text}" if name in into else text
    return Facts({**values, **fields}, tuple(items[number] for number in sorted(items)))
