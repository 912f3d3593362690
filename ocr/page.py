"""What was read on a page: lines of text, in reading order, and their words; and the facts found in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ocr.types import FloatArray


@dataclass(frozen=True, slots=True)
class TextWord:
    """One word that was read.

    Attributes:
        points_N2: float32 polygon in the upright image's pixels, N >= 4 points, clockwise from top left.
        text: without white space.
        confidence: probability that it is right, 0 to 1: that of its least certain character.
        confidences: of each character, 0 to 1; empty if unknown.
    """

    points_N2: FloatArray = field(repr=False)
    text: str
    confidence: float
    confidences: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text region that was found and read.

    Attributes:
        points_N2: float32 polygon in the upright image's pixels, N >= 4 points, clockwise from top left.
        text: the words, separated by single spaces.
        confidence: probability that it is right, 0 to 1: that of its least certain character; 0 if nothing was read.
        score: of the detection, mean text probability inside the region, 0 to 1.
        words: from the first to the last.
        row: number of the printed row, from 0; what stands on one row (a name and its price) shares it.
        unsure: marked, because its confidence is lower than wanted.
    """

    points_N2: FloatArray = field(repr=False)
    text: str
    confidence: float
    score: float
    words: tuple[TextWord, ...] = field(default=(), repr=False)
    row: int = 0
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class FactPart:
    """A word that states a fact, or the part of a word or line that does.

    Attributes:
        line: index of its line in `Page.lines`.
        start: place of its first character in the line's text, from 0.
        end: place behind its last character.
        text: the characters, as they were read.
        points_N2: float32 polygon in the pixels of the page's other polygons, N >= 4 points, clockwise from top left.
    """

    line: int
    start: int
    end: int
    text: str
    points_N2: FloatArray = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a receipt.

    Attributes:
        text: as printed, parts of several lines joined by single spaces; where sums showed which reading of a digit is
            right (`Sums.changed`), that one, and where the finder knows the value better than it was read, the known.
        value: to compute with: a date as ISO 8601 (``2018-02-01``), an amount as a decimal number (``-1234.50``),
            a telephone number as digits (``+60312345678``); ``None`` for other kinds.
        confidence: that it is the value of its field, by the finder, times that of its least certain character, 0 to 1.
        parts: the words that it was taken from, in reading order.
    """

    text: str
    value: str | None
    confidence: float
    parts: tuple[FactPart, ...] = field(repr=False)

    def moved(self, move: Callable[[FloatArray], FloatArray]) -> Fact:
        """The same with other polygons."""
        return replace(self, parts=tuple(replace(part, points_N2=move(part.points_N2)) for part in self.parts))


@dataclass(frozen=True, slots=True)
class CheckedSum:
    """One sum of a receipt.

    Attributes:
        name: what is summed up: ``item 3`` (its price from count and unit price), ``items``, ``total`` or ``payment``.
        text: the sum in words, with the difference if there is one.
        difference: the printed amount less the computed one, a decimal number; ``0.00`` if it adds up.
    """

    name: str
    text: str
    difference: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Whether a receipt's amounts add up.

    Attributes:
        verdict: ``consistent``, ``inconsistent``, or ``unknown`` if there is no sum that can be computed, or if those
            that are off have amounts that are too uncertain, which their texts name.
        sums: those that can be, in the order of print.
        changed: amounts of which another reading than the most probable was chosen, because it alone adds up: place to
            (read, chosen). A place is a field, or ``menu.price 2`` of the second item.
    """

    verdict: str
    sums: tuple[CheckedSum, ...]
    changed: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says of a purchase.

    Attributes:
        fields: by name (`ocr.fields.FIELDS`), in the order of that list.
        items: what was bought, in the order of print, each by the names that begin with `ocr.fields.ITEM`.
        sums: whether the amounts add up.
        currency: ISO 4217 code of the printed sign, or the sign itself where several currencies have it (``$``);
            ``None`` if none is printed, or several.
    """

    fields: Mapping[str, Fact]
    items: tuple[Mapping[str, Fact], ...]
    sums: Sums
    currency: str | None = None

    def each(self) -> Iterator[tuple[str, int | None, Fact]]:
        """All facts with their names; those of items with the item's number, from 1."""
        for name, fact in self.fields.items():
            yield name, None, fact
        for number, item in enumerate(self.items, start=1):
            for name, fact in item.items():
                yield name, number, fact

    def moved(self, move: Callable[[FloatArray], FloatArray]) -> PageFacts:
        """The same with other polygons."""
        fields = {name: fact.moved(move) for name, fact in self.fields.items()}
        items = tuple({name: fact.moved(move) for name, fact in item.items()} for item in self.items)
        return replace(self, fields=fields, items=items)


@dataclass(frozen=True, slots=True)
class Page:
    """What was read on one page.

    Attributes:
        size: (width, height) of the upright image in pixels.
        lines: in reading order: from row to row, and within a row from its start to its end.
        orientation: degrees by which the image was turned clockwise to be upright: 0, 90, 180 or 270. A page as
            `ocr.pipeline.orientation.in_file` makes it has its positions in the image before that turn.
        facts: what the lines say of a purchase; ``None`` if that was not looked for.
    """

    size: tuple[int, int]
    lines: tuple[TextLine, ...]
    orientation: int = 0
    facts: PageFacts | None = None
