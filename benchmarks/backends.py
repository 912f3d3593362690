"""Compare what is read with ONNX Runtime and torch, lines run one by one or together, files read in threads or not.

    .venv/bin/python benchmarks/backends.py data=<native data set> [split=val] [n=] [batches=1,64] [workers=0,2]

Every image of a split is read in every way, with the orientation found as by default, and compared with the first way.
Lines are aligned by their texts; one differs if its text does or if it has no partner. Polygons are compared by their
Hausdorff distance in pixels of the image. Ends with status 1 if a text differs.

    detectors=weights/receipts.onnx,weights/receipts.safetensors     the same network for each engine
    recognisers=weights/lines.onnx,weights/lines.safetensors         likewise
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import shapely
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import parsed, run, several, table_console, whole
from ocr import Detector, LineReader, Reader
from ocr.data.skipping import Broken
from ocr.images.decode import read_picture
from ocr.page import Page
from ocr.pipeline.inputs import read_ahead
from ocr.pipeline.orientation import Prepared
from ocr.types import InputError

OPTIONS = {
    "data": "data",
    "split": "test",
    "n": "",
    "detectors": "weights/receipts.onnx,weights/receipts.safetensors",
    "recognisers": "weights/lines.onnx,weights/lines.safetensors",
    "batches": "1,64",
    "workers": "0,2",
    "fresh": "false",
}
SAME = 0.01
"""Pixels by which a polygon may differ: predictions are written in hundredths."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read.

    Attributes:
        name: files, lines that run together, and threads that read files.
        reader: with the batch set.
        workers: threads.
    """

    name: str
    reader: Reader
    workers: int

    def pages(self, paths: Sequence[Path]) -> Iterator[Page]:
        """What is read in the images.

        Raises:
            InputError: one cannot be read.
        """
        for prepared in read_ahead(paths, partial(loaded, self.reader), self.workers):
            if isinstance(prepared, Broken):
                raise InputError(prepared.message)
            yield self.reader(prepared)


@dataclass(frozen=True, slots=True)
class Difference:
    """How what was read in an image differs from the reference.

    Attributes:
        texts: the reference's text of each line that differs, and this one's; ``None`` where one has no such line.
        distances: pixels between the polygons of the lines that both have.
    """

    texts: tuple[tuple[str | None, str | None], ...]
    distances: tuple[float, ...]


def loaded(reader: Reader, path: Path) -> Prepared | Broken:
    """An image, ready to be read; `Broken` with the reason if it cannot be."""
    try:
        return reader.prepared(read_picture(path, math.inf).image_HWC, path)
    except Exception as error:  # OpenCV errors, MemoryError, ...
        return Broken.because(path, error)


def difference(page: Page, reference: Page) -> Difference:
    """Compare two pages line by line, their texts aligned with as few differences as possible."""
    texts: list[tuple[str | None, str | None]] = []
    distances = []
    for step in Levenshtein.opcodes([line.text for line in reference.lines], [line.text for line in page.lines]):
        theirs = reference.lines[step.src_start : step.src_end]
        ours = page.lines[step.dest_start : step.dest_end]
        if step.tag in ("equal", "replace"):
            pairs = [[shapely.Polygon(line.points_N2) for line in pair] for pair in zip(theirs, ours, strict=True)]
            distances += [first.hausdorff_distance(second) for first, second in pairs]
        if step.tag != "equal":
            # Of an insertion or deletion, one side is empty.
            firsts, seconds = ([line.text for line in lines] or [None] for lines in (theirs, ours))
            count = max(len(theirs), len(ours))
            texts += zip(firsts * (count // len(firsts)), seconds * (count // len(seconds)), strict=True)
    return Difference(tuple(texts), tuple(distances))


def ways_of(given: dict[str, str]) -> list[Way]:
    """All combinations of weights, batch and workers.

    Raises:
        InputError: an option is invalid.
    """
    detectors, recognisers = several(given["detectors"]), several(given["recognisers"])
    if len(detectors) != len(recognisers) or not detectors:
        raise InputError(
            f"detectors={given['detectors']} recognisers={given['recognisers']}: must be as many, one pair an engine"
        )
    batches = [whole("batches", each) for each in several(given["batches"])]
    workers = [whole("workers", each, 0) for each in several(given["workers"])]
    ways = []
    for files in zip(detectors, recognisers, strict=True):
        detector = Detector.load(files[0], device="cpu", threads=1)
        recogniser = LineReader.load(files[1], device="cpu", threads=1)
        for batch, threads in product(batches, workers):
            name = f"{', '.join(Path(file).name for file in files)}: {batch} together, {threads} threads"
            ways.append(Way(name, Reader(detector, replace(recogniser, batch=batch)), threads))
    if len(ways) < 2:
        raise InputError(f"batches={given['batches']} workers={given['workers']}: that is {len(ways)} ways, give two")
    return ways


def main(arguments: Sequence[str]) -> None:
    """Read, compare and print.

    Raises:
        InputError: an option is invalid, or an image cannot be read.
        SystemExit: a text differs.
    """
    given = parsed(arguments, OPTIONS, {"data", "detectors", "recognisers"})
    ways = ways_of(given)
    paths = sorted((Path(given["data"]) / "images" / given["split"]).iterdir())
    paths = paths[: whole("n", given["n"])] if given["n"] else paths
    console = table_console()
    progress = Console(stderr=True)
    references = list(track(ways[0].pages(paths), ways[0].name, len(paths), console=progress))
    table = Table("read with", "receipts", "lines", "texts that differ", f"outlines, > {SAME} px", "most, px")
    table.add_row(ways[0].name, str(len(paths)), str(sum(len(page.lines) for page in references)), *["reference"] * 3)
    wrong = 0
    for way in ways[1:]:
        pages = track(way.pages(paths), way.name, len(paths), console=progress)
        lines, texts, distances = 0, 0, np.zeros(1)
        for path, page, reference in zip(paths, pages, references, strict=True):
            found = difference(page, reference)
            lines, texts = lines + len(page.lines), texts + len(found.texts)
            distances = np.append(distances, found.distances)
            for first, second in found.texts:
                console.print(f"{path.name}: {first!r}, with {way.name}: {second!r}", markup=False)
        moved = str((distances > SAME).sum())
        table.add_row(way.name, str(len(paths)), str(lines), str(texts), moved, f"{distances.max():.2g}")
        wrong += texts
    console.print(table)
    if wrong:
        raise SystemExit(f"{wrong} texts differ")


if __name__ == "__main__":
    run(main)
