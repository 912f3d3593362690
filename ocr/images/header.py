"""What the header of an image file says, read without decoding a pixel."""

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
"""Grey, of 16 bits."""
ALPHA_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
BITS_PER_SAMPLE, MAX_SAMPLE_VALUE, TILE_WIDTH, TILE_HEIGHT, SAMPLE_FORMAT = 258, 281, 322, 323, 339
UNSIGNED = 1
LARGEST_TILE = 1 << 24
"""Pixels of a TIFF's tile, where the image has fewer: a tile is decoded whole, however little of it is shown."""
JPEG_2000_SIZE, JPEG_2000_CHANNELS = b"\xff\x4f\xff\x51", 40
"""How a JPEG 2000's codestream begins, and where from there its number of channels stands, before a description each.

ISO/IEC 15444-1, A.5.1."""
BIG_ENDIAN_WHITE_IS_ZERO = (b"MM", 0, (1,), 1, (16,), ())
PAM_HEADER = re.compile(rb"P7\n(?:.*\n)*?ENDHDR[ \t\r]*\n")
PAM_ENTRY = re.compile(rb"^(WIDTH|HEIGHT|DEPTH|MAXVAL)[ \t]+(\d{1,9})[ \t\r]*$", re.MULTILINE)
LONGEST_PAM_HEADER = 1 << 16
PNM_MARKS = {1: b"P5", 3: b"P6"}
"""How a PNM begins, by the numbers a pixel has."""


class ImageError(InputError):
    """An image file cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """An image file as its header describes it; nothing says that the pixels behind it are whole.

    Attributes:
        format: Pillow's name: ``JPEG``, ``PNG``, ``MPO`` (a JPEG with further pictures behind it), ...
        width: stored pixels.
        height: stored pixels.
        mode: Pillow's: ``RGB``, ``L``, ``CMYK``, ``RGBA``, ``P``, ``I;16``, ...
        pages: of a document, or pictures of an animation, 1 or more.
        orientation: EXIF orientation 1 to 8; 1 where there is none or the value has no meaning.
        bits: of a channel of a pixel as stored.
        alpha: pixels may be transparent.
        application_data: a JPEG has a segment that may hold EXIF data.
        cut: the file ends before further pages, of which ``pages`` counts one.
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
    """Read an image's header. However large the image says it is, that is only reported.

    Args:
        encoded: the file, or its beginning as far as the header reaches.
        where: the file, for messages.

    Raises:
        ImageError: it is empty, not the header of an image of `ENDINGS`, or what its pixels mean is not defined.
    """
    if not encoded:
        raise ImageError(f"{where}: the file is empty; copy it again or remove it")
    try:
        image = opened(encoded)
        orientation = orientation_of(image, encoded)
        # Pillow gives a TIFF's upright size.
        width, height = image.size if image.format != "TIFF" or orientation < FIRST_SIDEWAYS else image.size[::-1]
        mode, bits = image.mode, bits_of(image, encoded)
        alpha = mode in ALPHA_MODES or "transparency" in image.info
        application_data = any(segment == "APP1" for segment, _ in getattr(image, "applist", ()))
        # Last: this leaves an MPO at another of its pictures, and what asks for them may read on in a damaged file.
        pages, cut = count_pages(image, encoded)
    except Exception as error:  # Pillow's readers raise what they like: struct.error, KeyError, AttributeError, ...
        raise ImageError(f"{where}: {no_image(encoded, str(error))}") from error
    name = image.format or ""
    return ImageHeader(name, width, height, mode, pages, orientation, bits, alpha, application_data, cut)


def opened(encoded: bytes) -> ImageFile.ImageFile:
    """Pillow's reader of the file, without `Image.open`'s limit of pixels, which is a global setting.

    Raises:
        ValueError: no reader takes it, nothing says which colours its numbers are, or it is a camera's raw file.
    """
    if other_kind(encoded) == CAMERA_RAW:  # some begin as a TIFF does, with a small copy of the photograph
        raise ValueError(CAMERA_RAW)
    encoded = as_pnm(encoded)
    Image.init()
    TiffImagePlugin.OPEN_INFO.setdefault(BIG_ENDIAN_WHITE_IS_ZERO, ("I;16B", "I;16B"))  # has the little-endian one
    for name in ENDINGS:
        if name not in Image.OPEN:  # left out of this build of Pillow
            continue
        factory, accept = Image.OPEN[name]
        accepted = accept(encoded[:16]) if accept else True
        if accepted is True or (accepted and not isinstance(accepted, str)):
            image = factory(io.BytesIO(encoded), "")
            if image.width < 1 or image.height < 1:
                raise ValueError("it has no pixel")
            image.info.pop("xmp", None)  # Pillow would turn a TIFF by it
            check_pixels(image)
            return image
    raise ValueError("its first bytes are those of no known format")


def as_pnm(encoded: bytes) -> bytes:
    """A PAM of grey or RGB, which no reader takes, as the PNM of the same numbers; any other file as it is.

    Raises:
        ValueError: it is a PAM whose header lacks something, or one of another depth: with alpha, say.
    """
    if not encoded.startswith(b"P7\n"):
        return encoded
    header = PAM_HEADER.match(encoded[:LONGEST_PAM_HEADER])
    values = {name.decode(): int(value) for name, value in PAM_ENTRY.findall(header[0])} if header else {}
    if header is None or len(values) < 4:
        raise ValueError("its header does not say WIDTH, HEIGHT, DEPTH and MAXVAL")
    if values["DEPTH"] not in PNM_MARKS:
        raise ValueError(f"a PAM of DEPTH {values['DEPTH']} is not read, only those of 1 (grey) and 3 (RGB)")
    about = b"%s %d %d %d\n" % (PNM_MARKS[values["DEPTH"]], values["WIDTH"], values["HEIGHT"], values["MAXVAL"])
    return about + memoryview(encoded)[header.end() :]


def check_pixels(image: ImageFile.ImageFile) -> None:
    """Refuse numbers that are no colours, a small copy, and what takes memory that the image's size does not say.

    Raises:
        ValueError: it is that.
    """
    tags = tags_of(image)
    subfile = tags.get(SUBFILE_TYPE, 0)
    if isinstance(subfile, int) and subfile & REDUCED_COPY:
        raise ValueError("its first picture is a smaller copy of another, as in cameras' raw files, which are not read")
    samples = tags.get(SAMPLE_FORMAT, (UNSIGNED,))
    whole_range = image.format == "PPM"  # says itself what is white
    if image.mode == "F" or (image.mode == "I" and not whole_range) or any(each != UNSIGNED for each in samples):
        raise ValueError("its pixels are signed, 32-bit or floating-point numbers, of which nothing says what is white")
    tile = tags.get(TILE_WIDTH, 0) * tags.get(TILE_HEIGHT, 0)
    if tile > max(image.width * image.height, LARGEST_TILE):
        raise ValueError(f"its tiles have {tile} pixels, more than the image")


def bits_of(image: ImageFile.ImageFile, encoded: bytes) -> int:
    """Bits of a channel as stored: Pillow's mode of a colour PNG, TIFF or JPEG 2000 with 16 bits says 8."""
    if image.format == "TIFF":
        return tiff_bits(image)
    if image.format == "JPEG2000":
        return jpeg_2000_bits(encoded)
    if image.mode in DEEP_MODES:
        return 16
    if image.format == "PNG":
        return int(encoded[24])
    if image.format == "BMP" and {"BGR;15", "BGR;16"} & {*(image.tile[0].args or ())}:  # OpenCV's white of it is 248
        return 5
    return 1 if image.mode == "1" else 8


def tiff_bits(image: ImageFile.ImageFile) -> int:
    """Bits of a TIFF's channel, of 16 those that it says it uses: scanners put 12 bits into 16."""
    tags = tags_of(image)
    values = tags.get(BITS_PER_SAMPLE, (1,))
    bits = max(values) if isinstance(values, tuple) and values else 8
    largest = {*tags.get(MAX_SAMPLE_VALUE, ())}
    return next((used for used in range(9, bits) if largest == {(1 << used) - 1}), bits) if bits == 16 else bits


def jpeg_2000_bits(encoded: bytes) -> int:
    """Bits of a JPEG 2000's deepest channel.

    Raises:
        IndexError: the file ends before it says so.
    """
    place = encoded.index(JPEG_2000_SIZE) + JPEG_2000_CHANNELS
    channels = int.from_bytes(encoded[place : place + 2])
    return max((encoded[place + 2 + 3 * number] & 127) + 1 for number in range(channels))
