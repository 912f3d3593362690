"""Pictures as files have them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def encoded(image: Image.Image, ending: str, **options: Any) -> bytes:
    """An image in a format of Pillow's."""
    file = io.BytesIO()
    image.save(file, ending, **options)
    return file.getvalue()


def exif(orientation: int) -> Image.Exif:
    """An EXIF block that says how the image is to be turned."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block
