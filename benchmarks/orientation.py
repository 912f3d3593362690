"""Measure how often a page's orientation is found, what that costs, and what is read afterwards.

    .venv/bin/python benchmarks/orientation.py data=<native data set> [split=val] [n=] [detector=...] [recogniser=...]
    .venv/bin/python benchmarks/orientation.py data=<native data set> tilts=5,-10,15,-20

Each image of a split is read as it is and turned by 90, 180 and 270 degrees: once with ``orientation=auto``, and once,
for its processor time, with the right orientation given. With ``tilts=`` it is tilted instead, on a larger sheet in its
median colour, by so many degrees clockwise, more than 3 to either side. ``CER`` is that of the page's text, without
letter case and spaces, against what is read on the image as it is, in percent.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import parsed, run, several, table_console, whole
from ocr import Detector, LineReader, Reader
from ocr.images.decode import read_picture
from ocr.images.orientation import turned_by
from ocr.images.skew import LIMIT, levelled
from ocr.pipeline.reader import Receipt
from ocr.text import folded, without_spaces
from ocr.types import UInt8Array

OPTIONS = {
    "data": "data",
    "split": "test",
    "n": "",
    "tilts": "",
    "detector": "weights/receipts.onnx",
    "recogniser": "weights/lines.onnx",
    "fresh": "false",
}


def timed(reader: Reader, image_HWC: UInt8Array) -> tuple[Receipt, float]:
    """What is read in an image, and the processor seconds that it takes."""
    started = time.process_time()
    receipt = reader.read(image_HWC)
    return receipt, time.process_time() - started


def bare(receipt: Receipt) -> str:
    """A receipt's text without letter case and spaces."""
    return without_spaces(folded(receipt.text))


def tilt_of(text: str) -> int:
    """Parse a tilt.

    Raises:
        InputError: it is no whole number, or its amount is not above `LIMIT`.
    """
    tilt = whole("tilts", text.removeprefix("-"), math.floor(LIMIT) + 1)
    return -tilt if text.startswith("-") else tilt


def main(arguments: Sequence[str]) -> None:
    """Measure and print.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, {"data", "detector", "recogniser"})
    cv2.setNumThreads(1)
    paths = sorted((Path(given["data"]) / "images" / given["split"]).iterdir())
    paths = paths[: whole("n", given["n"])] if given["n"] else paths
    parts = Detector.load(given["detector"], threads=1), LineReader.load(given["recogniser"], threads=1)
    automatic = Reader(*parts)
    fixed = {degrees: Reader(*parts, orientation=degrees) for degrees in (0, 90, 180, 270)}
    tilts = [tilt_of(each) for each in several(given["tilts"])]
    cases = [(f"tilted by {tilt}", 0, tilt) for tilt in tilts] or [(f"{degrees}", degrees, 0) for degrees in fixed]
    found: dict[str, list[tuple[bool, float, float, int, int]]] = {name: [] for name, *_ in cases}
    console = table_console()
    for path in track(paths, "images", console=Console(stderr=True)):
        image_HWC = read_picture(path, float("inf")).image_HWC
        expected = bare(automatic.read(image_HWC))
        for name, needed, tilt in cases:
            lying_HWC, _ = levelled(turned_by(image_HWC, -needed), -tilt)
            receipt, seconds = timed(automatic, lying_HWC)
            _, known = timed(fixed[needed], lying_HWC)
            wrong = Levenshtein.distance(expected, bare(receipt))
            found[name].append((receipt.page.orientation == needed, seconds, known, wrong, len(expected)))
            if not found[name][-1][0]:
                console.print(f"{path.name}, {name}: read as {receipt.page.orientation}")
    table = Table("needed turn", "images", "found", "%", "processor time, auto / given", "CER to the page as it is")
    rows = {**found, "all": list(chain(*found.values()))}
    for name, each in rows.items():
        right, seconds, known, wrong, length = np.array(each).T
        shares = f"{100 * right.mean():.2f}", f"{seconds.sum() / known.sum():.3f}"
        table.add_row(name, str(len(each)), f"{right.sum():.0f}", *shares, f"{100 * wrong.sum() / length.sum():.2f}")
    console.print(table)


if __name__ == "__main__":
    run(main)
