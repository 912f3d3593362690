"""The table of `benchmarks/compare.py`: a row per detector, and the mean and spread of ours if there are several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich import box
from rich.markup import escape
from rich.table import Table

from benchmarks.options import table_console
from benchmarks.standing import Standing

FIGURES = {
    "CLEval H": "cleval/hmean",
    "R": "cleval/recall",
    "P": "cleval/precision",
    "IoU50 H": "iou50/hmean",
    "IoU70 H": "iou70/hmean",
}
"""Title of each column of figures, and the figure's name."""

READING_FIGURES = {
    "CLEval e2e H": "cleval_e2e/hmean_bare",
    "matched: CER": "text_matched/cer_bare",
    "lines": "text_matched/line_accuracy",
    "all-in: CER": "text_all/cer_bare",
    "with spaces": "text_all/cer_folded",
    "lines right": "text_all/line_accuracy",
    "page: CER": "text_page/cer_bare",
    "amounts wrong": "text_page/amounts_wrong",
    "words F1": "text_words/hmean",
}
"""The same where lines are read; all without letter case, and without spaces where nothing else is said."""


def row(standing: Standing, columns: Mapping[str, str] = FIGURES) -> list[str]:
    """One detector's cells."""
    low, median, high = standing.seconds
    time = f"{median:.2f} ({low:.2f} to {high:.2f})"
    if standing.kept_since:
        time += f", {len(standing.kept_since)} kept since {standing.kept_since[0]}"
    figures = [f"{100 * standing.figures[figure]:.2f}" for figure in columns.values()]
    return [standing.name, standing.version, *figures, time, f"{standing.processor_s:.2f}", str(len(standing.found))]


def spread(ours: Sequence[Standing], columns: Mapping[str, str] = FIGURES) -> list[str]:
    """The cells of means over several detectors, each with its smallest and largest value in brackets."""

    def cell(values: Sequence[float]) -> str:
        return f"{np.mean(values):.2f} ({min(values):.2f}..{max(values):.2f})"

    figures = [cell([100 * standing.figures[figure] for standing in ours]) for figure in columns.values()]
    times = cell([standing.seconds[1] for standing in ours]), cell([standing.processor_s for standing in ours])
    return [f"ours: mean of {len(ours)} (min..max)", "", *figures, *times, str(len(ours[0].found))]


def print_table(
    ours: Sequence[Standing],
    peers: Sequence[Standing],
    missing: Mapping[str, str],
    columns: Mapping[str, str] = FIGURES,
) -> None:
    """Print the table as Markdown, the failures, and the peers that are missing.

    Args:
        ours: in the order given.
        peers: those that ran.
        missing: why a peer did not run, by its name.
        columns: title of each column of figures, and the figure's name.
    """
    titles = ("detector", "version", *columns, "s / image (quartiles)", "processor s", "n")
    table = Table(*titles, box=box.MARKDOWN)
    for column in table.columns[2:]:
        column.justify = "right"
    rows = [row(standing, columns) for standing in (*ours, *peers)]
    if len(ours) > 1:
        rows.insert(len(ours), spread(ours, columns))
    rows += [[name, f"not run: {reason}", *["-"] * (len(titles) - 2)] for name, reason in missing.items()]
    for cells in rows:
        table.add_row(*map(escape, cells))
    console = table_console()
    console.print(table)
    for standing in (*ours, *peers):
        for name, failure in standing.failures.items():
            console.print(
                f"{standing.name} failed on {name}, counted as nothing found: {failure}", markup=False, soft_wrap=True
            )
