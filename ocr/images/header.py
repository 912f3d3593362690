"""Read the header of an image file, without decoding pixels."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from PIL import Image, ImageFile, TiffImagePlugin

from ocr.images.exif import orientation_of, tags_of
from ocr.images.kinds import CAMERA_RAW, ENDINGS, no_image, other_kind
from ocr.images.orientation import FIRST_SIDEWAYS
from ocr.images.pages import REDUCED_COPY, SUBFILE_TYPE, count_pages
from ocr.types import InputError

DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I"})
"""16-bit grey."""
ALPHA_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
BITS_PER_SAMPLE, MAX_SAMPLE_VALUE, TILE_WIDTH, TILE_HEIGHT, SAMPLE_FORMAT = 258, 281, 322, 323, 339
UNSIGNED = 1
LARGEST_TILE = 1 << 24
"""Limit of the pixels in a TIFF's tile if the image has fewer: a tile is always decoded whole."""
JPEG_2000_SIZE, JPEG_2000_CHANNELS = b"\xff\x4f\xff\x51", 40
"""Start of a JPEG 2000's codestream, and the offset of its number of channels, which precedes their descriptions.

ISO/IEC 15444-1, A.5.1."""
BIG_ENDIAN_WHITE_IS_ZERO = (b"MM", 0, (1,), 1, (16,), ())
PAM_HEADER = re.compile(rb"P7\n(?:.*\n)*?ENDHDR[ \t\r]*\n")
PAM_ENTRY = re.compile(rb"^(WIDTH|HEIGHT|DEPTH|MAXVAL)[ \t]+(\d{1,9})[ \t\r]*$", re.MULTILINE)
LONGEST_PAM_HEADER = 1 << 16
PNM_MARKS = {1: b"P5", 3: b"P6"}
"""Start of a PNM, by the number of channels."""


class ImageError(InputError):
    """An image file cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """An image file's header; it does not guarantee that the pixels are complete.

    Attributes:
        format: Pillow's name: ``JPEG``, ``PNG``, ``MPO`` (a JPEG followed by further pictures), ...
        width: stored pixels.
        height: stored pixels.
        mode: Pillow's: ``RGB``, ``L``, ``CMYK``, ``RGBA``, ``P``, ``I;16``, ...
        pages: pages of a document, or pictures of an animation, 1 or more.
        orientation: EXIF orientation 1 to 8; 1 if it is missing or invalid.
        bits: bits per channel as stored.
        alpha: whether pixels may be transparent.
        application_data: whether a JPEG has a segment that may hold EXIF data.
        cut: whether the file ends before further pages, of which ``pages`` counts one.
    """

    format: str
    width: int
    height: int
    mode: str
    pages: int = 1
    orientation: int = 1
    bits: int = 8
    alpha: bool = False
    application_data: bool = False
    cut: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) as a viewer shows the image, in pixels."""
        return (self.width, self.height) if self.orientation < FIRST_SIDEWAYS else (self.height, self.width)


def read_header(encoded: bytes, where: object) -> ImageHeader:
    """Read an image's header. The size is reported, not limited.

    Args:
        encoded: the file, or at least its header.
        where: the file, for messages.

    Raises:
        ImageError: it is empty, not the header of an image of `ENDINGS`, or the meaning of its pixels is undefined.
    """
    if not encoded:
        raise ImageError(f"{where}: the file is empty; copy it again or remove it")
    try:
        image = opened(encoded)
        orientation = orientation_of(image, encoded)
        # Pillow reports a TIFF's upright size.
        width, height = image.size if image.format != "TIFF" or orientation < FIRST_SIDEWAYS else image.size[::-1]
        mode, bits = image.mode, bits_of(image, encoded)
        alpha = mode in ALPHA_MODES or "transparency" in image.info
        application_data = any(segment == "APP1" for segment, _ in getattr(image, "applist", ()))
        # Last: this moves an MPO to another of its pictures, and may read on in a damaged file.
        pages, cut = count_pages(image, encoded)
    except Exception as error:  # Pillow's readers raise struct.error, KeyError, AttributeError, ...
        raise ImageError(f"{where}: {no_image(encoded, str(error))}") from error
    name = image.format or ""
    return ImageHeader(name, width, height, mode, pages, orientation, bits, alpha, application_data, cut)


def opened(encoded: bytes) -> ImageFile.ImageFile:
    """Pillow's reader of the file, without `Image.open`'s limit of pixels, which is a global setting.

    Raises:
        ValueError: no reader accepts it, the meaning of its pixels is undefined, or it is a camera raw file.
    """
    if other_kind(encoded) == CAMERA_RAW:  # some begin like a TIFF with a small copy of the photograph
        raise ValueError(CAMERA_RAW)
    encoded = as_pnm(encoded)
    Image.init()
    TiffImagePlugin.OPEN_INFO.setdefault(BIG_ENDIAN_WHITE_IS_ZERO, ("I;16B", "I;16B"))  # has the little-endian one
    for name in ENDINGS:
        if name not in Image.OPEN:  # not in this build of Pillow
            continue
        factory, accept = Image.OPEN[name]
        accepted = accept(encoded[:16]) if accept else True
        if accepted is True or (accepted and not isinstance(accepted, str)):
            image = factory(io.BytesIO(encoded), "")
            if image.width < 1 or image.height < 1:
                raise ValueError("it has no pixel")
            image.info.pop("xmp", None)  # Pillow would apply its orientation to a TIFF
            check_pixels(image)
            return image
    raise ValueError("its first bytes match no known format")


def as_pnm(encoded: bytes) -> bytes:
    """A grey or RGB PAM, which no reader accepts, as a PNM with the same pixels; any other file unchanged.

    Raises:
        ValueError: it is a PAM with an incomplete header or another depth, such as one with alpha.
    """
    if not encoded.startswith(b"P7\n"):
        return encoded
    header = PAM_HEADER.match(encoded[:LONGEST_PAM_HEADER])
    values = {name.decode(): int(value) for name, value in PAM_ENTRY.findall(header[0])} if header else {}
    if header is None or len(values) < 4:
        raise ValueError("its header lacks WIDTH, HEIGHT, DEPTH or MAXVAL")
    if values["DEPTH"] not in PNM_MARKS:
        raise ValueError(f"a PAM of DEPTH {values['DEPTH']} is not read, only those of 1 (grey) and 3 (RGB)")
    about = b"%s %d %d %d\n" % (PNM_MARKS[values["DEPTH"]], values["WIDTH"], values["HEIGHT"], values["MAXVAL"])
    return about + memoryview(encoded)[header.end() :]


def check_pixels(image: ImageFile.ImageFile) -> None:
    """Refuse pixels that are not colours, smaller copies of a picture, and tiles that need more memory than the image.

    Raises:
        ValueError: the image is one of these.
    """
    tags = tags_of(image)
    subfile = tags.get(SUBFILE_TYPE, 0)
    if isinstance(subfile, int) and subfile & REDUCED_COPY:
        raise ValueError("its first picture is a smaller copy of another, as in camera raw files, which are not read")
    samples = tags.get(SAMPLE_FORMAT, (UNSIGNED,))
    whole_range = image.format == "PPM"  # its header states the value of white
    if image.mode == "F" or (image.mode == "I" and not whole_range) or any(each != UNSIGNED for each in samples):
        raise ValueError("its pixels are signed, 32-bit or floating-point numbers, for which white is undefined")
    tile = tags.get(TILE_WIDTH, 0) * tags.get(TILE_HEIGHT, 0)
    if tile > max(image.width * image.height, LARGEST_TILE):
        raise ValueError(f"its tiles have {tile} pixels, more than the image")


def bits_of(image: ImageFile.ImageFile, encoded: bytes) -> int:
    """Bits per channel as stored: Pillow's mode of a 16-bit colour PNG, TIFF or JPEG 2000 says 8."""
    if image.format == "TIFF":
        return tiff_bits(image)
    if image.format == "JPEG2000":
        return jpeg_2000_bits(encoded)
    if image.mode in DEEP_MODES:
        return 16
    if image.format == "PNG":
        return int(encoded[24])
    if image.format == "BMP" and {"BGR;15", "BGR;16"} & {*(image.tile[0].args or ())}:  # OpenCV decodes white as 248
        return 5
    return 1 if image.mode == "1" else 8


def tiff_bits(image: ImageFile.ImageFile) -> int:
    """Bits per channel of a TIFF; of 16 the number that it states as used: scanners store 12 bits in 16."""
    tags = tags_of(image)
    values = tags.get(BITS_PER_SAMPLE, (1,))
    bits = max(values) if isinstance(values, tuple) and values else 8
    largest = {*tags.get(MAX_SAMPLE_VALUE, ())}
    return next((used for used in range(9, bits) if largest == {(1 << used) - 1}), bits) if bits == 16 else bits


def jpeg_2000_bits(encoded: bytes) -> int:
    """Bits of a JPEG 2000's deepest channel.

    Raises:
        IndexError: the file ends before that field.
    """
    place = encoded.index(JPEG_2000_SIZE) + JPEG_2000_CHANNELS
    channels = int.from_bytes(encoded[place : place + 2])
    return max((encoded[place + 2 + 3 * number] & 127) + 1 for number in range(channels))
