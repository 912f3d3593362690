"""Print and write the figures and settings of runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ocr.utils.csv_text import csv_text
from ocr.utils.whole_file import whole_file


def report_figures(figures: Mapping[str, float], provenance: Mapping[str, Any], folder: str) -> None:
    """`print_figures`, and `write_figures` into ``metrics.json`` of a run's folder."""
    print_figures(figures)
    write_figures(figures, provenance, Path(folder) / "metrics.json")


def print_figures(figures: Mapping[str, float]) -> None:
    """Print figures named ``<split>/<figure>`` as a table with one column per split."""
    splits = list(dict.fromkeys(name.split("/", 1)[0] for name in figures))
    table = Table("figure", *splits)
    for name in dict.fromkeys(name.split("/", 1)[1] for name in figures):
        values = [figures.get(f"{split}/{name}") for split in splits]
        table.add_row(name, *("" if value is None else in_digits(value) for value in values))
    Console().print(table)


def in_digits(value: float) -> str:
    """Counts as whole numbers, rates with four decimals."""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) > 1 else f"{value:.4f}"


def write_figures(figures: Mapping[str, float], provenance: Mapping[str, Any], path: Path) -> None:
    """Write figures, nested by split, and their provenance, atomically."""
    nested: dict[str, dict[str, float]] = {}
    for name, value in figures.items():
        split, figure = name.split("/", 1)
        nested.setdefault(split, {})[figure] = float(value)
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps({**nested, **provenance}, indent=2) + "\n", encoding="utf-8")


def print_settings(columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Print settings of the same names as a table with one column each; values that differ from the first are bold."""
    table = Table("setting", *columns)
    first, *_ = columns.values()
    for name in first:
        values = [settings[name] for settings in columns.values()]
        table.add_row(name, *(f"[bold]{value}[/bold]" if value != values[0] else str(value) for value in values))
    Console().print(table)


def write_tried(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the points of a search as a CSV file, one per line, atomically."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table: list[list[Any]] = [names, *([row.get(name) for name in names] for row in rows)]
    with whole_file(path) as temporary:
        temporary.write_text(csv_text(table, end="\r\n"), encoding="utf-8", newline="")
