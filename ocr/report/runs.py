"""Print and write tables of runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ocr.report.figures import in_digits
from ocr.types import InputError
from ocr.utils.csv_text import csv_text
from ocr.utils.printable import plural, printable
from ocr.utils.whole_file import whole_file

MAIN = ("cleval/hmean", "iou50/hmean", "text/line_accuracy", "text/cer_bare", "fields/same")
"""The figures that a table has room for, if a run has them."""
ORIGIN = {"seed": "seed", "data": "data_md5", "revision": "git_revision"}
"""Columns that only a wide terminal has, with their names in a row."""
WIDE = 120
"""Columns of characters from which a terminal is wide."""


def main_figures(figures: Mapping[str, float]) -> str:
    """The main figures in brief: ``val/cleval/hmean 0.9123``; the test's, if there was one."""
    split = "test" if any(name.startswith("test/") for name in figures) else "val"
    return ", ".join(
        f"{split}/{name} {in_digits(figures[f'{split}/{name}'])}" for name in MAIN if f"{split}/{name}" in figures
    )


def duration(seconds: float | None) -> str:
    """Seconds as ``1:02:03``."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def epochs_done(row: Mapping[str, Any]) -> str:
    """``3/4``."""
    return f"{row['epochs']}/{row['max_epochs']}" if row["max_epochs"] else str(row["epochs"])


def print_runs(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print runs as a table, and how many there are in each state.

    Each figure has a line. A narrow terminal shows neither seed nor digest of the data nor revision, and a run's name
    on several lines.
    """
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE  # a file or a pipe has room
    origin = ORIGIN if console.width >= WIDE else {}
    table = Table("run", "state", "epochs", "duration", *origin, "figures", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns[1:-1]:
        column.no_wrap = True
    table.columns[0].overflow = table.columns[-1].overflow = "fold"
    for row in rows:
        figures = main_figures(row["figures"]).replace(", ", "\n")
        last = printable(row["reason"]) if row["state"] == "failed" else figures
        about = (printable(str("" if row[name] is None else row[name]))[:8] for name in origin.values())
        name = printable(row["run"])
        cells = (
            *(name if origin else name.replace("/", "/\n"), printable(row["state"])),
            *(epochs_done(row), duration(row["wall_time_s"]), *about, last),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))  # no markup
    console.print(table)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    console.print(", ".join([plural(len(rows), "run"), *(f"{count} {state}" for state, count in counts.items())]))


def write_runs(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write runs to a ``.csv`` file, with a column for each figure, or to a ``.json`` file, atomically.

    Args:
        rows: the runs.
        path: the file.

    Raises:
        InputError: the file has another ending.
    """
    if path.suffix not in {".csv", ".json"}:
        raise InputError(f"output={path}: give a file that ends in .csv or .json")
    with whole_file(path) as temporary:
        if path.suffix == ".json":
            temporary.write_text(json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        else:
            temporary.write_text(csv_text(csv_table(rows)), encoding="utf-8", newline="")


def csv_table(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The header and a line for each run, with a column for each figure that any of them has."""
    names = [name for name in (rows[0] if rows else {"run": None, "state": None}) if name != "figures"]
    figures = list(dict.fromkeys(name for row in rows for name in row["figures"]))
    lines = [[*(row[name] for name in names), *(row["figures"].get(name) for name in figures)] for row in rows]
    return [[*names, *figures], *lines]
