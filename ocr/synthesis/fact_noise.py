"""Read an invented receipt as badly as a detector and a recogniser do, and keep its facts at their characters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from ocr.fields import Span
from ocr.synthesis.chance import Chance
from ocr.synthesis.facts import FactSheet, invented_facts, region
from ocr.types import FloatArray

LOOK_ALIKES = (
    "0O", "0Q", "0D", "1I", "1l", "1|", "1/", "1!", "5S", "5s", "8B", "8&", "6G", "6b", "2Z", "7T", "4A", "9g", "9q",
    ".,", ",'", ":;", ":.", "-_", "-~", "Il", "I|", "IT", "OQ", "OC", "CG", "CE", "EF", "UV", "VY", "MN", "NH", "HM",
    "KX", "PR", "RB", "ao", "ae", "ec", "ce", "nh", "un", "il", "ij", "tf", "rn", "gy", "$S", "(C", "#H", "%X", "*x",
    "@a",
)  # fmt: skip
"""Pairs of characters that are taken for each other, in both directions."""
SIMILAR = {
    letter: "".join(sorted({other for pair in LOOK_ALIKES if letter in pair for other in pair if other != letter}))
    for letter in sorted(set("".join(LOOK_ALIKES)))
}
ANY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-/"
SYLLABLES, VARIANTS = range(0xAC00, 0xD7A4), 28
"""Korean syllables: each 28 share all but the last consonant."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How bad the reading is.

    Attributes:
        characters: share of the characters that are taken for another one, lost, or followed by one that is not there,
            0 to 1.
        missing: share of the regions that are not found, 0 to 1.
        merged: share of the regions that are found together with their neighbour on the same row, 0 to 1.
        split: share of the regions with a space that are found as two, 0 to 1.
    """

    characters: float = 0.02
    missing: float = 0.01
    merged: float = 0.02
    split: float = 0.02

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, must be from 0 to 1")


@dataclass(frozen=True, slots=True)
class _Region:
    text: str
    spans: tuple[Span, ...]
    points_42: FloatArray


def misread(chance: Chance, sheet: FactSheet, rates: Rates) -> FactSheet:
    """The receipt as a reader with these faults finds it; a pure function of the choices and the receipt.

    Spans follow their characters; a fact of which no character is left has none. ``fields`` and ``bill`` still say what
    is printed, and ``size`` is the same.

    Args:
        chance: random choices.
        sheet: what `ocr.synthesis.facts.invented_facts` returned.
        rates: how bad the reading is.
    """
    found = [
        _Region(word.transcription or "", spans, word.points_N2)
        for word, spans in zip(sheet.words, sheet.spans, strict=True)
        if not chance.coin(rates.missing)
    ]
    found = [part for whole in _merged(chance, found, rates.merged) for part in _split(chance, whole, rates.split)]
    read = [_misread_text(chance, each, rates.characters) for each in found]
    read = [each for each in read if each.text]
    words = (region(each.text, each.points_42, each.spans, number) for number, each in enumerate(read, start=1))
    return replace(sheet, words=tuple(words), spans=tuple(each.spans for each in read))


def _merged(chance: Chance, regions: list[_Region], rate: float) -> list[_Region]:
    """The regions, some joined with the one to the right."""
    merged: list[_Region] = []
    for each in regions:
        if merged and _beside(merged[-1].points_42, each.points_42) and chance.coin(rate):
            left = merged.pop()
            gap = " " if chance.coin(0.7) else ""
            moved = tuple(span.moved(len(left.text) + len(gap)) for span in each.spans)
            points_42 = np.stack((left.points_42[0], each.points_42[1], each.points_42[2], left.points_42[3]))
            merged.append(_Region(left.text + gap + each.text, left.spans + moved, points_42))
        else:
            merged.append(each)
    return merged


def _beside(left_42: FloatArray, right_42: FloatArray) -> bool:
    """Whether the second region lies on the same row as the first, to the right."""
    middle = float(right_42[[0, 3], 1].mean())
    return bool(left_42[1, 1] < middle < left_42[2, 1] and right_42[0, 0] > left_42[0, 0])


def _split(chance: Chance, whole: _Region, rate: float) -> list[_Region]:
    """The region, or its two parts before and behind one of its spaces."""
    spaces = [place for place, letter in enumerate(whole.text) if letter == " "]
    if not spaces or not chance.coin(rate):
        return [whole]
    place = chance.pick(spaces)
    parts = []
    for start, end in ((0, place), (place + 1, len(whole.text))):
        kept = (span.within(start, end) for span in whole.spans)
        corners = [_along(whole.points_42, share / len(whole.text)) for share in (start, end)]
        points_42 = np.stack((corners[0][0], corners[1][0], corners[1][1], corners[0][1]))
        parts.append(_Region(whole.text[start:end], tuple(span for span in kept if span), points_42))
    return parts


def _along(points_42: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
    """The points of the upper and the lower edge at a share of their lengths from the left."""
    upper_left, upper_right, lower_right, lower_left = points_42
    factor = np.float32(share)
    return upper_left + factor * (upper_right - upper_left), lower_left + factor * (lower_right - lower_left)


def _misread_text(chance: Chance, each: _Region, rate: float) -> _Region:
    """The region with some of its characters misread."""
    owners = [-1] * len(each.text)
    for number, span in enumerate(each.spans):
        owners[span.start : span.end] = [number] * (span.end - span.start)
    wrong = chance.generator.random(len(each.text)) < rate
    read: list[tuple[str, int]] = []
    for letter, owner, fault in zip(each.text, owners, wrong, strict=True):
        letters = _misread_letter(chance, letter) if fault else letter
        read += [(other, owner) for other in letters]
    while read and read[0][0] == " ":
        del read[0]
    while read and read[-1][0] == " ":
        del read[-1]
    return replace(each, text="".join(letter for letter, _ in read), spans=_spans(each.spans, read))


def _misread_letter(chance: Chance, letter: str) -> str:
    """What is read instead of a character: another one, nothing, or one more."""
    if letter == " ":
        return chance.pick(("", "", "  ", "."))
    fault = chance.weighted((("other", 7), ("lost", 2), ("space", 1), ("twice", 1)))
    if fault == "lost":
        return ""
    if fault == "space":
        return letter + " "
    if fault == "twice":
        return letter + chance.pick(letter + SIMILAR.get(letter, "."))
    if ord(letter) in SYLLABLES:
        first = ord(letter) - (ord(letter) - SYLLABLES.start) % VARIANTS
        return chr(first + chance.integer(0, VARIANTS - 1))
    similar = SIMILAR.get(letter, "")
    return chance.pick(similar) if similar and chance.coin(0.85) else chance.pick(ANY)


def _spans(spans: tuple[Span, ...], read: list[tuple[str, int]]) -> tuple[Span, ...]:
    """Where the characters of each fact are now, without white space at its ends."""
    found = []
    place = 0
    for owner, group in groupby(read, key=lambda pair: pair[1]):
        text = "".join(letter for letter, _ in group)
        start = place + len(text) - len(text.lstrip())
        end = place + len(text.rstrip())
        if owner >= 0 and start < end:
            found.append(Span(start, end, spans[owner].field, spans[owner].item))
        place += len(text)
    return tuple(found)


def stream_facts(
    index: int, *, seed: int, split: str, korean: float = 0.0, misread_share: float = 0.0, worst: float = 0.05
) -> FactSheet:
    """One invented receipt for a training, in either language, perhaps badly read; a pure function of its arguments.

    Args:
        index: number of the receipt in its split, from 0.
        seed: not negative.
        split: name of the split.
        korean: share of Korean receipts, 0 to 1.
        misread_share: share of the receipts that are read with faults, 0 to 1.
        worst: largest share of their characters that are wrong, 0 to 1; as many regions are missing, merged and split.
    """
    chance = Chance(seed, f"{split}/reading", index)
    sheet = invented_facts(seed, split, index, korean=chance.coin(korean))
    if not chance.coin(misread_share):
        return sheet
    return misread(chance, sheet, Rates(*(chance.uniform(0.0, worst) for _ in range(4))))
