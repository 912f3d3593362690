"""What `benchmarks/reading.py` shows: tables of figures and of confusions, and a page of the lines read wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.markup import escape
from rich.table import Table

from benchmarks.line_readers import Reader
from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.metrics.text import confusions, text_figures
from ocr.report.document import write_page
from ocr.report.readings import ReadLine
from ocr.report.text_errors import text_error_page
from ocr.types import Record, UInt8Array, Word

FIGURES = {
    "line accuracy": "text/line_accuracy",
    "CER": "text/cer_folded",
    "CER ns": "text/cer_bare",
    "amounts wrong": "text/amounts_wrong",
}
"""Title of each column of figures, in percent, and the figure's name."""
CONFUSIONS = 20
"""Confusions shown, the most frequent ones."""


def read_by_all(readers: Sequence[Reader], names: Sequence[str]) -> list[str]:
    """The images that every reader has read: only over them are figures of different readers comparable."""
    return [name for name in names if all(name in reader.texts for reader in readers)]


def table(readers: Sequence[Reader], truth: Mapping[str, Sequence[Word]], names: Sequence[str]) -> Table:
    """The figures of each reader over some images, as Markdown."""
    rows = Table("recogniser", "version", *FIGURES, "ms a line (quartiles)", "lines", box=box.MARKDOWN)
    for reader in readers:
        counts = reader.counts(truth, names)
        figures = text_figures(counts)
        each = [1000 * reader.seconds[n] / len(truth[n]) for n in names if n in reader.seconds and truth[n]]
        low, median, high = np.percentile(each, [25, 50, 75]) if each else (0, 0, 0)
        cells = [f"{100 * figures[figure]:.2f}" for figure in FIGURES.values()]
        time_ms = f"{median:.1f} ({low:.1f} to {high:.1f})"
        rows.add_row(*map(escape, (reader.name, reader.version, *cells, time_ms, str(len(counts)))))
    return rows


def write_worst(
    reader: Reader, records: Mapping[str, Record], truth: Mapping[str, Sequence[Word]], most: int, file: Path
) -> None:
    """Write the page of the lines that a reader read wrong, worst first."""
    lines = [
        ReadLine(name, word.points_N2, word.text or "", text)
        for name, texts in reader.texts.items()
        for word, text in zip(truth[name], texts, strict=True)
    ]

    def read(name: str) -> UInt8Array:
        return read_picture(records[name].image_path.read_bytes(), max_pixels=MAX_PIXELS).image_HWC

    about = {"recogniser": f"{reader.name}, {reader.version}", "images": str(len(reader.texts))}
    write_page(text_error_page("Lines read wrong", about, lines, most, read), file)


def confusion_table(reader: Reader, truth: Mapping[str, Sequence[Word]], names: Sequence[str]) -> Table:
    """The characters that a reader confuses most often, without letter case, as Markdown."""
    pairs = [
        (word.text or "", text)
        for name in names
        if name in reader.texts
        for word, text in zip(truth[name], reader.texts[name], strict=True)
    ]
    rows = Table("truth", "read", "times", box=box.MARKDOWN)
    for (expected, found), count in confusions(pairs).most_common(CONFUSIONS):
        rows.add_row(*(escape(repr(each)) if each else "nothing" for each in (expected, found)), str(count))
    return rows
