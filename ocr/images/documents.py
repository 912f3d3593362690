"""Read all pages of a file: of a PDF or a TIFF, a HEIC photograph, any image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import ImageFile

from ocr.images.decode import MAX_PIXELS, Picture, check_size, read_picture
from ocr.images.files import open_file, read_bytes
from ocr.images.header import ImageError, opened, read_header
from ocr.images.heif import read_heif
from ocr.images.kinds import HEIF, PDF, START, other_kind
from ocr.images.page_images import BrokenPage, PageImage, PdfText, check_count, named
from ocr.images.pages import CUT, is_tiff, tiff_from, tiff_places
from ocr.images.pdf import PDF_DPI, Rendering, check_settings, read_pdf
from ocr.images.pixels import JPEGS

LIKELY_DPI = (50, 2400)
"""Range of resolutions that are believed: many files state 1, or a value without a meaning."""


def read_pages(
    source: Path | bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    max_pages: int | None = None,
    dpi: float = PDF_DPI,
    pdf_text: PdfText = "auto",
    originals: bool = False,
    within: Path | None = None,
    name: object = None,
) -> Iterator[PageImage | BrokenPage]:
    """Read the pages of a file one by one; a page that cannot be read does not keep the others from being read.

    All pages of a PDF or a TIFF; of an animation or a phone's JPEG with several pictures, the first.

        for page in read_pages(Path("receipts.pdf")):
            print(page.number, page.message if isinstance(page, BrokenPage) else page.image_HWC.shape)

    Args:
        source: the file, or its bytes.
        max_pixels: limit above which a page is not decoded or rendered.
        max_pages: limit of a PDF or a TIFF, above which none of its pages is; ``None``: none.
        dpi: pixels per inch of a PDF's rendered pages, above 0.
        pdf_text: ``auto``: with the text of a PDF's pages that have their own, ``never``: without.
        originals: with the JPEG that a PDF's page consists of (`PageImage.original`), for those who write documents.
        within: the folder that a file must lie in, links resolved.
        name: name of the file in messages; ``None``: its path, or "the file given".

    Yields:
        Each page in order, or the reason why it cannot be read.

    Raises:
        ImageError: the file as a whole cannot be read.
        InputError: a setting is not allowed.
    """
    check_settings(dpi, pdf_text)
    where = name or ("the file given" if isinstance(source, bytes) else source)
    kind = other_kind(source[:START] if isinstance(source, bytes) else start_of_file(source, within))
    if kind == PDF:
        rendering = Rendering(where, max_pixels, dpi, pdf_text, originals, max_pages)
        if isinstance(source, bytes):
            yield from read_pdf(source, rendering)
            return
        with open_file(source, within) as stream:
            yield from read_pdf(stream, rendering)
        return
    encoded = source if isinstance(source, bytes) else read_bytes(source, within)
    if kind == HEIF:
        yield read_heif(encoded, where, max_pixels)
    elif kind is None and is_tiff(encoded):
        yield from read_tiff(encoded, where, max_pixels, max_pages)
    else:
        yield read_image(encoded, where, max_pixels)


def start_of_file(path: Path, within: Path | None) -> bytes:
    """The first bytes of a file.

    Raises:
        ImageError: it cannot be read.
    """
    with open_file(path, within) as stream:
        try:
            return stream.read(START)
        except OSError as error:
            raise ImageError(f"{path}: cannot be read: {error.strerror}; copy it again") from error


def read_image(encoded: bytes, where: object, max_pixels: int) -> PageImage:
    """Read the first picture of an image.

    Raises:
        ImageError: it cannot be read.
    """
    header = read_header(encoded, where)
    check_size(header, where, max_pixels)
    picture = read_picture(encoded, name=where, header=header)
    original = encoded if header.format in JPEGS else None
    return page_of(picture, encoded, unread=picture.pages - 1, original=original)


def read_tiff(
    encoded: bytes, where: object, max_pixels: int, max_pages: int | None = None
) -> Iterator[PageImage | BrokenPage]:
    """Read the pages of a TIFF.

    Raises:
        ImageError: it has none, or more than allowed.
    """
    places, cut = tiff_places(encoded)
    count = len(places) + cut
    if not places:
        raise ImageError(f"{where}: {CUT if cut else 'the TIFF has no page'}; copy it again or remove it")
    check_count(count, where, max_pages)
    for number, place in enumerate(places, start=1):
        try:
            page = tiff_from(encoded, place)
            picture = read_picture(page, max_pixels=max_pixels, name=named(where, number, count))
        except ImageError as error:
            yield BrokenPage(number, count, str(error))
        else:
            yield page_of(picture, page, number, count)
    if cut:
        yield BrokenPage(count, count, f"{named(where, count, count)}: {CUT}; copy it again")


def page_of(
    picture: Picture, encoded: bytes, number: int = 1, count: int = 1, *, unread: int = 0, original: bytes | None = None
) -> PageImage:
    """A decoded page with the resolution that its file states."""
    resolution = resolution_of(opened(encoded))
    return PageImage(number, count, picture.image_HWC, dpi=resolution, unread=unread, original=original)


def resolution_of(image: ImageFile.ImageFile) -> float | None:
    """The pixels per inch that a file states; ``None`` if it states none, or an unlikely one."""
    lowest, highest = LIKELY_DPI
    stated = image.info.get("dpi", (0, 0))
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None
    across, down = map(float, stated)
    return across if lowest <= across <= highest and 0.9 < across / max(down, 1) < 1.1 else None
