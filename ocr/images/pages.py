"""Count the pages or pictures of an image file, and find those of a TIFF."""

from __future__ import annotations

import struct

from PIL import ImageFile

MOST_PAGES = 100_000
"""Limit of the count: a file of a gigabyte can claim millions."""
SUBFILE_TYPE = 254
REDUCED_COPY = 0b001
CUT = "the file ends before its further pages"
"""Message for a file whose list of pages leads out of it."""
TIFF_MARKS = frozenset({b"II*\0", b"II+\0", b"MM\0*", b"MM\0+"})
NO_PAGE = 0b101
"""Bits of a TIFF's subfile type: a smaller copy or the mask of another picture."""


def count_pages(image: ImageFile.ImageFile, encoded: bytes) -> tuple[int, bool]:
    """Pages of a document or pictures of an animation, 1 or more; previews, masks and depth maps do not count.

    Args:
        image: Pillow's reader of the file; it may stand at another picture afterwards.
        encoded: the file.

    Returns:
        Their number, and whether the file ends before further ones, of which one is counted.
    """
    if image.format == "TIFF":
        return tiff_pages(encoded)
    if image.format == "MPO":
        return mpo_pages(image), False
    return max(int(getattr(image, "n_frames", 1)), 1), False


def tiff_pages(encoded: bytes) -> tuple[int, bool]:
    """Number of the pages of a TIFF; as for `count_pages`."""
    places, cut = tiff_places(encoded)
    return max(len(places) + cut, 1), cut


def tiff_places(encoded: bytes) -> tuple[list[int], bool]:
    """Directories of a TIFF that are not a copy or mask of another; Pillow would set up each one for reading.

    Returns:
        Their offsets in the file, and whether it ends before further ones.
    """
    order, big = tiff_order(encoded)
    length, entry, offset = ("Q", 20, "Q") if big else ("H", 12, "I")
    seen: set[int] = set()
    places: list[int] = []
    try:
        (place,) = struct.unpack_from(order + offset, encoded, 8 if big else 4)
        while place and place not in seen and len(seen) < MOST_PAGES:
            (entries,) = struct.unpack_from(order + length, encoded, place)
            start = place + struct.calcsize(length)
            page = not seen or not subfile_type(encoded, start, min(entries, 1 << 16), order, big=big) & NO_PAGE
            seen.add(place)
            (following,) = struct.unpack_from(order + offset, encoded, start + entries * entry)
            places += [place] * page
            place = following
    except (struct.error, OverflowError):  # the chain leads out of the file
        return places, True
    return places, False


def is_tiff(encoded: bytes) -> bool:
    """Whether a file begins like a TIFF or a BigTIFF."""
    return encoded[:4] in TIFF_MARKS


def tiff_order(encoded: bytes) -> tuple[str, bool]:
    """The order of a TIFF's bytes as in `struct`, and whether it is a BigTIFF, whose offsets have 64 bits."""
    return ">" if encoded[:2] == b"MM" else "<", encoded[2:4] in (b"+\0", b"\0+")


def tiff_from(encoded: bytes, place: int) -> bytes:
    """A TIFF that begins with another of its directories, so that every reader of the first page reads that one."""
    order, big = tiff_order(encoded)
    start, offset = (8, "Q") if big else (4, "I")
    first = struct.pack(order + offset, place)
    return b"".join((encoded[:start], first, memoryview(encoded)[start + len(first) :]))


def subfile_type(encoded: bytes, start: int, entries: int, order: str, *, big: bool) -> int:
    """The subfile type of a TIFF's directory; 0, a page, if it has none."""
    size, value = (20, 12) if big else (12, 8)
    for place in range(start, start + entries * size, size):
        tag, kind = struct.unpack_from(order + "HH", encoded, place)
        if tag >= SUBFILE_TYPE:  # the tags are in order
            code = "H" if kind == 3 else "I"
            return int(struct.unpack_from(order + code, encoded, place + value)[0]) if tag == SUBFILE_TYPE else 0
    return 0


def mpo_pages(image: ImageFile.ImageFile) -> int:
    """Pictures in an MPO about as large as the first: phones also store previews, depth and gain maps there."""
    longest, pages = max(image.size), 1
    for number in range(1, int(getattr(image, "n_frames", 1))):
        try:
            image.seek(number)
        except Exception:  # Pillow's readers raise all kinds of errors; a picture without header is not a page
            continue
        pages += 2 * max(image.size) > longest
    return pages
