"""Text in which the parts that state facts are marked, so that a receipt's truth is known to the character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocr.fields import ITEM, Span

BROKEN = frozenset({"company", "address", ITEM + "nm"})
"""Fields whose texts may continue on the next line."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the facts in it.

    Attributes:
        text: the characters.
        spans: which of them state a fact, from left to right, without overlaps; all others are labels or decoration.
    """

    text: str
    spans: tuple[Span, ...] = ()

    def __add__(self, other: Marked | str) -> Marked:
        """Both texts, one behind the other."""
        added = marked(other)
        return Marked(self.text + added.text, self.spans + tuple(span.moved(len(self.text)) for span in added.spans))

    def __radd__(self, other: str) -> Marked:
        """A plain text before this one."""
        return Marked(other) + self

    def cut(self, start: int, end: int) -> Marked:
        """The characters from start to end, with what remains of the facts."""
        end = min(end, len(self.text))
        kept = (span.within(start, end) for span in self.spans)
        return Marked(self.text[start:end], tuple(span for span in kept if span is not None))

    def strip(self) -> Marked:
        """The same without white space at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, max(start, len(self.text.rstrip())))

    def cased(self, case: Callable[[str], str]) -> Marked:
        """The same in another letter case, given by a function that keeps the number of characters."""
        text = case(self.text)
        if len(text) != len(self.text):
            raise ValueError(f"the letter case changes the length of {self.text!r} to {text!r}, so its facts are lost")
        return Marked(text, self.spans)

    def _unbroken(self) -> Iterator[tuple[int, int]]:
        """Start and end of the parts that stay on one line."""
        whole = [span for span in self.spans if span.field not in BROKEN]
        start: int | None = None
        for word_start, word_end in _words(self.text):
            start = word_start if start is None else start
            if not any(span.start < word_end < span.end for span in whole):
                yield start, word_end
                start = None

    def words(self) -> list[Marked]:
        """The parts between white space."""
        return [self.cut(start, end) for start, end in _words(self.text)]

    def label(self) -> tuple[str | None, int | None]:
        """Field and item of most of the marked characters, the first of equals; ``None`` twice if none is marked."""
        longest = max(self.spans, key=lambda span: span.end - span.start, default=None)
        return (longest.field, longest.item) if longest else (None, None)

    def lines(self, room: int, width: Callable[[str], int] = len) -> Iterator[Marked]:
        """The text in lines of at most so many columns, broken at spaces; a longer word gets a line of its own.

        A date or a number is not broken, only names and addresses are.
        """
        start = end = 0
        for word_start, word_end in self._unbroken():
            if end > start and width(self.text[start:word_end]) > room:
                yield self.cut(start, end).strip()
                start = word_start
            end = word_end
        if self.text[start:end].strip():
            yield self.cut(start, end).strip()


def marked(text: Marked | str) -> Marked:
    """A text as marked text."""
    return text if isinstance(text, Marked) else Marked(text)


def fact(text: str, field: str, item: int | None = None) -> Marked:
    """A text that states a fact.

    Args:
        text: what is printed, not empty.
        field: a name of `ocr.fields.FIELDS`.
        item: number of the purchase, from 1, or ``None``.
    """
    return Marked(text, (Span(0, len(text), field, item),))


def fill(form: str, *parts: Marked | str) -> Marked:
    """The form with its ``{}`` replaced by the parts in order, without white space at its ends."""
    first, *others = form.split("{}")
    filled = Marked(first)
    for part, behind in zip(parts, others, strict=True):
        filled = filled + part + behind
    return filled.strip()


def _words(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(r"\S+", text))
