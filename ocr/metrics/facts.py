"""Figures of extraction: whose values are right, as printed and as what they mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from ocr.fields import FIELDS, ITEM, Facts
from ocr.metrics.text import ratio
from ocr.metrics.tree import items_tree, tree_accuracy
from ocr.text import letters_and_digits, plain_text
from ocr.types import Record
from ocr.values import parse_amount, parse_date


class Found(Protocol):
    """What was found on a page."""

    @property
    def facts(self) -> Facts:
        """The values."""


def strict(text: str) -> str:
    """A value as SROIE's task 3 compares it: as printed, but for what prints alike, spaces at the ends and letter case.

    SROIE's values are in capitals whatever the print.
    """
    return plain_text(text).upper()


def meant(name: str, text: str) -> str:
    """What a value means: an amount as a number, a date as ISO date, of others the letters and digits in capitals.

    What is no amount or no date stays its letters and digits, which equal those of the same text alone.
    """
    kind = FIELDS.get(name, "text")
    if kind == "amount" and (amount := parse_amount(text)) is not None:
        return format(amount.normalize(), "f")
    if kind == "date" and (day := parse_date(text)) is not None:
        return day.isoformat()
    return letters_and_digits(plain_text(text))


@dataclass(frozen=True, slots=True)
class FactCounts:
    """Counts of one receipt.

    Attributes:
        expected: its fields, 1 each.
        found: all fields that were found.
        exact: fields whose values are equal as printed.
        same: fields whose values mean the same.
        tree: how alike the items are (`ocr.metrics.tree.tree_accuracy`), ``None`` if it has none.
    """

    expected: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    exact: Mapping[str, int] = field(default_factory=dict)
    same: Mapping[str, int] = field(default_factory=dict)
    tree: float | None = None


class ExtractionEvaluator:
    """Figures of the facts of receipts; stateless."""

    main = "fields/same"

    def evaluate_image(self, truth: Facts, found: Found) -> FactCounts:
        """Counts of one receipt.

        Args:
            truth: what it says.
            found: what was found.
        """
        return counts_of(truth, found.facts)

    def summarise(self, counts: Sequence[FactCounts]) -> dict[str, float]:
        """Shares of right values.

        ``fields/exact`` and ``fields/same``: mean over the fields of the share of receipts whose value is equal as
        printed, or means the same; ``fields/<name>/exact`` and ``/same`` of each. ``fields/precision``, ``recall``,
        ``f1``: of all values equal as printed, over the fields that any receipt of the truth has (SROIE's task 3).
        ``items/tree``: mean over the receipts that have items of how alike the found ones are
        (`ocr.metrics.tree.tree_accuracy`).
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
        trees = [each.tree for each in counts if each.tree is not None]
        return figures | ({"items/tree": ratio(sum(trees), len(trees))} if trees else {})


class Agreement(StrEnum):
    """How a value that was found compares with the true one."""

    EXACT = "exact"
    """Equal as printed (`strict`)."""
    SAME = "same"
    """It means the same (`meant`)."""
    WRONG = "wrong"
    """It means something else."""
    MISSED = "missed"
    """None was found."""
    ADDED = "added"
    """The receipt has none."""


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field of a receipt.

    Attributes:
        name: of the field.
        truth: its value; ``None`` if the receipt has none.
        found: the value that was found, likewise.
        agreement: how they compare.
    """

    name: str
    truth: str | None
    found: str | None
    agreement: Agreement

    @property
    def right(self) -> bool:
        """Whether the values mean the same."""
        return self.agreement in (Agreement.EXACT, Agreement.SAME)


def compare_fields(truth: Facts, read: Facts, judged: Collection[str]) -> tuple[ComparedField, ...]:
    """The fields of one receipt, in the order of `FIELDS`, others behind them.

    Args:
        truth: what it says.
        read: what was found.
        judged: fields that annotations of the data state; others that were found are neither right nor wrong.
    """
    expected = {name: value for name, value in truth.fields.items() if strict(value)}
    names = [name for name in [*FIELDS, *expected] if name in expected or (name in read.fields and name in judged)]
    return tuple(compare_field(name, expected.get(name), read.fields.get(name)) for name in dict.fromkeys(names))


def compare_field(name: str, truth: str | None, found: str | None) -> ComparedField:
    """One field, of whose values one may be missing."""
    if truth is None:
        agreement = Agreement.ADDED
    elif found is None:
        agreement = Agreement.MISSED
    elif strict(truth) == strict(found):
        agreement = Agreement.EXACT
    else:
        agreement = Agreement.SAME if meant(name, truth) == meant(name, found) else Agreement.WRONG
    return ComparedField(name, truth, found, agreement)


def counts_of(truth: Facts, read: Facts) -> FactCounts:
    """Counts of one receipt.

    Args:
        truth: what it says.
        read: what was found.
    """
    expected = {name: value for name, value in truth.fields.items() if strict(value)}
    exact = {name: int(strict(read.fields.get(name, "")) == strict(value)) for name, value in expected.items()}
    same = {
        name: int(name in read.fields and meant(name, read.fields[name]) == meant(name, value))
        for name, value in expected.items()
    }
    tree = tree_accuracy(items_tree(truth.items), items_tree(read.items)) if truth.items else None
    return FactCounts(dict.fromkeys(expected, 1), dict.fromkeys(read.fields, 1), exact, same, tree)


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


def facts_of_record(record: Record) -> Facts:
    """What an annotation says of its receipt."""
    labelled = [(word.field, word.item, word.text) for word in record.words.values() if word.field and word.text]
    return facts_of(record.fields, labelled)


def add_facts(report: dict[str, Any], truth: Mapping[str, Facts], found: Mapping[str, Facts]) -> dict[str, Any]:
    """A report (`ocr.metrics.comparison.Comparison.report`) with the figures of facts, overall and of each image in it.

    Args:
        report: the report.
        truth: what each receipt says, by image name.
        found: what was found on each; nothing of images that are not in it.
    """
    evaluator = ExtractionEvaluator()
    counts = {name: counts_of(facts, found.get(name, Facts())) for name, facts in truth.items()}
    report = {**report, "figures": {**report["figures"], **evaluator.summarise(list(counts.values()))}}
    if "per_image" in report:
        report["per_image"] = [{**row, **evaluator.summarise([counts[row["image"]]])} for row in report["per_image"]]
    return report
