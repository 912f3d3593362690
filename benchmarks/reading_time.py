"""Where the time of reading a receipt goes, and whether lines run faster together.

    .venv/bin/python benchmarks/reading_time.py [n=10] [data=data] [split=test]

Processor time of one thread, which other work on the machine changes less than wall time: the median over receipts of
decoding, turning and resizing, the detector, cutting the lines, the recogniser with one line or up to 64 lines of about
the same width at a time, and the reading order; on both engines.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from rich.table import Table

from benchmarks.options import parsed, run, table_console, whole
from ocr import Reader
from ocr.images.decode import read_picture
from ocr.pipeline.reading_order import rows_of

OPTIONS = {"n": "10", "data": "data", "split": "test", "fresh": "false"}


@contextmanager
def timed(spent: list[float]) -> Iterator[None]:
    """Append the processor milliseconds that a block takes."""
    started = time.process_time()
    yield
    spent.append((time.process_time() - started) * 1000)


def times(reader: Reader, path: Path) -> list[float]:
    """Milliseconds of each step for an image, and its number of lines.

    Raises:
        SystemExit: lines that run together are read differently.
    """
    spent: list[float] = []
    singly, together = (replace(reader.recogniser, batch=batch) for batch in (1, 64))
    with timed(spent):
        picture = read_picture(path, math.inf)
        prepared = reader.prepared(picture.image_HWC, path)
    with timed(spent):
        found = [region.points_N2 for region in reader.detector(prepared.sample)]
    with timed(spent):
        crops = [reader.recogniser.transform(prepared.image_HWC, points_N2) for points_N2 in found]
    with timed(spent):
        alone = singly.read_crops(crops)
    with timed(spent):
        same = together.read_crops(crops)
    with timed(spent):
        rows_of(found)
    if [each.text for each in alone] != [each.text for each in same]:
        raise SystemExit(f"{path}: lines that run together are read differently")
    return [*spent, len(found)]


def main(arguments: Sequence[str]) -> None:
    """Measure and print.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, {"data"})
    cv2.setNumThreads(1)
    paths = sorted((Path(given["data"]) / "images" / given["split"]).iterdir())[: whole("n", given["n"])]
    columns = ("image", "detector", "crops", "recogniser, one by one", "recogniser, up to 64", "order", "lines")
    table = Table("processor ms a receipt", *columns)
    for engine in ("onnxruntime", "torch"):
        reader = Reader(engine=engine, device="cpu", threads=1)
        times(reader, paths[0])  # warms up
        table.add_row(engine, *(f"{value:.0f}" for value in np.median([times(reader, p) for p in paths], axis=0)))
    table_console().print(table)


if __name__ == "__main__":
    run(main)
