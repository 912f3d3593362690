"""The settings of a postprocess side by side, and every one that was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ocr.utils.csv_text import csv_text
from ocr.utils.whole_file import whole_file


def print_settings(columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Print settings of the same names as a table with one column each; a value that is not the first's is bold."""
    table = Table("setting", *columns)
    first, *_ = columns.values()
    for name in first:
        values = [settings[name] for settings in columns.values()]
        table.add_row(name, *(f"[bold]{value}[/bold]" if value != values[0] else str(value) for value in values))
    Console().print(table)


def write_tried(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the points of a search as a CSV file, one a line; the file is whole or not there."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table: list[list[Any]] = [names, *([row.get(name) for name in names] for row in rows)]
    with whole_file(path) as temporary:
        temporary.write_text(csv_text(table, end="\r\n"), encoding="utf-8", newline="")
