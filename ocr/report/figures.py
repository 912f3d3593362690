"""The figures of a run as a table and as ``metrics.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ocr.utils.whole_file import whole_file


def print_figures(figures: Mapping[str, float]) -> None:
    """Print figures named ``<split>/<figure>`` as a table with one column a split."""
    splits = list(dict.fromkeys(name.split("/", 1)[0] for name in figures))
    table = Table("figure", *splits)
    for name in dict.fromkeys(name.split("/", 1)[1] for name in figures):
        values = [figures.get(f"{split}/{name}") for split in splits]
        table.add_row(name, *("" if value is None else shown(value) for value in values))
    Console().print(table)


def shown(value: float) -> str:
    """Counts as whole numbers, rates with four digits."""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) > 1 else f"{value:.4f}"


def write_figures(figures: Mapping[str, float], provenance: Mapping[str, Any], path: Path) -> None:
    """Write figures, nested by split, and what they come from; the file is whole or not there."""
    nested: dict[str, dict[str, float]] = {}
    for name, value in figures.items():
        split, figure = name.split("/", 1)
        nested.setdefault(split, {})[figure] = float(value)
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps({**nested, **provenance}, indent=2) + "\n", encoding="utf-8")
