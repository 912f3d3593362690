"""How a page lies: by how many degrees, clockwise, it has to be turned for its text to stand upright.

By quarters the page itself is turned; by what remains, if it is more than a few degrees, only what the detector sees:
text on a slant it merges with the lines above and below. The lines it finds lie in the page as it is.

Whether the text runs up or down the page is guessed from its ink. Which way up it is, the recogniser says: of what it
reads upside down or on its side, it is unsure. It reads a few lines of medium length, found by their ink too, both ways
up, until one way is clearly better. If none is, lines that the detector finds are tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from ocr.geometry import clip_points, order_clockwise, transform_points
from ocr.images.decode import Picture
from ocr.images.ink_lines import line_boxes, small_grey
from ocr.images.orientation import QUARTERS, turned_by, turned_points, turned_size
from ocr.images.sideways import lies_sideways
from ocr.images.skew import levelled, skew
from ocr.page import Page
from ocr.pipeline.detector import Detector
from ocr.pipeline.inputs import sample_of
from ocr.pipeline.recognizer import LineReader
from ocr.types import Detection, FloatArray, InputError, Reading, Sample, UInt8Array

Orientation = int | Literal["auto"]
"""Degrees clockwise that turn a page upright, 0, 90, 180 or 270; ``auto``: found from the page."""
MOST, MEDIUM = 8, 150
"""Lines that are read both ways up at most, and columns of the crops that are read first: long enough to tell."""
CERTAIN, TELLING = 0.95, 4
"""A line whose characters all have this confidence or more is the right way up, if so many of them or more are letters:
many digits are digits upside down too. On training receipts of SROIE that holds for 42 in 100 lines of medium length
and for none of 1,079 upside down."""
CLEAR, SURE, SHORT = 0.4, 0.6, 6
"""Otherwise one way is clearly better once the lines' least confidences, summed up, lead by the first value; the better
ones must have the second as their mean, and lines with fewer characters do not count. On 60 training receipts that was
always right, after 1.9 readings if they were upright and 2.4 if not, and never took text on its side for upright."""


def check_orientation(orientation: Orientation) -> None:
    """Check the setting.

    Raises:
        InputError: it is none of the allowed values.
    """
    if orientation != "auto" and (type(orientation) is not int or orientation not in QUARTERS):
        raise InputError(f"orientation={orientation}: must be auto, 0, 90, 180 or 270")


def in_file(page: Page) -> Page:
    """The page with its positions in the pixels of its file's image, as it lies there.

    Outlines start at the corner that is top left there.
    """
    if not page.orientation:
        return page

    def back(points_N2: FloatArray) -> FloatArray:
        return order_clockwise(turned_points(points_N2, -page.orientation, page.size))

    lines = []
    for line in page.lines:
        words = tuple(replace(word, points_N2=back(word.points_N2)) for word in line.words)
        lines.append(replace(line, points_N2=back(line.points_N2), words=words))
    facts = page.facts.moved(back) if page.facts else None
    return replace(page, size=turned_size(page.size, page.orientation), lines=tuple(lines), facts=facts)


def least(reading: Reading) -> float:
    """The probability of a line's least certain character; 0 without text.

    A calibration differs between files; the limits above were chosen for what the network says.
    """
    return min(reading.uncalibrated or reading.confidences, default=0.0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page that can be read.

    Attributes:
        image_HWC: uint8 RGB at full size, turned.
        sample: turned level and resized for the detector.
        orientation: degrees by which it was turned clockwise.
        level_33: homography from its pixels to those of the image that was resized, if its text is tilted.
        clear: whether there is no doubt about the orientation.
    """

    image_HWC: UInt8Array
    sample: Sample
    orientation: int
    level_33: npt.NDArray[np.float64] | None = None
    clear: bool = True

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image in pixels."""
        return self.image_HWC.shape[1], self.image_HWC.shape[0]


@dataclass(frozen=True, slots=True)
class Trial:
    """What lines of a page say about its orientation.

    Attributes:
        clear: whether one way up is clearly better.
        sureness: mean over the lines of their least confidence, each the better way up; 0 without lines.
        upside_down: whether they are read more surely when they are turned by 180 degrees.
    """

    clear: bool
    sureness: float
    upside_down: bool


@dataclass(frozen=True, slots=True)
class FoundLines:
    """The lines of a page.

    Attributes:
        page: it.
        regions: in pixels of the turned page.
        crops: uint8 RGB (H, W, 3) of each.
        readings: of each, once they are read.
    """

    page: Prepared
    regions: Sequence[Detection]
    crops: Sequence[UInt8Array]
    readings: Sequence[Reading] = ()

    def medium_first(self) -> list[UInt8Array]:
        """The crops, those first whose width is nearest to `MEDIUM`."""
        return sorted(self.crops, key=lambda crop_HWC: abs(math.log(crop_HWC.shape[1] / MEDIUM)))


@dataclass(frozen=True, slots=True)
class PageReader:
    """Finds and reads the lines of a page, whichever way it lies.

    Attributes:
        detector: finds them.
        recogniser: reads them.
        orientation: degrees by which pages have to be turned clockwise; ``auto``: found from each page.
    """

    detector: Detector
    recogniser: LineReader
    orientation: Orientation = "auto"

    def prepared(self, image_HWC: UInt8Array, path: Path) -> Prepared:
        """An image at full size, turned upright if its ink shows lines that say how, and resized for the detector."""
        small_HW = small_grey(image_HWC)
        if self.orientation != "auto":
            return self.resized(image_HWC, self.orientation, skew(np.rot90(small_HW, -self.orientation // 90)), path)
        first = 90 if lies_sideways(small_HW) else 0
        for degrees in (first, 90 - first):
            turned_HWC, seen_HW = (np.rot90(each, -degrees // 90) for each in (image_HWC, small_HW))  # not copied
            angle = skew(seen_HW)
            level_HW, matrix_33 = levelled(seen_HW, angle)
            scale = np.diag([*np.divide(turned_HWC.shape[1::-1], seen_HW.shape[::-1]), 1.0])
            back_33 = scale @ np.linalg.inv(matrix_33)
            boxes = (transform_points(box_42, back_33) for box_42 in line_boxes(level_HW))
            trial = self.trial(self.recogniser.transform(turned_HWC, box_42) for box_42 in boxes)
            if trial.clear:
                return self.resized(image_HWC, degrees + 180 * trial.upside_down, angle, path)
        return replace(self.resized(image_HWC, first, skew(np.rot90(small_HW, -first // 90)), path), clear=False)

    def resized(self, image_HWC: UInt8Array, degrees: int, angle: float, path: Path) -> Prepared:
        """An image turned by quarters; for the detector it is also turned level, by an angle, and resized."""
        turned_HWC = turned_by(image_HWC, degrees)
        level_HWC, matrix_33 = levelled(turned_HWC, angle, self.detector.transform.long_side)
        picture = Picture(level_HWC, (level_HWC.shape[1], level_HWC.shape[0]))
        level_33 = None if level_HWC is turned_HWC else matrix_33
        return Prepared(turned_HWC, sample_of(picture, self.detector.transform, path), degrees, level_33)

    def trial(self, crops: Iterable[UInt8Array]) -> Trial:
        """Read lines both ways up, one after the other, until one way is clearly better."""
        lead, better = 0.0, []
        for crop_HWC in islice(crops, MOST):
            readings: list[Reading] = []
            for way_HWC in (crop_HWC, np.ascontiguousarray(crop_HWC[::-1, ::-1])):
                readings += self.recogniser.read_crops([way_HWC])
                if least(readings[-1]) >= CERTAIN and sum(map(str.isalpha, readings[-1].text)) >= TELLING:
                    return Trial(clear=True, sureness=1.0, upside_down=len(readings) == 2)
            if len(max(readings, key=least).text) < SHORT:
                continue
            lead += least(readings[0]) - least(readings[1])
            better.append(max(map(least, readings)))
            if abs(lead) >= CLEAR and np.mean(better) >= SURE:
                return Trial(clear=True, sureness=float(np.mean(better)), upside_down=lead < 0)
        return Trial(clear=False, sureness=float(np.mean(better)) if better else 0.0, upside_down=lead < 0)

    def __call__(self, prepared: Prepared) -> FoundLines:
        """Find and read the lines; a page whose orientation is not clear is first turned as its lines say."""
        found = self.found(prepared)
        if not prepared.clear and found.regions:
            found = self.upright(found)
        return replace(found, readings=self.recogniser.read_crops(found.crops))

    def found(self, prepared: Prepared) -> FoundLines:
        """Find the lines and cut them."""
        regions = self.detector(prepared.sample)
        if prepared.level_33 is not None:
            back_33 = np.linalg.inv(prepared.level_33)
            places = (clip_points(transform_points(each.points_N2, back_33), *prepared.size) for each in regions)
            regions = [replace(each, points_N2=place) for each, place in zip(regions, places, strict=True)]
        crops = [self.recogniser.transform(prepared.image_HWC, region.points_N2) for region in regions]
        return FoundLines(prepared, regions, crops)

    def found_after(self, turn: int, prepared: Prepared) -> FoundLines:
        """Find the lines of a page that is turned again."""
        image_HWC = prepared.image_HWC
        angle = skew(np.rot90(small_grey(image_HWC), -turn // 90))
        page = self.resized(image_HWC, turn, angle, prepared.sample.record.image_path)
        return self.found(replace(page, orientation=(prepared.orientation + turn) % 360))

    def upright(self, found: FoundLines) -> FoundLines:
        """The lines of the page turned as they can be read most surely."""
        trial = self.trial(found.medium_first())
        if not trial.clear:
            other = self.found_after(-90 if found.page.orientation else 90, found.page)
            another = self.trial(other.medium_first())
            if (another.clear, another.sureness) > (trial.clear, trial.sureness):
                found, trial = other, another
        return self.found_after(180, found.page) if trial.upside_down else found
