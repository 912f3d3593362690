"""Read an image's EXIF orientation, which each container stores in its own place."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any, cast

from PIL import ExifTags, Image, ImageFile

from ocr.images.orientation import TURNS

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
RAW_PROFILES = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
"""ImageMagick's keywords for an EXIF block in the hexadecimal text of a PNG."""
EXIF_MARK = b"Exif\0\0"
LONGEST_BLOCK = 1 << 20
"""Limit of an unpacked EXIF block in bytes: a JPEG's has at most 64 KiB."""
JP2_SIGNATURE = b"\0\0\0\x0cjP  "
JP2_EXIF = b"JpgTiffExif->JP2"
"""The UUID of the JPEG 2000 box that holds an EXIF block."""


def tags_of(image: ImageFile.ImageFile) -> Mapping[int, Any]:
    """A TIFF's tags, for which Pillow publishes no type; empty for other files."""
    return cast("Mapping[int, Any]", getattr(image, "tag_v2", {}))


def orientation_of(image: ImageFile.ImageFile, encoded: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 if it is missing or invalid.

    Pillow's ``getexif`` would load the pixels of a PNG, and unlike viewers reads XMP as EXIF.

    Args:
        image: Pillow's reader of the file.
        encoded: the file.
    """
    if image.format == "TIFF":
        value = tags_of(image).get(ExifTags.Base.Orientation, 1)
    else:
        exif = Image.Exif()
        try:
            exif.load(exif_block(image, encoded))
            value = exif.get(ExifTags.Base.Orientation, 1)
        except Exception:  # a damaged block is ignored, as by viewers
            value = 1
    return value if isinstance(value, int) and value in TURNS else 1


def exif_block(image: ImageFile.ImageFile, encoded: bytes) -> bytes:
    """The EXIF block of the container; empty if there is none."""
    if image.format == "PNG":
        return png_exif(memoryview(encoded))
    if image.format == "JPEG2000":
        return jpeg2000_exif(memoryview(encoded))
    return image.info.get("exif") or b""


def png_exif(encoded: memoryview) -> bytes:
    """The EXIF block of a PNG, possibly after the pixels: in a chunk, or in ImageMagick's text."""
    text = b""
    for kind, content, _ in png_chunks(encoded):
        if kind == b"eXIf":
            return bytes(content)
        if kind in TEXT_CHUNKS and bytes(content[: len(RAW_PROFILES[0])]) in RAW_PROFILES:
            text = text or raw_profile(kind, bytes(content[len(RAW_PROFILES[0]) :]))
    return text


def raw_profile(kind: bytes, content: bytes) -> bytes:
    """The EXIF block in ImageMagick's text, after the keyword: name, length and hexadecimal digits, line by line."""
    if kind == b"iTXt":  # flag, method, language, translated keyword, text
        compressed, content = content[:1] == b"\1", content[2:].split(b"\0", 2)[-1]
    else:
        compressed, content = kind == b"zTXt", content[1:] if kind == b"zTXt" else content
    try:
        if compressed:
            content = zlib.decompressobj().decompress(content, 2 * LONGEST_BLOCK)
        block = bytes.fromhex("".join(content.decode("latin-1").split()[2:]))
    except (ValueError, zlib.error):
        return b""
    return block if block.startswith(EXIF_MARK) else b""  # the other profile may be XMP


def png_chunks(encoded: memoryview) -> Iterator[tuple[bytes, memoryview, int]]:
    """Type, available content and stated length of a PNG's chunks."""
    place, kind = len(PNG_SIGNATURE), b""
    while place + 8 <= len(encoded) and kind != b"IEND":
        length, kind = int.from_bytes(encoded[place : place + 4]), bytes(encoded[place + 4 : place + 8])
        yield kind, encoded[place + 8 : place + 8 + length], length
        place += 12 + length


def jpeg2000_exif(encoded: memoryview) -> bytes:
    """The EXIF block of a JPEG 2000, in its own box; a code stream without boxes has none."""
    place = 0 if bytes(encoded[:8]) == JP2_SIGNATURE else len(encoded)
    while place + 8 <= len(encoded):
        length, kind, start = int.from_bytes(encoded[place : place + 4]), bytes(encoded[place + 4 : place + 8]), 8
        if length == 1:  # the length follows in eight bytes
            length, start = int.from_bytes(encoded[place + 8 : place + 16]), 16
        end = place + length if length else len(encoded)
        if kind == b"uuid" and bytes(encoded[place + start : place + start + 16]) == JP2_EXIF:
            return bytes(encoded[place + start + 16 : end])
        if end <= place:
            break
        place = end
    return b""
