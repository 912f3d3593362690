"""From a page that was read to the facts of its receipt: values with their places, items, and whether sums add up."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ocr.extraction.postprocess.printed import with_sign
from ocr.extraction.postprocess.rules import by_rules
from ocr.extraction.postprocess.structure import Extraction, Value
from ocr.extraction.postprocess.sums import SumReport, readings, resolve
from ocr.extraction.tokens import Token, stretches, tokenise, tokens_of
from ocr.fields import FIELDS
from ocr.images.crops import LineCrop
from ocr.page import CheckedSum, Fact, FactPart, Page, PageFacts, Sums, TextLine
from ocr.pipeline.extractor import FactFinder
from ocr.pipeline.loading import default_weights
from ocr.pipeline.words import spans_of
from ocr.types import FloatArray, InputError, Word
from ocr.values import find_currency, normalised

PLAIN = LineCrop(margin=0.0)
"""Cuts polygons into parts by shares of their own length."""
BELIEVED = 0.5
"""Confidence of an amount below which a sum is not called wrong for it."""


class Finder(Protocol):
    """Finds the facts of a page."""

    def find(self, words: Sequence[Word], /) -> Extraction:
        """The facts in regions with texts, in reading order."""


@dataclass(frozen=True, slots=True)
class RuleFinder:
    """Finds company, address, date and total by rules, without a network; its confidences are 1."""

    def find(self, words: Sequence[Word], /) -> Extraction:
        """The facts in regions with texts, in reading order."""
        return by_rules(tokenise(words), words)


Extractor = Finder | Literal["rules", False] | str | os.PathLike[str] | None
"""What finds facts: a loaded `FactFinder` or its file, ``rules``, ``None`` for the weights shipped with this package if
there are any, or ``False`` for nothing."""


def finder_for(
    extractor: Extractor, *, engine: str = "auto", device: str = "auto", threads: int | None = None
) -> Finder | None:
    """Load what finds facts; ``None`` if nothing is to be found.

    Args:
        extractor: what finds them.
        engine: ``torch``, ``onnxruntime`` or ``auto``, for a file, as for `FactFinder.load`.
        device: torch device, likewise.
        threads: CPU threads of the network, likewise.

    Raises:
        InputError: as `FactFinder.load`.
    """
    if extractor is None:
        extractor = shipped_extractor(engine)
    if extractor is False:
        return None
    if extractor == "rules":
        return RuleFinder()
    if isinstance(extractor, str | os.PathLike):
        return FactFinder.load(extractor, engine=engine, device=device, threads=threads)
    return extractor


def shipped_extractor(engine: str) -> str | Literal[False]:
    """The file of the shipped network in the engine's format; ``False`` if this package comes without one."""
    try:
        return str(default_weights(engine, "facts"))
    except InputError:
        return False


def with_facts(page: Page, finder: Finder) -> Page:
    """The page with the facts that its lines state.

    Where the sums do not add up, and do with exactly one other reading of an uncertain digit, that one is taken
    (`ocr.extraction.postprocess.sums.resolve`). A sum with an amount that is less sure than `BELIEVED` is not called
    wrong.
    """
    found = without_empty(finder.find([Word(line.points_N2, line.text) for line in page.lines]))
    tokens = [token for number, line in enumerate(page.lines) for token in tokens_of(number, line.text)]
    located = {place: Located.of(value, tokens, page.lines) for place, value in places_of(found)}
    others = {place: readings(each.text, each.sure) for place, each in located.items() if is_number(place)}
    unsure = [place for place in others if located[place].certainty(page.lines) < BELIEVED]
    facts, report = resolve(found.facts, {place: texts for place, texts in others.items() if texts}, unsure)
    fields = {name: located[name].fact(name, facts.fields[name], page.lines) for name in ordered(facts.fields)}
    items = tuple(
        {name: located[f"{name} {number}"].fact(name, item[name], page.lines) for name in ordered(item)}
        for number, item in enumerate(facts.items, start=1)
    )
    # A street may look like a sign of a currency (SS 21 as S$ 21).
    address = {line for name in ("company", "address") if name in located for line, _, _ in located[name].spans}
    currency = find_currency(line.text for number, line in enumerate(page.lines) if number not in address)
    return replace(page, facts=PageFacts(fields, items, sums_of(report), currency))


def without_empty(found: Extraction) -> Extraction:
    """The facts without values that cannot be one, and items without any value."""
    items = [{name: value for name, value in item.items() if value.text} for item in found.items]
    return Extraction(
        {name: value for name, value in found.fields.items() if value.text}, tuple(item for item in items if item)
    )


def ordered(names: Sequence[str] | dict[str, str]) -> list[str]:
    """Names in the order of `FIELDS`, others behind."""
    places = {name: place for place, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: places.get(name, len(places)))


def places_of(found: Extraction) -> Iterator[tuple[str, Value]]:
    """All values with their places, as in `SumReport.changed`."""
    yield from found.fields.items()
    for number, item in enumerate(found.items, start=1):
        for name, value in item.items():
            yield f"{name} {number}", value


@dataclass(frozen=True, slots=True)
class Located:
    """A value with the characters that it was taken from.

    Attributes:
        text: the value.
        confidence: of the finder, 0 to 1.
        spans: line, first character in its text, and the one behind the last.
        sure: confidence of each character of ``text``, 0 to 1; 1 where it is unknown.
    """

    text: str
    confidence: float
    spans: tuple[tuple[int, int, int], ...]
    sure: tuple[float, ...]

    @classmethod
    def of(cls, value: Value, tokens: Sequence[Token], lines: Sequence[TextLine]) -> Located:
        """Find a value's characters: of each line from its first token to its last, less what is not of the value.

        Args:
            value: with the numbers of its tokens.
            tokens: of all lines.
            lines: of the page.
        """
        ends = stretches(tokens[number] for number in value.tokens)
        spans = tuple((line, start, end) for line, (start, end) in ends.items())
        sure = (1.0,) * len(value.text)
        if len(spans) == 1:
            ((line, start, end),) = spans
            text = lines[line].text
            at = text.rfind(value.text, *with_sign(text, start, end))  # the last: an amount stands behind its label
            if at >= 0:
                spans = ((line, at, at + len(value.text)),)
                sure = tuple(confidences_of(lines[line])[slice(*spans[0][1:])])
        return cls(value.text, value.confidence, spans, sure)

    def certainty(self, lines: Sequence[TextLine]) -> float:
        """The confidence of the finder, times that of the least certain character, 0 to 1."""
        read = [sure for line, start, end in self.spans for sure in confidences_of(lines[line])[start:end]]
        return self.confidence * min(read, default=0.0)

    def fact(self, name: str, text: str, lines: Sequence[TextLine]) -> Fact:
        """The fact.

        Args:
            name: of its field.
            text: the value, perhaps another reading of it.
            lines: of the page.
        """
        return Fact(text, normalised(name, text), self.certainty(lines), tuple(parts_of(self.spans, lines)))


def is_number(place: str) -> bool:
    """Whether an amount or a count, whose digits sums can correct, is at a place (`ocr.page.Sums`)."""
    return FIELDS.get(place.partition(" ")[0]) in ("amount", "count")


def confidences_of(line: TextLine) -> list[float]:
    """The confidence of each character of a line's text; that of its word or line where characters have none."""
    spans = spans_of(line.text)
    sure = [1.0] * len(line.text)  # spaces
    if [line.text[start:end] for start, end in spans] != [word.text for word in line.words]:
        return [line.confidence] * len(line.text)
    for (start, end), word in zip(spans, line.words, strict=True):
        sure[start:end] = word.confidences or [word.confidence] * (end - start)
    return sure


def parts_of(spans: Sequence[tuple[int, int, int]], lines: Sequence[TextLine]) -> Iterator[FactPart]:
    """The words in spans, each with its polygon, or with a part of it; of a line without words the line's."""
    for number, start, end in spans:
        line = lines[number]
        pieces: list[tuple[tuple[int, int], FloatArray]] = [((0, len(line.text)), line.points_N2)]
        words = spans_of(line.text)
        if [line.text[first:behind] for first, behind in words] == [word.text for word in line.words]:
            pieces = list(zip(words, (word.points_N2 for word in line.words), strict=True))
        for (first, behind), points_N2 in pieces:
            low, high = max(first, start), min(behind, end)
            if low < high:
                shares = [(place - first) / (behind - first) for place in (low, high)]  # characters equally wide
                part_N2 = points_N2 if shares == [0, 1] else PLAIN.part(points_N2, *shares)
                yield FactPart(number, low, high, line.text[low:high], part_N2)


def sums_of(report: SumReport) -> Sums:
    """The sums as a page has them."""
    checked = (CheckedSum(each.name, str(each), str(each.printed - each.computed)) for each in report.sums)
    return Sums(report.verdict, tuple(checked), report.changed)
