"""The flaws of a data set in a report, and as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocr.types import FloatArray
from ocr.utils.printable import printable

COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a flaw.

    Attributes:
        place: split, image and word, as text.
        value: what was found there.
        path: the image, ``None`` if there is no picture to show.
        points_N2: float32 polygon in pixels of the upright image, ``None`` for the whole image.
    """

    place: str
    value: str
    path: Path | None = None
    points_N2: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A kind of flaw that was found.

    Attributes:
        code: its code.
        severity: ``error``, ``warning`` or ``note``.
        meaning: the flaw, in one line.
        fix: the remedy, in one line.
        count: number of findings.
        images: number of images with the flaw.
        examples: some of the findings.
    """

    code: str
    severity: str
    meaning: str
    fix: str
    count: int
    images: int
    examples: Sequence[Example]


def print_flaws(flaws: Sequence[Flaw], tallies: Mapping[str, Mapping[str, int]]) -> None:
    """Print a table of the flaws with their examples and fixes, and one of what was checked.

    Args:
        flaws: worst first.
        tallies: numbers by what was counted, and by state; the first column is what was checked.
    """
    console = Console()
    if flaws:
        table = Table("flaw", "found", "meaning, examples, fix", show_lines=True)
        table.columns[1].justify = "right"
        table.columns[0].no_wrap = True
        for flaw in flaws:
            lines = [escape(flaw.meaning)]
            lines += [
                f"[dim]{escape(printable(f'{each.place}: {each.value}'.rstrip(': ')))}[/]" for each in flaw.examples
            ]
            if flaw.count > len(flaw.examples):
                lines.append(f"[dim]... and {flaw.count - len(flaw.examples)} more in {flaw.images} images[/]")
            table.add_row(
                f"[{COLOURS[flaw.severity]}]{flaw.code}[/]\n{flaw.severity}",
                str(flaw.count),
                "\n".join([*lines, f"[green]→ {escape(flaw.fix)}[/]"]),
            )
        console.print(table, highlight=False)
    columns = list(next(iter(tallies.values()), {}))
    counted = Table("", *columns)
    for name, tally in tallies.items():
        counted.add_row(escape(printable(name)), *(str(tally[column]) for column in columns))
    for column in counted.columns[1:]:
        column.justify = "right"
    console.print(counted, highlight=False)
