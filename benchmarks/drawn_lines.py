"""Read synthesised lines in fonts that training never printed, and state how many are read right.

    .venv/bin/python benchmarks/drawn_lines.py recogniser=korean.onnx korean=1 \
      korean_fonts=/usr/share/fonts/truetype/unfonts-core/UnBatang.ttf,/usr/share/fonts/truetype/unfonts-core/UnDotum.ttf

Lines with Korean are counted apart from those without. Several recognisers, separated by commas, read the same lines.

    receipts=100       synthesised receipts, about 55 lines each
    seed=0             of them
    korean=0           share of Korean receipts, 0 or 1
    korean_fonts=      font files to print Korean in; none: the two that training prints, and the table says so
    whole=false        true: lines of whole receipts, photographed and worn as in a corpus; false: each line worn and
                       tilted by itself, as in training, which is harder
    varied=false       true: with the invented words and cells that training has
    worst=0            so many lines read wrong are printed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import parsed, run, several, table_console, whole
from ocr.metrics.text import TextCounts, compare_texts, text_figures
from ocr.pipeline.recognizer import LineReader
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.lines import render_lines
from ocr.types import InputError

OPTIONS = {
    "recogniser": "weights/lines.onnx",
    "receipts": "100",
    "seed": "0",
    "korean": "0",
    "korean_fonts": "",
    "whole": "false",
    "varied": "false",
    "worst": "0",
}
SWITCH = ("false", "true")
SPLIT = "drawn-lines"
"""Of the receipts: another one than those of training, calibration and corpora."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A line and what was read.

    Attributes:
        truth: its text.
        read: the reading.
        counts: of both.
    """

    truth: str
    read: str
    counts: TextCounts

    @property
    def korean(self) -> bool:
        """Whether there is a Korean letter in it."""
        return any(map(is_wide, self.truth))


def compared(reader: LineReader, given: Mapping[str, str]) -> list[Compared]:
    """The lines of all receipts as a reader reads them.

    Raises:
        InputError: an option is invalid.
    """
    for name, known in (("korean", ("0", "1")), ("whole", SWITCH), ("varied", SWITCH)):
        if given[name] not in known:
            raise InputError(f"{name}={given[name]}: must be {' or '.join(known)}")
    lines = []
    seed = whole("seed", given["seed"], 0)
    for receipt in track(range(whole("receipts", given["receipts"])), "receipts", console=Console(stderr=True)):
        drawn = render_lines(
            receipt,
            seed=seed,
            split=SPLIT,
            korean=float(given["korean"]),
            held_out=True,
            korean_fonts=several(given["korean_fonts"]),
            varied=given["varied"] == "true",
            whole=given["whole"] == "true",
        )
        readings = reader.read_crops([reader.transform(line.image_HWC, line.points_N2) for line in drawn])
        lines += [
            Compared(line.text, reading.text, compare_texts(line.text, reading.text))
            for line, reading in zip(drawn, readings, strict=True)
        ]
    return lines


def main(arguments: Sequence[str]) -> None:
    """Read with each recogniser and print a table.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, {"recogniser", "korean_fonts"})
    table = Table("recogniser", "lines", "number", "line accuracy", "CER bare", "CER with spaces and case")
    for path in several(given["recogniser"]):
        lines = compared(LineReader.load(path, device="cpu", threads=1), given)
        parts = {"all": lines, "with Korean": [each for each in lines if each.korean]}
        parts["without"] = [each for each in lines if not each.korean]
        for kind, of_kind in parts.items():
            figures = text_figures(each.counts for each in of_kind)
            shown = (figures[f"text/{name}"] for name in ("line_accuracy", "cer_bare", "cer"))
            table.add_row(path, kind, f"{len(of_kind):,}", *(f"{100 * each:.2f}" for each in shown))
        wrong = [each for each in lines if not each.counts.bare_exact]
        for each in wrong[: whole("worst", given["worst"], 0)]:
            print(f"{each.truth!r} was read as {each.read!r}")
    table_console().print(table)


if __name__ == "__main__":
    run(main)
