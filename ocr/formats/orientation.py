"""Image files that stand upright without an EXIF tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from ocr.formats.base import AnnotationError
from ocr.images.decode import read_picture
from ocr.images.files import read_bytes
from ocr.images.header import ImageError, ImageHeader, read_header

SAVING: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("JPEG", {"quality": 95, "subsampling": 0}),
    "MPO": ("JPEG", {"quality": 95, "subsampling": 0}),  # a phone's JPEG with a second picture behind the first
    "TIFF": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "WEBP": ("WEBP", {"lossless": True}),
    "AVIF": ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
}
"""Format and settings that a turned image is saved in, by its own format, where Pillow's choice would lose detail."""


def write_upright(source: Path, target: Path) -> ImageHeader:
    """Put an image at its new place, turned as its EXIF tag says and without the tag.

    An image that stands upright already is copied byte for byte. Of any other its first picture is turned and encoded
    anew in its own format, as grey or RGB of 8 bits: JPEG, and what phones store as several pictures in one JPEG, at
    quality 95 without chroma subsampling, AVIF at 100, all others without loss.

    Returns:
        The header that the image had.

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
