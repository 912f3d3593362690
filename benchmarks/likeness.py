"""Measure the similarity of two data sets, such as generated and real receipts, figure by figure.

    python benchmarks/likeness.py data:train:line mine:train:word [n=200]

Each data set is ``folder:split:granularity`` in the native layout. Of each figure the table has the 5th, 25th, 50th,
75th and 95th percentile in both, and their distance: the largest difference between the two cumulative distributions
(Kolmogorov and Smirnov's statistic), 0 for the same and 1 where all of one lie above all of the other. Of a larger
set n images are taken, evenly over its names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from ocr.data.regions import Granularity, regions_of
from ocr.formats.native import read_native
from ocr.images.decode import read_picture
from ocr.types import FloatArray, InputError, UInt8Array, Word
from ocr.utils.arguments import home

LONG_SIDE = 1536.0
PERCENTILES = (5, 25, 50, 75, 95)
ANGLES = np.arange(-10.0, 10.01, 0.25)
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """A region as a turned rectangle.

    Attributes:
        centre: (x, y) in pixels.
        width: along the line, in pixels.
        height: across it, in pixels: the side that is nearer to the vertical.
        characters: of its transcription, blanks included; 0 where there is none.
        grey: 5th and 95th percentile of its pixels' grey, 0 to 255.
    """

    centre: tuple[float, float]
    width: float
    height: float
    characters: int
    grey: tuple[float, float]


def box_of(word: Word, grey_HW: UInt8Array) -> Box | None:
    """The rectangle of a region; ``None`` where it has no area or lies outside the picture."""
    (x, y), (first, second), angle = cv2.minAreaRect(word.points_N2.astype(np.float32))
    width, height = (first, second) if abs((angle + 90) % 180 - 90) <= 45 else (second, first)
    left, top = np.clip(np.floor(word.points_N2.min(axis=0)), 0, None).astype(int)
    right, bottom = np.clip(np.ceil(word.points_N2.max(axis=0)), 0, None).astype(int)
    inside = grey_HW[top:bottom, left:right]
    if min(width, height) < 1 or not inside.size:
        return None
    dark, light = np.percentile(inside, (5, 95))
    return Box((x, y), width, height, len(word.transcription or ""), (float(dark), float(light)))


def figures_of(words: Sequence[Word], image_HW3: UInt8Array) -> dict[str, list[float]]:
    """All figures of one receipt by name: one value of the receipt, or one a line.

    Args:
        words: its regions; those that are ignored are left out.
        image_HW3: its picture, upright.
    """
    grey_HW = cv2.cvtColor(image_HW3, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    height, width = grey_HW.shape
    shown = [word for word in words if not word.ignore]
    boxes = [box for word in shown if (box := box_of(word, grey_HW)) is not None]
    if not boxes:
        return {}
    corners = np.concatenate([word.points_N2 for word in shown])
    text_width, text_height = np.ptp(np.clip(corners, 0, (width, height)), axis=0)
    return {
        "picture: height / width": [height / width],
        "lines a receipt": [float(len(boxes))],
        "text's width / picture's": [float(text_width) / width],
        "text's height / picture's": [float(text_height) / height],
        "skew, degrees from level": [abs(skew_of(grey_HW))],
        f"text height, pixels at a longer side of {LONG_SIDE:.0f}": [
            box.height * LONG_SIDE / max(height, width) for box in boxes
        ],
        "line's width / height": [box.width / box.height for box in boxes],
        "character's width / line's height": [
            box.width / box.height / box.characters for box in boxes if box.characters
        ],
        "line spacing / height": list(spacings(boxes)),
        "gap to the next in the row / height": list(gaps(boxes)),
        "paper, grey": [box.grey[1] for box in boxes],
        "contrast, paper - ink, grey": [box.grey[1] - box.grey[0] for box in boxes],
    }


def spacings(boxes: Sequence[Box]) -> Iterator[float]:
    """From each line to the nearest below that shares half of the shorter one's width, in heights."""
    for box in boxes:
        below = [
            other.centre[1] - box.centre[1]
            for other in boxes
            if other.centre[1] - box.centre[1] > box.height / 2
            and shared(box.centre[0], box.width, other.centre[0], other.width) >= 0.5
        ]
        if below:
            yield min(below) / box.height


def gaps(boxes: Sequence[Box]) -> Iterator[float]:
    """From each line to the next one right of it that shares half of the lower one's height, in heights."""
    for box in boxes:
        end = box.centre[0] + box.width / 2
        right = [
            other.centre[0] - other.width / 2 - end
            for other in boxes
            if other.centre[0] > box.centre[0]
            and shared(box.centre[1], box.height, other.centre[1], other.height) >= 0.5
        ]
        if right:
            yield min(right) / box.height


def shared(centre: float, length: float, other_centre: float, other_length: float) -> float:
    """What two intervals share, of the shorter one; below 0 where they are apart."""
    shorter = min(length, other_length)
    return min(shorter, (length + other_length) / 2 - abs(centre - other_centre)) / shorter


def skew_of(grey_HW: UInt8Array) -> float:
    """Angle in degrees, -10 to 10, at which the rows' ink differs most from row to row (Postl 1986)."""
    scale = 600 / max(grey_HW.shape)
    small_HW = cv2.resize(grey_HW, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink_HW = cv2.morphologyEx(small_HW, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8)).astype(np.float32)
    height, width = ink_HW.shape

    def steepness(angle: float) -> float:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        rows_H = cv2.warpAffine(ink_HW, turn, (width, height)).sum(axis=1)
        return float((np.diff(rows_H) ** 2).sum())

    return float(ANGLES[np.argmax([steepness(angle) for angle in ANGLES])])


def measured(source: str, n: int) -> dict[str, Values]:
    """All values of each figure over a data set.

    Args:
        source: ``folder:split:granularity``.
        n: images at most.

    Raises:
        InputError: ``source`` has another form, or there is no text in any image.
    """
    folder, split, granularity = parts_of(source)
    records = read_native(folder / "jsons" / f"{split}.json", folder / "images" / split)
    records.sort(key=lambda record: record.image_path)
    chosen = [records[place] for place in np.linspace(0, len(records) - 1, min(n, len(records))).round().astype(int)]
    values: dict[str, list[float]] = {}
    for record in track(chosen, source, console=Console(stderr=True, emoji=False)):
        regions, image_HWC = regions_of(record, granularity), read_picture(record.image_path).image_HWC
        for name, found in figures_of(regions, image_HWC).items():
            values.setdefault(name, []).extend(found)
    if not values:
        raise InputError(f"{source}: none of its {len(chosen)} images has text; choose a split that was annotated")
    return {name: np.array(found) for name, found in values.items()}


def parts_of(source: str) -> tuple[Path, str, Granularity]:
    """Folder, split and granularity.

    Raises:
        InputError: it has another form.
    """
    match source.rsplit(":", 2):
        case [folder, split, ("line" | "word") as granularity]:
            return Path(home(folder)), split, granularity
    raise InputError(f"{source}: is not folder:split:granularity; write for example data:train:line or mine:train:word")


def distance(ours_N: Values, theirs_M: Values) -> float:
    """Kolmogorov and Smirnov's statistic, 0 to 1; 1 where one of them is empty, 0 where both are."""
    if not len(ours_N) or not len(theirs_M):
        return float(len(ours_N) != len(theirs_M))
    places = np.concatenate([ours_N, theirs_M])
    shares = [np.searchsorted(np.sort(each), places, side="right") / len(each) for each in (ours_N, theirs_M)]
    return float(np.abs(shares[0] - shares[1]).max())


def table(first: str, ours: Mapping[str, Values], second: str, theirs: Mapping[str, Values]) -> str:
    """The table as Markdown."""
    shares = ", ".join(map(str, PERCENTILES))
    lines = [
        f"| percentiles {shares} | {first} | {second} | distance |",
        "| --- | --- | --- | --- |",
    ]
    for name, ours_N in ours.items():
        theirs_M = theirs.get(name, np.zeros(0))
        lines.append(f"| {name} | {spread(ours_N)} | {spread(theirs_M)} | {distance(ours_N, theirs_M):.2f} |")
    return "\n".join(lines)


def spread(values_N: FloatArray | Values) -> str:
    """Percentiles in three digits."""
    return ", ".join(f"{value:.3g}" for value in np.percentile(values_N, PERCENTILES)) if len(values_N) else "none"


def main(arguments: Sequence[str]) -> int:
    """Measure both, print the table."""
    others = [argument for argument in arguments if argument.startswith("n=")]
    sources = [argument for argument in arguments if argument not in others]
    counts = [argument.removeprefix("n=") for argument in others]
    if len(sources) != 2 or not all(count.isdigit() and int(count) for count in counts):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 1
    n = int(counts[-1]) if counts else 200
    try:
        ours, theirs = (measured(source, n) for source in sources)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(sources[0], ours, sources[1], theirs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
