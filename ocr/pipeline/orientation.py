"""How a page lies: by how many degrees, clockwise, it has to be turned for its text to stand upright.

Whether the text runs up or down the page is guessed from its ink, before anything is found. Which way up it is, the
recogniser says: of what it reads upside down or on its side, it is unsure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from ocr.geometry import order_clockwise
from ocr.images.decode import Picture
from ocr.images.orientation import QUARTERS, turned_by, turned_points, turned_size
from ocr.images.sideways import lies_sideways
from ocr.page import Page
from ocr.pipeline.detector import Detector
from ocr.pipeline.inputs import sample_of
from ocr.pipeline.recognizer import LineReader
from ocr.types import Detection, FloatArray, InputError, Reading, Sample, UInt8Array

Orientation = int | Literal["auto"]
"""Degrees clockwise that turn a page upright, 0, 90, 180 or 270; ``auto``: found from the page."""
SAMPLED = 4
"""Lines that are read both ways: the longest ones."""
SURE, LOST = 0.6, 0.4
"""Mean confidence of these lines below which they are read upside down too; and, if neither way is better than that,
below which the page is turned by 90 degrees. Of 40 training receipts of SROIE, upright ones had 0.36 and more (median
0.77), upside down 0.46 and less, on their side 0.49 and less; each was surest the right way."""


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
    return replace(page, size=turned_size(page.size, page.orientation), lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page that can be read.

    Attributes:
        image_HWC: uint8 RGB at full size, turned.
        sample: resized for the detector.
        orientation: degrees by which it was turned clockwise.
    """

    image_HWC: UInt8Array
    sample: Sample
    orientation: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is on a page that is turned in one way.

    Attributes:
        size: (width, height) of the turned page in pixels.
        orientation: degrees by which it was turned clockwise.
        regions: the text regions.
        crops: uint8 RGB (H, W, 3) of each.
        readings: of some regions, by their numbers.
    """

    size: tuple[int, int]
    orientation: int
    regions: Sequence[Detection]
    crops: Sequence[UInt8Array]
    readings: Mapping[int, Reading] = field(default_factory=dict)

    def longest(self) -> list[int]:
        """The numbers of the longest regions, at most `SAMPLED`."""
        reach_N = np.array([np.ptp(region.points_N2, axis=0).max() for region in self.regions])
        return [int(number) for number in np.argsort(-reach_N, kind="stable")[:SAMPLED]]

    def sureness(self) -> float:
        """The mean over the lines that were read of their least certain character's probability; 0 without lines."""
        # A calibration differs between files; what `SURE` was chosen for is what the network says.
        sure = [reading.uncalibrated or reading.confidences for reading in self.readings.values()]
        least = [min(each, default=0.0) for each in sure]
        return float(np.mean(least)) if least else 0.0

    def upside_down(self) -> Attempt:
        """The page turned by 180 degrees, unread; outlines start from the corner that is top left now."""
        turned = [turned_points(region.points_N2, 180, self.size) for region in self.regions]
        pairs = zip(self.regions, turned, strict=True)
        regions = [replace(region, points_N2=order_clockwise(points_N2)) for region, points_N2 in pairs]
        crops = [np.ascontiguousarray(crop_HWC[::-1, ::-1]) for crop_HWC in self.crops]
        return Attempt(self.size, (self.orientation + 180) % 360, regions, crops)


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
        """An image at full size, turned if its text seems to lie on its side, and resized for the detector."""
        if self.orientation == "auto":
            return self.resized(image_HWC, 90 if lies_sideways(image_HWC) else 0, path)
        return self.resized(image_HWC, self.orientation, path)

    def resized(self, image_HWC: UInt8Array, degrees: int, path: Path) -> Prepared:
        """An image that is turned and resized for the detector."""
        turned_HWC = turned_by(image_HWC, degrees)
        picture = Picture(turned_HWC, (turned_HWC.shape[1], turned_HWC.shape[0]))
        return Prepared(turned_HWC, sample_of(picture, self.detector.transform, path), degrees)

    def __call__(self, prepared: Prepared) -> Attempt:
        """Find and read the lines; ``auto`` turns a page that cannot be read well by what remains."""
        attempt = self.attempt(prepared)
        if self.orientation == "auto" and attempt.regions and attempt.sureness() < LOST:
            turn = -90 if prepared.orientation else 90
            image_HWC, path = turned_by(prepared.image_HWC, turn), prepared.sample.record.image_path
            other = replace(self.resized(image_HWC, 0, path), orientation=prepared.orientation + turn)
            attempt = max(attempt, self.attempt(other), key=Attempt.sureness)
        rest = [number for number in range(len(attempt.crops)) if number not in attempt.readings]
        return self.read(attempt, rest)

    def attempt(self, prepared: Prepared) -> Attempt:
        """Find the lines; if the orientation is ``auto``, read the longest of them the better way up."""
        regions = self.detector(prepared.sample)
        crops = [self.recogniser.transform(prepared.image_HWC, region.points_N2) for region in regions]
        attempt = Attempt(prepared.sample.original_size, prepared.orientation, regions, crops)
        if self.orientation != "auto" or not regions:
            return attempt
        numbers = attempt.longest()
        attempt = self.read(attempt, numbers)
        if attempt.sureness() >= SURE:
            return attempt
        return max(attempt, self.read(attempt.upside_down(), numbers), key=Attempt.sureness)

    def read(self, attempt: Attempt, numbers: Sequence[int]) -> Attempt:
        """Read some regions as well."""
        read = self.recogniser.read_crops([attempt.crops[number] for number in numbers])
        return replace(attempt, readings={**attempt.readings, **dict(zip(numbers, read, strict=True))})
