"""What the header of an image file says, read without decoding a pixel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageFile

from ocr.formats.orientation import FIRST_SIDEWAYS, TURNS
from ocr.types import InputError

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "JPEG2000", "AVIF")
"""Pillow's names of what is taken for an image; its other formats are not for photographs, or run programs."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
BITS_PER_SAMPLE = 258
WIDE_MODES = {"I;16": 16, "I;16B": 16, "I;16L": 16, "I;16N": 16, "I": 32, "F": 32}


class HeaderError(InputError):
    """A file's header is not that of an image; the message names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """An image file as its header describes it; nothing says that the pixels behind it are whole.

    Attributes:
        format: Pillow's name: ``JPEG``, ``PNG``, ``MPO`` (a JPEG with further pictures behind it), ...
        width: stored pixels.
        height: stored pixels.
        mode: Pillow's: ``RGB``, ``L``, ``CMYK``, ``RGBA``, ``P``, ``I;16``, ...
        frames: pictures in the file, 1 or more.
        orientation: EXIF orientation 1 to 8; 1 where there is none or the value has no meaning.
        bits: of a channel of a pixel as stored.
        alpha: pixels may be transparent.
    """

    format: str
    width: int
    height: int
    mode: str
    frames: int = 1
    orientation: int = 1
    bits: int = 8
    alpha: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) as a viewer shows the image, in pixels."""
        return (self.width, self.height) if self.orientation < FIRST_SIDEWAYS else (self.height, self.width)


def read_header(encoded: bytes | memoryview, where: str) -> ImageHeader:
    """Read an image's header. However large the image says it is, that is only reported.

    Args:
        encoded: the file, or its beginning as far as the header reaches.
        where: the file, for messages.

    Raises:
        HeaderError: it is empty, or not the header of an image of `FORMATS`.
    """
    if not len(encoded):
        raise HeaderError(f"{where}: the file is empty; copy it again or remove it")
    try:
        image = opened(bytes(encoded))
        orientation = orientation_of(image, encoded)
        # What asks for further pictures may read on in a damaged file.
        frames = int(getattr(image, "n_frames", 1))
    except Exception as error:  # Pillow's readers raise what they like: struct.error, KeyError, AttributeError, ...
        raise HeaderError(f"{where}: is not an image or its header is damaged ({error}); remove it") from error
    # Pillow gives a TIFF's upright size.
    width, height = image.size if image.format != "TIFF" or orientation < FIRST_SIDEWAYS else image.size[::-1]
    alpha = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return ImageHeader(
        image.format or "", width, height, image.mode, max(frames, 1), orientation, bits_of(image, encoded), alpha
    )


def opened(encoded: bytes) -> ImageFile.ImageFile:
    """Pillow's reader of the file, without `Image.open`'s limit of pixels, which is a global setting.

    Raises:
        ValueError: no reader takes it.
    """
    Image.init()
    for name in FORMATS:
        if name not in Image.OPEN:  # left out of this build of Pillow
            continue
        factory, accept = Image.OPEN[name]
        accepted = accept(encoded[:16]) if accept else True
        if accepted is True or (accepted and not isinstance(accepted, str)):
            image = factory(io.BytesIO(encoded), "")
            if image.width < 1 or image.height < 1:
                raise ValueError("it has no pixel")
            return image
    raise ValueError("its first bytes are those of no known format")


def orientation_of(image: ImageFile.ImageFile, encoded: bytes | memoryview) -> int:
    """The EXIF orientation, read without decoding: Pillow's ``getexif`` loads the pixels of a PNG."""
    if image.format == "TIFF":
        value = image.tag_v2.get(ExifTags.Base.Orientation, 1)  # type: ignore[attr-defined]
    else:
        block = image.info.get("exif") or (png_exif(encoded) if image.format == "PNG" else b"")
        exif = Image.Exif()
        try:
            exif.load(block)
            value = exif.get(ExifTags.Base.Orientation, 1)
        except Exception:  # a damaged block turns nothing, as with viewers
            value = 1
    return value if isinstance(value, int) and value in TURNS else 1


def png_exif(encoded: bytes | memoryview) -> bytes:
    """The EXIF block of a PNG, which may come behind the pixels; empty where there is none."""
    return next((bytes(content) for kind, content in png_chunks(memoryview(encoded)) if kind == b"eXIf"), b"")


def png_chunks(encoded: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of a PNG's chunks, as far as they are there."""
    place = len(PNG_SIGNATURE)
    while place + 8 <= len(encoded):
        length = int.from_bytes(encoded[place : place + 4])
        yield bytes(encoded[place + 4 : place + 8]), encoded[place + 8 : place + 8 + length]
        place += 12 + length


def bits_of(image: ImageFile.ImageFile, encoded: bytes | memoryview) -> int:
    """Bits of a channel as stored: Pillow's mode of a colour PNG or TIFF with 16 bits says 8."""
    if image.mode in WIDE_MODES:
        return WIDE_MODES[image.mode]
    if image.format == "PNG":
        return int(encoded[24])
    if image.format == "TIFF":
        bits = image.tag_v2.get(BITS_PER_SAMPLE, (1,))  # type: ignore[attr-defined]
        return max(bits) if isinstance(bits, tuple) and bits else 8
    return 1 if image.mode == "1" else 8
