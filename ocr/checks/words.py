"""Read the words of one image leniently and check their texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
import numpy as np

from ocr.checks.annotations import NOT_NUMBERS, parts_of
from ocr.checks.findings import Finding, State, Tally
from ocr.checks.kinds import Kind
from ocr.checks.texts import quoted, text_flaws
from ocr.formats.native_entries import WordEntry
from ocr.geometry import MIN_POINTS, too_complex
from ocr.images.edges import edges, measure
from ocr.text import plain_text
from ocr.types import Word

VALUE_LENGTH = 160

NARROWEST = 0.15
"""Width of a character, in heights of its line, below which no recogniser can read it: one step of 4 columns in a line
that is 32 pixels high and squeezed to 0.8. Of SROIE's 19,994 training lines one is narrower, and its box is wrong."""

Flaws = list[tuple[Kind, str]]


@dataclass(slots=True)
class CheckedWord:
    """One word.

    Attributes:
        key: its key, followed by ``#1`` if a later word has the same key.
        word: what could be read, with the polygon as in the file; ``None`` if the polygon cannot be used.
        flaws: kinds, each with what was found.
        weights: of kinds that are listed by weight.
    """

    key: str
    word: Word | None
    flaws: Flaws = field(default_factory=list)
    weights: dict[Kind, float] = field(default_factory=dict)

    def findings(self, split: str, image: str) -> list[Finding]:
        """The flaws with their split and image."""
        points = None
        if self.flaws and self.word is not None:
            points = tuple((float(x), float(y)) for x, y in self.word.points_N2)
        return [
            Finding(kind, split, image, self.key, value, points, self.weights.get(kind, 0.0))
            for kind, value in self.flaws
        ]


def read_words(content: bytes, charset: frozenset[str] | None = None) -> list[CheckedWord]:
    """Read a ``words`` object entry by entry.

    Args:
        content: the object's JSON.
        charset: the characters that texts may have; ``None``: any.

    Raises:
        ValueError: it is not an object.
    """
    words: list[CheckedWord] = []
    parts = parts_of(content)
    for (key, raw), label in zip(parts, labels([key for key, _ in parts]), strict=True):
        words.append(read_word(label, raw, charset))
        if label != key:
            words[-1].flaws.append((Kind.REPEATED_WORD, f"a later word has the key {key!r} too"))
    return words


def labels(names: Sequence[str]) -> list[str]:
    """The names, with ``name#1`` and so on for those that are repeated later: readers keep the last one."""
    left = Counter(names)
    numbers: Counter[str] = Counter()
    labelled = []
    for name in names:
        left[name] -= 1
        numbers[name] += 1
        labelled.append(f"{name}#{numbers[name]}" if left[name] else name)
    return labelled


def read_word(key: str, raw: bytes, charset: frozenset[str] | None = None) -> CheckedWord:
    """Read one word; of its polygon only the number and the values of the points are checked."""
    try:
        entry = msgspec.json.decode(raw, type=WordEntry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        value = shortened(raw.decode(errors="replace"))
        if has_infinite_point(raw):
            return CheckedWord(key, None, [(Kind.NOT_FINITE, value)])
        return CheckedWord(key, None, [(Kind.BAD_WORD, f"{error}: {value}")])
    # What an ignored region says is not learnt, so that its characters and its width do not matter.
    flaws = text_flaws(entry.transcription or "", None if entry.ignore else charset)
    if entry.transcription is not None and not entry.ignore and not plain_text(entry.transcription):
        flaws.append((Kind.EMPTY_TEXT, quoted(entry.transcription)))
    with np.errstate(over="ignore"):
        points_N2 = np.asarray(entry.points, np.float32).reshape(-1, 2)
    if not np.isfinite(points_N2).all():
        return CheckedWord(key, None, [*flaws, (Kind.NOT_FINITE, shortened(str(entry.points)))])
    if len(points_N2) < MIN_POINTS:
        return CheckedWord(key, None, [*flaws, (Kind.TOO_FEW_POINTS, str(entry.points))])
    if flaw := too_complex(points_N2):
        return CheckedWord(key, None, [*flaws, (Kind.BAD_WORD, f"the polygon {flaw}: {shortened(str(entry.points))}")])
    word = entry.word(points_N2)
    if flaw := density_flaw(word):
        flaws.append((Kind.TEXT_TOO_DENSE, flaw))
    return CheckedWord(key, word, flaws)


def density_flaw(word: Word) -> str | None:
    """How a region is too narrow for its text; ``None`` if it is not, is ignored, or its text is unknown.

    Text that is turned by 90 degrees is not reported: a region taller than long would have room for it from top to
    bottom. A recogniser cannot read it, but neither polygon nor text is wrong.
    """
    text = plain_text(word.text or "")
    if not text or word.ignore:
        return None
    height, length = measure(*edges(word.points_N2))
    # A repeated character needs a step of CTC's blank between.
    steps = len(text) + sum(first == second for first, second in pairwise(text))
    if length >= NARROWEST * height * steps or (height > length and height >= NARROWEST * length * steps):
        return None
    return f"{quoted(text)}: {len(text)} characters in {length:.0f} x {height:.0f} pixels"


def has_infinite_point(raw: bytes) -> bool:
    """Whether an unreadable entry has a coordinate that is NaN or infinite."""
    try:
        points = json.loads(raw)["points"]
        values = [value for point in points for value in point]
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
    # Infinity minus itself is NaN, not zero.
    return any(v in NOT_NUMBERS if isinstance(v, str) else isinstance(v, float) and v - v != 0 for v in values)


def tally(words: Sequence[CheckedWord], checked: int) -> Tally:
    """Count the states of the words.

    Args:
        words: those of one image.
        checked: number of entries in the file.
    """
    return Tally.of(checked, (State.of(kind for kind, _ in word.flaws) for word in words))


def shortened(text: str) -> str:
    """A text, truncated if it is long."""
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 3]}..."
