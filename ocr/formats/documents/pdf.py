"""Searchable PDF: the picture of each page, and its words above it, invisible, to be found, selected and copied.

A word is as long and as high as its region and tilted like it; a blank follows each, so that the text is divided into
words by more than their distance. The words stand in the file in reading order. A tilted word can be selected as a
whole only.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from ocr.formats.documents.common import SOFTWARE, DocumentPage, no_page, within, words_of
from ocr.formats.documents.glyphless import ADVANCE, DESCENT, UNITS
from ocr.formats.documents.pdf_objects import InvisibleFont, PdfObjects, dictionary
from ocr.geometry import transform_points
from ocr.images.decode import MAX_PIXELS, check_size, read_picture
from ocr.images.edges import edges
from ocr.images.exif import png_chunks
from ocr.images.files import read_bytes
from ocr.images.header import ImageHeader, read_header
from ocr.images.orientation import turned_by, turned_points, turned_size, upright_matrix
from ocr.images.pixels import JPEGS
from ocr.page import TextWord
from ocr.types import InputError, UInt8Array
from ocr.utils.whole_file import whole_file

POINTS = 72.0
"""Points in an inch, and pixels where the resolution is unknown."""
INVISIBLE = 3
"""Text rendering mode that draws nothing (ISO 32000-1, table 106)."""
LEVEL = 0.5
"""Points that a word's baseline may rise or fall before the word is written as one piece."""
COLOURS = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}
"""Of the JPEGs that are stored as they are, by Pillow's mode; others differ in how programs take their inks."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture as a PDF holds it.

    Attributes:
        entries: of its stream's dictionary.
        content: its stream.
        corners: upright place of its bottom left, bottom right and top left corner, as shares of width and height.
    """

    entries: dict[str, str]
    content: bytes
    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] = ((0, 0), (1, 0), (0, 1))


def write_pdf(pages: Iterable[DocumentPage], path: Path) -> list[Path]:
    """Write a searchable PDF; each page is written before the next is asked for.

    A page is as large as its picture at its resolution. A grey or RGB JPEG is stored as it is, any other picture
    without loss.

    Args:
        pages: each with its picture.
        path: the file.

    Raises:
        InputError: there is no page, or a page has no picture. ImageError: its file cannot be read.
    """
    with whole_file(path) as temporary, temporary.open("wb") as file:
        if not write_objects(pages, file):
            raise no_page(path)
    return [path]


def pdf_bytes(pages: Iterable[DocumentPage]) -> bytes:
    """The bytes of that file, of at least one page."""
    file = io.BytesIO()
    write_objects(pages, file)
    return file.getvalue()


def write_objects(pages: Iterable[DocumentPage], file: BinaryIO) -> int:
    """Write the objects of a PDF, and return the number of its pages."""
    objects, invisible = PdfObjects(file), InvisibleFont()
    root, tree, font = objects.new(), objects.new(), objects.new()
    kids = [write_one(objects, page, invisible, (tree, font)) for page in pages]
    invisible.write(objects, font)
    objects.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>")
    objects.put(root, f"<< /Type /Catalog /Pages {tree} 0 R >>")
    information = objects.put(objects.new(), f"<< /Producer ({SOFTWARE}) >>")
    objects.finish(root, information)
    return len(kids)


def write_one(objects: PdfObjects, page: DocumentPage, invisible: InvisibleFont, parents: tuple[int, int]) -> int:
    """Write a page, and return its number.

    Args:
        objects: the file.
        page: what to write.
        invisible: the font, which learns the page's characters.
        parents: numbers of the tree of pages and of the font.
    """
    scale = POINTS / (page.dpi or POINTS)
    width, height = (side * scale for side in page.page.size)
    picture = stored_picture(page)
    image = objects.stream(picture.content, dictionary(picture.entries), packed=True)
    words = [word for line in page.page.lines for word in words_of(line) if word.text]
    texts = "".join(placed(word, page.page.size, scale, invisible) for word in words)
    content = f"q {matrix(picture, width, height)} cm /Im Do Q\nBT {INVISIBLE} Tr\n{texts}ET\n"
    stream = objects.stream(content.encode())
    tree, font = parents
    resources = f"<< /XObject << /Im {image} 0 R >> /Font << /F {font} 0 R >> >>"
    return objects.put(
        objects.new(),
        f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Resources {resources} "
        f"/Contents {stream} 0 R >>",
    )


def placed(word: TextWord, size: tuple[int, int], scale: float, invisible: InvisibleFont) -> str:
    """The operators that place a word: font size, stretch, position and tilt.

    Args:
        word: its polygon in pixels.
        size: (width, height) of the page in pixels.
        scale: points per pixel.
        invisible: the font.
    """
    top_N2, bottom_N2 = edges(within(word.points_N2, size))
    way_2 = (top_N2[-1] - top_N2[0] + bottom_N2[-1] - bottom_N2[0]) / 2
    length = max(float(np.hypot(*way_2)), 1.0)
    along_2 = way_2 / np.hypot(*way_2) if way_2.any() else np.array([1.0, 0.0])
    up_2 = np.array([along_2[1], -along_2[0]])  # y points down in pixels
    tall = max(float(np.mean([(top_N2[end] - bottom_N2[end]) @ up_2 for end in (0, -1)])), 1.0)
    x, y = bottom_N2[0] - up_2 * tall * DESCENT / UNITS
    cosine, sine = along_2[0], -along_2[1]
    stretch = 100 * length / (len(word.text) * tall * ADVANCE / UNITS)
    place = f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {x * scale:.3f} {(size[1] - y) * scale:.3f}"
    # Programs that extract text divide it where the baseline moves, poppler by half a point: within a tilted word.
    tilted = abs(way_2[1]) * scale > LEVEL
    text = invisible.encoded(word.text, whole=tilted) + invisible.encoded(" ")
    return f"/F {tall * scale:.3f} Tf {stretch:.3f} Tz {place} Tm <{text}> Tj\n"


def matrix(picture: StoredPicture, width: float, height: float) -> str:
    """The matrix from the unit square, which a picture fills, to the page."""
    (left, bottom), (right, along), (across, top) = picture.corners
    across_2, up_2 = (right - left, along - bottom), (across - left, top - bottom)
    values = [width, height] * 3
    shares = [*across_2, *up_2, left, bottom]
    return " ".join(f"{share * value:.3f}" for share, value in zip(shares, values, strict=True))


def stored_picture(page: DocumentPage) -> StoredPicture:
    """The picture of a page as the PDF holds it.

    Raises:
        InputError: it has none. ImageError: it cannot be read.
    """
    if page.picture is None:
        raise InputError(f"{page.image}, page {page.number}: a searchable PDF shows the picture; give it")
    degrees = page.page.orientation
    if isinstance(page.picture, np.ndarray):
        return without_loss(turned_by(page.picture, degrees))
    encoded = page.picture if isinstance(page.picture, bytes) else read_bytes(page.picture)
    header = read_header(encoded, page.image)
    check_size(header, page.image, MAX_PIXELS)
    if header.format in JPEGS and header.mode in COLOURS:
        entries = about(header.width, header.height, COLOURS[header.mode]) | {"Filter": "/DCTDecode"}
        return StoredPicture(entries, encoded, corners_of(header, degrees))
    return without_loss(turned_by(read_picture(encoded, name=page.image, header=header).image_HWC, degrees))


def without_loss(image_HWC: UInt8Array) -> StoredPicture:
    """Pixels as a PNG stores them, which PDF decodes too; grey ones with one channel."""
    grey = bool((image_HWC == image_HWC[..., :1]).all())
    pixels = image_HWC[..., 0] if grey else image_HWC[..., ::-1]  # OpenCV expects BGR
    _, png = cv2.imencode(".png", np.ascontiguousarray(pixels))
    content = b"".join(chunk for kind, chunk, _ in png_chunks(memoryview(png.tobytes())) if kind == b"IDAT")
    height, width = image_HWC.shape[:2]
    rows = {"Predictor": "15", "Colors": "1" if grey else "3", "BitsPerComponent": "8", "Columns": str(width)}
    filters = {"Filter": "/FlateDecode", "DecodeParms": f"<< {dictionary(rows)} >>"}
    return StoredPicture(about(width, height, COLOURS["L" if grey else "RGB"]) | filters, content)


def about(width: int, height: int, colours: str) -> dict[str, str]:
    """The entries of every picture."""
    sides = {"Width": str(width), "Height": str(height)}
    return {"Type": "/XObject", "Subtype": "/Image", **sides, "ColorSpace": colours, "BitsPerComponent": "8"}


def corners_of(
    header: ImageHeader, degrees: int
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """The corners of a stored picture that EXIF turns, and the page by some degrees, as in `StoredPicture`."""
    width, height = header.width, header.height
    stored_32 = transform_points(
        [(0, height), (width, height), (0, 0)], upright_matrix(header.orientation, width, height)
    )
    corners_32 = turned_points(stored_32, degrees, header.upright_size)
    wide, tall = turned_size(header.upright_size, degrees)
    first, second, third = ((x / wide, 1 - y / tall) for x, y in corners_32.tolist())
    return first, second, third
