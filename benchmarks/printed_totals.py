"""Count how annotators wrote totals whose only print has a currency: with it, or the number alone.

    .venv/bin/python benchmarks/printed_totals.py data=<native data set> [split=train,val] [granularity=word]

A total is printed "alone" (``33.90``, also where a region of its own has the currency), "joined" (``RM33.90``) or
"spaced" (``RM 33.90``); in "several" of these ways; or "nowhere", if no region has the number of the annotation. "At
most right" is the largest number of receipts of a kind that one rule for the kind gets as annotated; of those with
several prints it is all. No reader can be expected to get more exact values than their sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from rich.table import Table

from benchmarks.options import parsed, run, several, table_console
from ocr.data.regions import Granularity, regions_of
from ocr.formats.native import read_native
from ocr.metrics.facts import facts_of_record

OPTIONS = {"data": "mine", "split": "train,val", "granularity": "word"}
PATHS = frozenset({"data"})
CURRENCY = r"(?:RM|MYR|[$€£])"


def kind_of(number: str, texts: Iterable[str]) -> str:
    """How a page prints a number: ``alone``, ``joined``, ``spaced``, ``several`` or ``nowhere``.

    Args:
        number: digits and marks, without currency.
        texts: of the page's regions.
    """
    pattern = re.compile(rf"({CURRENCY})?(\s*)(?<![\d.,]){re.escape(number)}(?!\d|[.,]\d)", re.IGNORECASE)
    kinds = {
        "alone" if not found[1] else "spaced" if found[2] else "joined"
        for text in texts
        for found in pattern.finditer(text)
    }
    return "several" if len(kinds) > 1 else min(kinds, default="nowhere")


def table(split: str, counts: Counter[tuple[str, bool]]) -> Table:
    """The counts of a split by kind of print, and whether the annotation has the currency."""
    total = sum(counts.values())
    result = Table(title=f"{split}: {total} receipts", title_justify="left")
    for heading in ("printed", "annotated with the currency", "the number alone", "at most right"):
        result.add_column(heading)
    best = 0
    for kind in ("alone", "joined", "spaced", "several", "nowhere"):
        having, lacking = counts[kind, True], counts[kind, False]
        right = {"several": having + lacking, "nowhere": 0}.get(kind, max(having, lacking))
        best += right
        result.add_row(kind, str(having), str(lacking), str(right))
    result.add_row("all", "", "", f"{best} ({100 * best / max(total, 1):.1f}%)")
    return result


def main(arguments: Sequence[str]) -> None:
    """Count and print.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, PATHS)
    data = Path(given["data"])
    console = table_console()
    for split in several(given["split"]):
        counts: Counter[tuple[str, bool]] = Counter()
        for record in read_native(data / "jsons" / f"{split}.json"):
            if total := facts_of_record(record).fields.get("total"):
                number = re.sub(rf"{CURRENCY}|\s", "", total, flags=re.IGNORECASE)
                texts = [word.text or "" for word in regions_of(record, cast(Granularity, given["granularity"]))]
                counts[kind_of(number, texts), number != total.strip()] += 1
        console.print(table(split, counts))


if __name__ == "__main__":
    run(main)
