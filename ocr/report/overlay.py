"""Draw detections and ground truth over a receipt."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ocr.images.decode import MAX_PIXELS, read_picture
from ocr.images.kinds import ENDINGS
from ocr.types import Batch, Detection, InputError, UInt8Array, Word
from ocr.utils.printable import printable
from ocr.utils.whole_file import whole_file

TRUTH = (0, 150, 60)
IGNORED = (150, 150, 150)
FOUND = (220, 30, 30)

PICTURE_ENDINGS = frozenset(ending for name in ("JPEG", "PNG", "WEBP", "BMP", "TIFF") for ending in ENDINGS[name])
"""Extensions to which Pillow writes RGB pictures. It has others, but not all for RGB, nor in every build."""


def draw_overlay(
    path: Path, detections: Sequence[Detection], regions: Sequence[Word] = (), max_pixels: int = MAX_PIXELS
) -> UInt8Array:
    """The upright image with ground truth in green (ignored: grey) under detections in red.

    Args:
        path: the image file.
        detections: polygons in the image's pixels.
        regions: ground truth polygons in the image's pixels.
        max_pixels: limit above which the image is not decoded.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ImageError: the image cannot be read.
    """
    image = Image.fromarray(read_picture(path, max_pixels=max_pixels).image_HWC)
    canvas = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 700))
    for region in regions:
        outline(canvas, region.points_N2, IGNORED if region.ignore else TRUTH, width + 1)
    for detection in detections:
        outline(canvas, detection.points_N2, FOUND, max(width - 1, 1))
    return np.asarray(image)


def draw_regions(image_HWC: UInt8Array, regions: Sequence[Word]) -> UInt8Array:
    """A picture with the outlines of ground truth in green (ignored: grey).

    Args:
        image_HWC: uint8 RGB.
        regions: polygons in its pixels.
    """
    image = Image.fromarray(image_HWC)
    canvas = ImageDraw.Draw(image)
    for region in regions:
        outline(canvas, region.points_N2, IGNORED if region.ignore else TRUTH, 2)
    return np.asarray(image)


def draw_overlays(batch: Batch, found: Sequence[Sequence[Detection]]) -> Iterator[tuple[str, UInt8Array]]:
    """The name and the overlay of each image of a batch, except those in a tar shard or at a URL.

    Args:
        batch: images of local files with their ground truth.
        found: the detections in each image.

    Raises:
        ImageError: an image cannot be read.
    """
    images = zip(batch.paths, batch.regions, found, batch.original_sizes, strict=True)
    for path, regions, detections, size in images:
        if path.is_file():
            yield path.stem, draw_overlay(path, detections, regions, math.prod(size))
        else:
            message = "%s: no overlay, since the image is not a local file"
            logging.getLogger(__name__).info(message, printable(str(path)))


def outline(canvas: ImageDraw.ImageDraw, points_N2: np.ndarray, colour: tuple[int, int, int], width: int) -> None:
    """Draw a closed polygon."""
    corners = [(float(x), float(y)) for x, y in points_N2]
    canvas.line([*corners, corners[0]], fill=colour, width=width)


def save_image(image_HWC: UInt8Array, path: Path, within: Path | None = None) -> None:
    """Write an RGB picture atomically, in the format of the file's extension; its folder is created.

    A name without a picture's extension (images are recognised by their content, so it may have any) gets ``.jpg``
    appended: ``scan`` and ``scan.001`` are written to ``scan.jpg`` and ``scan.001.jpg``.

    Args:
        image_HWC: uint8 RGB.
        path: the file; an existing link is replaced.
        within: the folder that it must lie in, links resolved.

    Raises:
        InputError: a link leads out of ``within``.
    """
    if path.suffix.lower() not in PICTURE_ENDINGS:
        path = path.with_name(f"{path.name}.jpg")
    if within is not None:
        check_within(path, within)
    with whole_file(path) as temporary:
        Image.fromarray(image_HWC).save(temporary, Image.registered_extensions()[path.suffix.lower()])


def check_within(path: Path, folder: Path) -> None:
    """Check that a file will lie in a folder, links resolved.

    Raises:
        InputError: a link leads out of the folder.
    """
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path}: a link leads out of {folder}, to {path.parent.resolve()}; remove it")
