"""Reading an A4 scan at 600 dpi to 1024 pixels: ours against OpenCV's full decoding and area resize.

    .venv-bench/bin/python benchmarks/decode.py

The scan is made here and read from memory-cached disk: 4960 x 7016 pixels, one receipt on the scanner's white lid.
What it costs is its coefficients, so it is measured against real ones: SROIE's 64 A4 scans, reduced to 1600 pixels at
quality 85, take 0.37 bits a pixel (median) and are white in 96 % of their pixels. The page made here, reduced likewise,
takes 0.83 and is white in 75 %: it has more text and grain than they have.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from benchmarks.row import Row, faster, main
from ocr.data.geometry_transforms import FitLongSide
from ocr.images.decode import read_picture
from ocr.types import UInt8Array

WIDTH, HEIGHT, LONG_SIDE = 4960, 7016, 1024
SAME = 1.5  # grey levels apart, on average
RECEIPT = (1500, 300, 1890, 4960)
"""Left, top, width and height of the receipt: 80 x 210 mm."""
LINES, LETTERS = 50, 32
LID, PAPER, INK, GRAIN = 245, 225, 40, 3.0
"""Grey levels, and the grain's standard deviation in them."""
WHITE_POINT = 255 / 230
"""Scanners make white of their lid and of most paper; here the grain of the paper stays in sight."""


def scan(path: Path, quality: int) -> None:
    """Write a receipt on the white lid of a scanner, lit unevenly, with the grain of paper and sensor."""
    rng = np.random.default_rng(0)
    page_HW = np.full((HEIGHT, WIDTH), LID, np.uint8)
    left, top, width, height = RECEIPT
    page_HW[top : top + height, left : left + width] = PAPER
    for line in range(LINES):
        text = "".join(chr(code) for code in rng.integers(33, 122, LETTERS))
        place = (left + 100, top + 150 + line * (height - 200) // LINES)
        cv2.putText(page_HW, text, place, cv2.FONT_HERSHEY_SIMPLEX, 2.4, INK, 6, cv2.LINE_AA)
    light_HW = cv2.resize(rng.uniform(0.95, 1.05, (6, 4)).astype(np.float32), (WIDTH, HEIGHT))
    grain_HW = rng.normal(0, GRAIN, (HEIGHT, WIDTH)).astype(np.float32)
    lit_HW = np.clip((page_HW * light_HW + grain_HW) * WHITE_POINT, 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), cv2.cvtColor(lit_HW, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])


def ours(path: Path) -> UInt8Array:
    """Decode as our loader does."""
    image_HWC, _ = FitLongSide(long_side=LONG_SIDE)(read_picture(path, LONG_SIDE).image_HWC)
    return image_HWC


def plain(path: Path) -> UInt8Array:
    """Decode in full, then resize, as is usual."""
    image_HWC = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    factor = LONG_SIDE / max(image_HWC.shape)
    size = (round(image_HWC.shape[1] * factor), round(image_HWC.shape[0] * factor))
    return cv2.resize(image_HWC, size, interpolation=cv2.INTER_AREA)


def measure() -> list[Row]:
    """Compare the pixels, then time both."""
    cv2.setNumThreads(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for quality in (75, 90):
            path = Path(folder) / f"{quality}.jpg"
            scan(path, quality)
            expected = plain(path)
            height, width = expected.shape[:2]
            apart = cv2.absdiff(ours(path)[:height, :width], expected)
            assert apart.mean() < SAME, f"the images are {apart.mean():.2f} grey levels apart"
            megabytes = path.stat().st_size / 1e6
            rows.append(
                faster(
                    f"A4 at 600 dpi, JPEG quality {quality} ({megabytes:.1f} MB), to {LONG_SIDE} pixels",
                    "cv2.imread + INTER_AREA",
                    5,
                    lambda path=path: ours(path),
                    lambda path=path: plain(path),
                    pairs=9,
                    same=f"not equal: {apart.mean():.2f} of 255 grey levels apart on average, {apart.max()} at most",
                )
            )
    return rows


if __name__ == "__main__":
    sys.exit(main(measure))
