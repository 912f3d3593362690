"""A picture with regions over it that can be looked at in full size: one self-contained HTML page.

It needs no network, and nothing outside it: it can be shown in a frame of another page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr.images.decode import Read
from ocr.images.header import ImageError
from ocr.metrics.errors import Outcome
from ocr.page import Page
from ocr.report.document import HERE, document, style_of
from ocr.report.errors import COLOURS, WRONG_TEXT, ImageErrors, dots, embedded, extent, fitted, outlines
from ocr.report.overlay import FOUND, IGNORED, TRUTH
from ocr.report.page import UNSURE, Colour, colour_of
from ocr.types import UInt8Array, Word
from ocr.utils.printable import plural

LONG_SIDE = 4000
"""Pixels of the longer side of the embedded picture; smaller ones are not enlarged."""
QUALITY = 85
WIDTH = 2.5
DASHES = {
    Outcome.FALSE: "7 3",
    Outcome.SPLIT: "2 2",
    Outcome.MERGED: "9 3 2 3",
    Outcome.PARTIAL: "14 3",
    Outcome.IGNORED: "1 3",
}
"""How outcomes are told apart without colour."""
MISREAD = "#cc2299"


@dataclass(frozen=True, slots=True)
class Outline:
    """One polygon.

    Attributes:
        group: its entry in the legend, by which it can be hidden.
        colour: for CSS, of the whole group.
        points: the corners for SVG, in pixels of the image.
        hint: shown where the pointer is.
        dash: SVG's ``stroke-dasharray``.
        width: of the line, in pixels of the screen.
        filled: covered with its colour.
        what: what it outlines, counted apart in the legend; empty: the legend counts the whole group.
    """

    group: str
    colour: str
    points: str
    hint: str = ""
    dash: str = ""
    width: float = WIDTH
    filled: bool = False
    what: str = ""


def zoom_page(title: str, image_HWC: UInt8Array | None, size: tuple[int, int], drawn: Sequence[Outline]) -> str:
    """The page.

    Args:
        title: of the page.
        image_HWC: uint8 RGB; ``None``: only the outlines are shown.
        size: (width, height) of the image in whose pixels the polygons are; that of ``image_HWC`` may be smaller.
        drawn: the polygons, from the lowest to the topmost.
    """
    groups: dict[str, Outline] = {}
    for outline in drawn:
        groups.setdefault(outline.group, outline)
    return document(
        "zoom.html.j2",
        style_of("zoom.css"),
        (HERE / "zoom.js").read_text(encoding="utf-8"),
        title=title,
        about={},
        address="" if image_HWC is None else embedded(fitted(image_HWC, LONG_SIDE), QUALITY),
        size=size,
        drawn=drawn,
        groups=[(group, outline, counted(drawn, group)) for group, outline in groups.items()],
        places={group: place for place, group in enumerate(groups)},
    )


def counted(drawn: Sequence[Outline], group: str) -> str:
    """How many polygons a group has, of each kind: ``12``, or ``12 regions, 11 detections``."""
    counts = Counter(each.what for each in drawn if each.group == group)
    return ", ".join(plural(count, what) if what else str(count) for what, count in counts.items())


def zoom_errors(image: ImageErrors, read: Read) -> tuple[str, str]:
    """The page of an image's errors, and why the image cannot be read; empty if it can.

    Args:
        image: the image with what was found in it.
        read: reads a picture.
    """
    drawn = [
        Outline(
            each["outcome"],
            COLOURS[Outcome(each["outcome"])],
            each["points"],
            each["hint"],
            DASHES.get(Outcome(each["outcome"]), ""),
            1.0 if each["outcome"] == Outcome.FOUND else WIDTH,
            filled=each["outcome"] == Outcome.MISSED,
            what=each["kind"],
        )
        for each in outlines(image)
    ]
    drawn += [
        Outline(WRONG_TEXT, MISREAD, dots(line.points_N2), f"{line.truth}\nread: {line.text}", filled=True)
        for line in image.misread
    ]
    try:
        picture = read(image.path, LONG_SIDE)
    except ImageError as error:
        return zoom_page(image.name, None, extent(image), drawn), str(error)
    return zoom_page(image.name, picture.image_HWC, picture.size, drawn), ""


def page_outlines(page: Page) -> list[Outline]:
    """The lines that were read on a page, those read unsurely apart, and the words of its facts in their colours."""
    drawn = []
    for line in page.lines:
        unsure = line.unsure or line.confidence < UNSURE
        group, colour = (f"line, confidence below {UNSURE}", FOUND) if unsure else ("line", TRUTH)
        hint = f"{line.text}\nconfidence {line.confidence:.2f}"
        drawn.append(Outline(group, css(colour), dots(line.points_N2), hint, "4 2" if unsure else "", 1.5))
    for name, item, fact in page.facts.each() if page.facts else ():
        place = f"{name} of item {item}" if item else name
        hint = f"{place}: {fact.text}\nconfidence {fact.confidence:.2f}"
        drawn += [
            Outline(name, css(colour_of(name)), dots(part.points_N2), hint, width=1.0, filled=True)
            for part in fact.parts
        ]
    return drawn


def region_outlines(regions: Iterable[Word]) -> list[Outline]:
    """Annotated regions by what they are labelled as, those that are ignored apart."""
    drawn = []
    for region in regions:
        text = region.text or "(no text)"
        if region.ignore:
            drawn.append(Outline("ignored", css(IGNORED), dots(region.points_N2), text, DASHES[Outcome.IGNORED]))
        elif region.field:
            hint = f"{region.field}{f' of item {region.item}' if region.item else ''}: {text}"
            drawn.append(Outline(region.field, css(colour_of(region.field)), dots(region.points_N2), hint, filled=True))
        else:
            drawn.append(Outline("region", css(TRUTH), dots(region.points_N2), text, width=1.5))
    return drawn


def css(colour: Colour) -> str:
    """A colour for CSS."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
