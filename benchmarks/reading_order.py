"""Measure the reading order on receipts whose rows are known.

    .venv/bin/python benchmarks/reading_order.py [n=500] [detected=100] [model=weights/receipts.onnx]
    .venv/bin/python benchmarks/reading_order.py n=0 detected=0 native=sroie/jsons/val.json

Receipts of the generator (`ocr.synthesis`), whose print says which line segments share a row, in four kinds:

    drawn      as the default corpus has them: scans, scanned pages, photographs
    tilted     those, turned by up to 20 degrees
    curved     those, arched by up to 6% of their width
    pairs      two of them side by side, each turned by up to 3 degrees

A line is in its place if the number of its row and its number in the row are those of the print; it follows the right
line if it comes behind the line that comes before it in the print, in the same row if that is so there. One mistake
displaces all lines below it, but only two or three follow a wrong one. On detected boxes both are counted over the
lines that a box overlaps by IoU 0.5.

``native=`` is a file in the native format whose words are lines in reading order, as SROIE's. Where two lines that
follow each other share a height (their vertical overlap is at least 0.8 of both), they should be read in one row, in
that order; where the heights have nothing in common, in different rows.

    seed=1             of the receipts and their changes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import shapely
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import parsed, run, table_console, whole
from ocr import Detector
from ocr.formats.native import read_native
from ocr.geometry import as_polygons, merge_line, transform_points
from ocr.pipeline.reading_order import rows_of
from ocr.synthesis import picture, scene
from ocr.synthesis.receipt import annotate, printed_receipt
from ocr.types import FloatArray, UInt8Array

OPTIONS = {"n": "500", "detected": "100", "model": "weights/receipts.onnx", "native": "", "seed": "1"}
SPLIT = "reading-order"
Rows = list[list[int]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A page: its lines, their rows by number, and the picture, if it was asked for."""

    polygons: list[FloatArray]
    rows: Rows
    size: tuple[int, int]
    image_HWC: UInt8Array | None = None

    def mapped(self, matrix_33: np.ndarray, size: tuple[int, int]) -> Scene:
        """The page seen through a homography."""
        polygons = [transform_points(points_N2, matrix_33) for points_N2 in self.polygons]
        image = self.image_HWC
        if image is not None:
            image = cv2.warpPerspective(image, matrix_33, size, borderValue=(120, 120, 120))
        return Scene(polygons, self.rows, size, image)


def drawn(seed: int, index: int, *, pictures: bool) -> Scene:
    """A receipt as the generator makes it."""
    chance, kind, printed = printed_receipt(seed, SPLIT, index)
    warp = scene.keep_inside(scene.place(chance, kind, printed.layers.ink.size), printed.words)
    image = picture.photograph(chance, kind, printed.layers, warp) if pictures else None
    words = annotate(printed.words, warp, Path("drawn.jpg")).words.values()
    lines: dict[int, list[FloatArray]] = {}
    rows: dict[int, list[int]] = {}
    for word, ink in zip(words, printed.words, strict=True):
        lines.setdefault(ink.line, []).append(word.points_N2)
    numbers = {line: number for number, line in enumerate(lines)}
    for ink in printed.words:
        row = rows.setdefault(ink.baseline, [])
        if numbers[ink.line] not in row:
            row.append(numbers[ink.line])
    polygons = [merge_line(each) for each in lines.values()]
    return Scene(polygons, list(rows.values()), warp.size, None if image is None else np.asarray(image.convert("RGB")))


def tilted(page: Scene, degrees: float) -> Scene:
    """A page turned about its middle, on a picture that has room for it."""
    width, height = page.size
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    size = (round(width * cosine + height * abs(sine)), round(width * abs(sine) + height * cosine))
    middle = np.array([[1, 0, size[0] / 2], [0, 1, size[1] / 2], [0, 0, 1]])
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return page.mapped(middle @ turn @ np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]]), size)


def curved(page: Scene, reach: float) -> Scene:
    """A page whose rows are arched: their middle lies deeper than their ends by a share of the page's width."""
    width, _ = page.size

    def shift(x: np.ndarray) -> np.ndarray:
        return reach * width * 4 * (x / width) * (1 - x / width)

    polygons = [points_N2 + np.stack([0 * points_N2[:, 0], shift(points_N2[:, 0])], 1) for points_N2 in page.polygons]
    image = page.image_HWC
    if image is not None:
        y_HW, x_HW = np.indices(image.shape[:2], dtype=np.float32)
        image = cv2.remap(image, x_HW, (y_HW - shift(x_HW)).astype(np.float32), cv2.INTER_LINEAR)
    return Scene([each.astype(np.float32) for each in polygons], page.rows, page.size, image)


def pair(left: Scene, right: Scene, gap: float, drop: float) -> Scene:
    """Two pages side by side, the papers' texts a share of the left one's width apart, the right one lower."""
    texts = [np.concatenate(page.polygons) for page in (left, right)]
    x = texts[0][:, 0].max() + gap * left.size[0] - texts[1][:, 0].min()
    y = drop * left.size[1]
    low = min(0.0, y)
    matrices = [np.array([[1, 0, 0], [0, 1, -low], [0, 0, 1.0]]), np.array([[1, 0, x], [0, 1, y - low], [0, 0, 1.0]])]
    size = (int(x + right.size[0]) + 1, int(max(left.size[1] - low, right.size[1] + y - low)) + 1)
    placed = [page.mapped(matrix, size) for page, matrix in zip((left, right), matrices, strict=True)]
    image = None
    if placed[0].image_HWC is not None and placed[1].image_HWC is not None:
        seam = int(texts[0][:, 0].max() + gap * left.size[0] / 2)
        image = np.concatenate([placed[0].image_HWC[:, :seam], placed[1].image_HWC[:, seam:]], axis=1)
    rows = [*left.rows, *([number + len(left.polygons) for number in row] for row in right.rows)]
    return Scene(placed[0].polygons + placed[1].polygons, rows, size, image)


def scenes(count: int, seed: int, *, pictures: bool) -> Iterator[tuple[str, Scene]]:
    """Pages of all kinds, each with the name of its kind, of so many drawn receipts."""
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        page = drawn(seed, index, pictures=pictures)
        yield "drawn", page
        yield "tilted", tilted(page, rng.uniform(-20, 20))
        yield "curved", curved(page, rng.uniform(-0.06, 0.06))
        if index % 2 == 0:
            other = drawn(seed, index + 1, pictures=pictures)
            left, right = (tilted(each, rng.uniform(-3, 3)) for each in (page, other))
            yield "pairs", pair(left, right, rng.uniform(0.1, 0.3), rng.uniform(-0.3, 0.3))


@dataclass(slots=True)
class Counts:
    """Lines, those in their place, and those that follow the right line; of pages with any mistake, the number."""

    lines: int = 0
    placed: int = 0
    following: int = 0
    pages: int = 0
    flawed: list[int] = field(default_factory=list)

    def add(self, truth: Rows, found: Rows) -> None:
        """Count a page."""
        placed, following = (
            sum(true[number] == other[number] for number in true)
            for true, other in zip(described(truth), described(found), strict=True)
        )
        count = sum(map(len, truth))
        self.lines += count
        self.placed += placed
        self.following += following
        if following < count:
            self.flawed.append(self.pages)
        self.pages += 1


def described(rows: Rows) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int | None, bool]]]:
    """Of each line its place (row, number in the row), and the line before it with whether that is in its row."""
    places = {line: (row, at) for row, each in enumerate(rows) for at, line in enumerate(each)}
    order: list[int | None] = [None, *(line for row in rows for line in row)]
    return places, {line: (before, places[line][1] > 0) for before, line in pairwise(order)}


def of_detected(page: Scene, detector: Detector) -> tuple[Rows, Rows]:
    """Rows of the print and of the boxes that were found, of the lines that were found, by the lines' numbers."""
    found = [region.points_N2 for region in detector.detect(page.image_HWC)]
    truth_of: dict[int, int] = {}
    if found:
        true, boxes = as_polygons(page.polygons), as_polygons(found)
        true, boxes = (np.where(shapely.is_valid(each), each, shapely.convex_hull(each)) for each in (true, boxes))
        common = shapely.area(shapely.intersection(true[:, None], boxes))
        union = shapely.area(true)[:, None] + shapely.area(boxes) - common
        for line, box in np.argwhere(common >= 0.5 * union):
            truth_of.setdefault(int(box), int(line))
    seen = set(truth_of.values())
    rows = [[truth_of[box] for box in row if box in truth_of] for row in rows_of(found)]
    truth = [[line for line in row if line in seen] for row in page.rows]
    return [row for row in truth if row], [row for row in rows if row]


def measured(
    count: int, seed: int, judge: Callable[[Scene], tuple[Rows, Rows]], *, pictures: bool
) -> dict[str, Counts]:
    """The counts of each kind."""
    counts: dict[str, Counts] = {}
    pages = scenes(count, seed, pictures=pictures)
    for kind, page in track(pages, "pages", 3 * count + (count + 1) // 2, console=Console(stderr=True)):
        counts.setdefault(kind, Counts()).add(*judge(page))
    return counts


def table(title: str, counts: Mapping[str, Counts]) -> Table:
    """The shares of each kind and of all."""
    rows = Table(title, "pages", "lines", "in their place", "behind the right line", "pages without a mistake")
    whole_counts = Counts()
    for kind, each in [*counts.items(), ("all", whole_counts)]:
        rows.add_row(
            *(kind, str(each.pages), str(each.lines)),
            *(f"{share / each.lines:.2%}" for share in (each.placed, each.following)),
            f"{1 - len(each.flawed) / each.pages:.1%}",
        )
        whole_counts.lines += each.lines
        whole_counts.placed += each.placed
        whole_counts.following += each.following
        whole_counts.pages += each.pages
        whole_counts.flawed += each.flawed
    return rows


def native_figures(path: Path) -> dict[str, tuple[int, int]]:
    """Right and all pairs of lines that follow each other in a file: those that share a height, those that do not."""
    right = {"share a height": [0, 0], "nothing in common": [0, 0]}
    for record in read_native(path, strict=False):
        polygons = [word.points_N2 for word in record.words.values()]
        places, _ = described(rows_of(polygons))
        for line in range(len(polygons) - 1):
            spans = [(each[:, 1].min(), each[:, 1].max()) for each in polygons[line : line + 2]]
            common = min(high for _, high in spans) - max(low for low, _ in spans)
            shared = common >= 0.8 * max(high - low for low, high in spans)
            if shared or common <= 0:
                (row, at), (next_row, next_at) = places[line], places[line + 1]
                kind = "share a height" if shared else "nothing in common"
                good = row == next_row and at < next_at if shared else row != next_row
                right[kind][0] += good
                right[kind][1] += 1
    return {kind: (good, count) for kind, (good, count) in right.items()}


def main(arguments: Sequence[str]) -> None:
    """Measure and print.

    Raises:
        InputError: an option is invalid.
    """
    given = parsed(arguments, OPTIONS, {"model", "native"})
    console, seed = table_console(), whole("seed", given["seed"], 0)
    if count := whole("n", given["n"], 0):
        counts = measured(count, seed, lambda page: (page.rows, rows_of(page.polygons)), pictures=False)
        console.print(table("true boxes", counts))
    if count := whole("detected", given["detected"], 0):
        detector = Detector.load(given["model"], threads=1)
        counts = measured(count, seed, lambda page: of_detected(page, detector), pictures=True)
        console.print(table("detected boxes", counts))
    if given["native"]:
        for kind, (good, number) in native_figures(Path(given["native"])).items():
            console.print(f"{kind}: {good} of {number} pairs, {good / max(number, 1):.2%}")


if __name__ == "__main__":
    run(main)
