"""What `benchmarks/reading.py` shows: tables of figures and of confusions, and the lines that were read worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from rich import box
from rich.markup import escape
from rich.table import Table

from benchmarks.line_readers import Reader
from ocr.images.crops import LineCrop
from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.metrics.text import compare_texts, confusions, text_figures
from ocr.types import Record, Word

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


def draw_worst(
    reader: Reader, records: Mapping[str, Record], truth: Mapping[str, Sequence[Word]], count: int, file: Path
) -> None:
    """Draw the lines that were read worst: the crop, the truth, and below it what was read."""
    wrong = []
    for name, texts in reader.texts.items():
        for number, (word, text) in enumerate(zip(truth[name], texts, strict=True)):
            line = compare_texts(word.text or "", text)
            if not line.bare_exact:
                wrong.append((line.bare_edits / max(line.bare_characters, 1), name, number))
    crop, rows = LineCrop(squeeze=1.0), []
    for _, name, number in sorted(wrong, reverse=True)[:count]:
        picture = read_picture(records[name].image_path.read_bytes(), float("inf"), MAX_PIXELS)
        word = truth[name][number]
        line_HWC = crop(picture.image_HWC, word.points_N2)[:, :600]
        row = Image.new("RGB", (1200, 36), "white")
        row.paste(Image.fromarray(line_HWC), (0, 2))
        drawing = ImageDraw.Draw(row)
        drawing.text((610, 2), f"{name}: {word.text}"[:95], fill="black")
        drawing.text((610, 18), reader.texts[name][number][:95], fill="red")
        rows.append(np.asarray(row))
    if rows:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate(rows)).save(file)


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
