"""Pictures as files have them."""

import io
import struct
from pathlib import Path
from typing import Any

from PIL import Image


def encoded(image: Image.Image, ending: str, **options: Any) -> bytes:
    """An image in a format of Pillow's."""
    file = io.BytesIO()
    image.save(file, ending, **options)
    return file.getvalue()


def picture(path: Path, size: tuple[int, int], value: int = 0) -> Path:
    """A grey picture of (width, height), in a folder that is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value,) * 3).save(path)
    return path


def exif(orientation: int) -> Image.Exif:
    """An EXIF block that says how the image is to be turned."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def tiff_chain(content: bytes) -> list[int]:
    """Where the directories of a little-endian TIFF begin, in their order."""
    (place,) = struct.unpack_from("<I", content, 4)
    places = []
    while place:
        places.append(place)
        (entries,) = struct.unpack_from("<H", content, place)
        (place,) = struct.unpack_from("<I", content, place + 2 + 12 * entries)
    return places
