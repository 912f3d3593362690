"""Write images upright without an EXIF tag; clip, repair and order polygons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from PIL import Image

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.conversion_report import Report
from ocr.formats.common.rounding import as_written, hundredths
from ocr.formats.common.scale import check_pixels
from ocr.geometry import MIN_POINTS, clip_points, swallowing, too_complex, transform_points
from ocr.images.decode import read_picture
from ocr.images.files import read_bytes
from ocr.images.header import ImageError, ImageHeader, read_header
from ocr.images.orientation import upright_matrix
from ocr.images.pages import CUT
from ocr.types import FloatArray, Record, Word

SAVING: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("JPEG", {"quality": 95, "subsampling": 0}),
    "MPO": ("JPEG", {"quality": 95, "subsampling": 0}),  # a phone's JPEG with further pictures
    "TIFF": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "WEBP": ("WEBP", {"lossless": True}),
    "AVIF": ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
}
"""Format and settings for saving a turned image, by its own format, where Pillow's defaults would lose detail."""
Frame = Literal["upright", "raw"]
MOVED = 0.01
"""Pixels: clipping that moves a point by less is not reported."""


def write_upright(source: Path, target: Path) -> ImageHeader:
    """Write an image to its new path, turned as its EXIF tag says and without the tag.

    An upright image is copied byte for byte. Otherwise its first picture is turned and re-encoded in its own format, as
    8-bit grey or RGB: JPEG, and a phone's JPEG of several pictures, at quality 95 without chroma subsampling, AVIF at
    100, all others losslessly.

    Returns:
        The original image's header.

    Raises:
        AnnotationError: the image cannot be read or written; nothing is left at ``target``.
    """
    try:
        encoded = read_bytes(source)
        header = read_header(encoded, source)
        picture = read_picture(encoded, name=source)
        if header.orientation == 1:
            target.write_bytes(encoded)
        else:
            image_format, options = SAVING.get(header.format, (header.format, {}))
            upright = Image.fromarray(picture.image_HWC).convert("L" if header.mode in {"1", "L"} else "RGB")
            upright.save(target, format=image_format, **options)
    except ImageError as error:
        reason = str(error).removeprefix(f"{source}: ")
        raise AnnotationError(f"{source}: cannot be converted: {reason}") from error
    except (OSError, ValueError) as error:
        target.unlink(missing_ok=True)
        raise AnnotationError(
            f"{target}: cannot be written ({error}); make room, or convert {source} yourself"
        ) from error
    return header


def convert_images(
    records: Iterable[Record], names: Mapping[Path, str], folder: Path, frame: Frame, report: Report
) -> list[Record]:
    """Write the images upright into a folder; those that cannot be converted are left out and listed."""
    written = []
    for record in records:
        target = folder / names[record.image_path]
        try:
            written.append(convert_one(record, target, frame, report))
        except AnnotationError as error:
            target.unlink(missing_ok=True)
            report.left_out.append(str(error))
    return written


def convert_one(record: Record, target: Path, frame: Frame, report: Report) -> Record:
    """Write one image upright and return its record with clean polygons.

    Raises:
        AnnotationError: the image cannot be read, its name is not UTF-8, its size shows that the polygons are in
            another frame, they are not in pixels, or none of its words is left.
    """
    try:
        record.name.encode()
    except UnicodeEncodeError as error:
        raise AnnotationError(f"{record.image_path}: its name is not UTF-8; rename the image") from error
    check_pixels([word.points_N2 for word in record.words.values() if len(word.points_N2)], str(record.image_path))
    header = write_upright(record.image_path, target)
    stored_size, upright_size = (header.width, header.height), header.upright_size
    matrix_33 = upright_matrix(header.orientation, *stored_size)
    check_frame(record, frame, {"upright": upright_size, "raw": stored_size})
    if header.orientation != 1:
        report.turned.append(f"{record.image_path}: EXIF orientation {header.orientation}")
    if header.pages > 1:
        ends = f", or more: {CUT}; copy it again" if header.cut else ""
        unread = f"{header.pages - 1} of {header.pages} pages are not read{ends}"
        report.first_page_alone.append(f"{record.image_path}: {unread}")
    words: dict[str, Word] = {}
    for key, word in record.words.items():
        points_N2 = word.points_N2
        if frame == "raw" and len(points_N2):
            points_N2 = transform_points(points_N2, matrix_33)
        clean_N2 = clean(points_N2, upright_size, f"{record.image_path}, word {key}", report)
        if clean_N2 is not None:
            words[key] = replace(word, points_N2=clean_N2)
    if record.words and not words:
        raise AnnotationError(
            f"{record.image_path}: none of its {len(record.words)} words can be used in the image of "
            f"{upright_size[0]} x {upright_size[1]}; correct them, or remove them if the image has no text"
        )
    for key, within in swallowing(words).items():
        place = f"{record.image_path}, word {key}: {words.pop(key).points_N2.tolist()}"
        report.around_words.append(f"{place} has {', '.join(within)} in it")
    return Record(target, words, *upright_size, record.fields)


def check_frame(record: Record, frame: Frame, sizes: dict[Frame, tuple[int, int]]) -> None:
    """Refuse an annotation whose stated size is not the image's in the requested frame.

    Args:
        record: a reader's record.
        frame: the frame that the polygons are said to be in.
        sizes: (width, height) of the image in each frame.

    Raises:
        AnnotationError: the stated size is that of the other frame, or of neither.
    """
    stated = (record.width, record.height)
    fitting = [
        name for name, size in sizes.items() if all(s in (None, own) for s, own in zip(stated, size, strict=True))
    ]
    if frame not in fitting:
        has = " and ".join(f"{width} x {height} in frame={name}" for name, (width, height) in sizes.items())
        remedy = f"give frame={fitting[0]}" if fitting else "correct img_w and img_h or put the annotated image there"
        raise AnnotationError(
            f"{record.image_path}: the image is {has}, the annotation says {stated[0] or '?'} x {stated[1] or '?'}, so "
            f"its polygons are not of frame={frame}; {remedy}"
        )


def clean(points_N2: FloatArray, size: tuple[int, int], where: str, report: Report) -> FloatArray | None:
    """A polygon clipped to the image, ready to be written; ``None`` if nothing of it is left."""
    place = f"{where}: {np.round(points_N2.astype(np.float64), 2).tolist()}"
    if len(points_N2) < MIN_POINTS:
        report.dropped.append(f"{place} has {len(points_N2)} points")
        return None
    if flaw := too_complex(points_N2):
        report.dropped.append(f"{where} {flaw}")
        return None
    clipped_N2 = clip_points(points_N2, *size)
    clean_N2 = as_written(clipped_N2)
    if clean_N2 is None:
        report.dropped.append(f"{place} has no area in the image of {size[0]} x {size[1]}")
        return None
    if np.abs(clipped_N2 - points_N2).max() > MOVED:
        report.clipped.append(f"{place} in an image of {size[0]} x {size[1]}")
    if not shapely.Polygon(hundredths(clipped_N2)).is_valid:
        report.repaired.append(place)
    return clean_N2
