"""Measure and draw how far a recogniser's confidences are probabilities, without and with its calibration.

    .venv/bin/python benchmarks/reliability.py recogniser=lines.onnx
    .venv/bin/python benchmarks/reliability.py recogniser=lines.onnx data=sroie split=val output=reliability.svg

Drawn lines are of another split than those of the calibration, one receipt in four in fonts that no training sees. With
``data=``, a folder in the native layout, receipts are found and read too; the lines that match one of the annotation
are judged. Everything is read once: the calibration changes only numbers. Prints a table and writes the reliability
diagrams of Guo et al. 2017.

    receipts=80        synthesised receipts
    seed=1             of them
    detector=weights/receipts.onnx
    granularity=word   unit of a region in the data: word or line
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import parsed, run, table_console, whole
from ocr.data.regions import Granularity, regions_of
from ocr.formats.native import read_native
from ocr.metrics.calibration import calibration_figures, reliability_bins
from ocr.metrics.end_to_end import EndToEndEvaluator
from ocr.pipeline.calibrate import read_drawn
from ocr.pipeline.reader import Reader
from ocr.pipeline.recognizer import LineReader
from ocr.recognition.postprocess.calibration import BetaCalibration
from ocr.report.document import write_page
from ocr.report.reliability import Diagram, reliability_svg
from ocr.types import InputError, Word

OPTIONS = {
    "recogniser": "weights/lines.onnx",
    "detector": "weights/receipts.onnx",
    "receipts": "80",
    "seed": "1",
    "data": "",
    "split": "val",
    "granularity": "word",
    "output": "reliability.svg",
}
SPLIT = "reliability"
Sure = list[tuple[float, bool]]
"""Confidence of each line, and whether it is right."""


def of_drawn(reader: LineReader, receipts: int, seed: int) -> Sure:
    """The lines of synthesised receipts."""
    numbers = track(range(receipts), "synthesised lines", console=Console(stderr=True))
    lines = chain.from_iterable(read_drawn(reader, number, seed=seed, split=SPLIT) for number in numbers)
    return [(line.confidence, line.right) for line in lines]


def of_receipts(reader: Reader, given: Mapping[str, str]) -> Iterator[tuple[float, bool]]:
    """The lines of annotated receipts that were found and read.

    Raises:
        InputError: the granularity is unknown.
    """
    if given["granularity"] not in ("word", "line"):
        raise InputError(f"granularity={given['granularity']}: must be word or line")
    root, split, evaluator = Path(given["data"]), given["split"], EndToEndEvaluator()
    records = read_native(root / "jsons" / f"{split}.json", strict=False)
    for record in track(records, "receipts", console=Console(stderr=True)):
        lines = reader.read(root / "images" / split / record.name).lines
        found = [Word(line.points_N2, line.text, confidence=line.confidence) for line in lines]
        regions = regions_of(record, cast(Granularity, given["granularity"]))
        yield from evaluator.evaluate_image(regions, found).sure


def diagrams(sure: Mapping[str, Sure], calibrated: BetaCalibration, table: Table) -> Iterator[Diagram]:
    """Two diagrams of each kind of lines; adds their figures to a table.

    Raises:
        InputError: there are no lines of a kind.
    """
    for kind, lines in sure.items():
        if not lines:
            raise InputError(f"{kind}: no line that was read matches one of the annotation; give other data=")
        confidence_N, right_N = (np.array(each) for each in zip(*lines, strict=True))
        for state, sure_N in (("before", confidence_N), ("calibrated", calibrated.mapped(confidence_N))):
            figures = {"lines": len(lines), "right": right_N.mean(), "confidence": sure_N.mean()}
            figures |= calibration_figures(sure_N, right_N)
            table.add_row(kind, state, *(f"{each:.4f}" if each < 1 else f"{each:,}" for each in figures.values()))
            yield Diagram(f"{kind}, {state}", reliability_bins(sure_N, right_N))


def main(arguments: Sequence[str]) -> None:
    """Measure, print and draw.

    Raises:
        InputError: an option is invalid, or the recogniser has no calibration.
    """
    given = parsed(arguments, OPTIONS, {"recogniser", "detector", "data", "output"})
    stored = LineReader.load(given["recogniser"], device="cpu", threads=1)
    calibrated: BetaCalibration = stored.postprocess.calibrated
    if not calibrated.fitted:
        raise InputError(f"recogniser={given['recogniser']}: has no calibration; runners/calibrate.py stores one")
    reader = LineReader.load(given["recogniser"], device="cpu", threads=1, calibration=())
    sure = {
        "synthesised lines": of_drawn(reader, whole("receipts", given["receipts"]), whole("seed", given["seed"], 0))
    }
    if given["data"]:
        sure["real receipts"] = list(of_receipts(Reader(given["detector"], reader, device="cpu", threads=1), given))
    table = Table("lines of", "confidences", "lines", "right", "confidence", "ECE", "Brier")
    write_page(reliability_svg(list(diagrams(sure, calibrated, table))), Path(given["output"]))
    table_console().print(table)


if __name__ == "__main__":
    run(main)
