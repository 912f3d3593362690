"""What may be, and what must be, the field of each token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from ocr.extraction.tokens import Token, TokenPage
from ocr.fields import FIELDS, ITEM, Span
from ocr.text import letters_and_digits
from ocr.types import BoolArray, Word
from ocr.values import parse_amount

OTHER = 0
"""Class of the tokens that are none of a receipt's facts; field ``i`` of the list has class ``i + 1``."""
ALIKE = 85.0
"""Least similarity (0 to 100) of a value and the text that is taken for it: annotators correct and mistype."""
LONGEST_RUN = 9
"""Most regions that a value is spread over."""


@dataclass(frozen=True, slots=True)
class TokenTargets:
    """What is learnt of a page of N tokens, K = number of fields + 1 classes.

    Attributes:
        allowed_NK: the classes that each token may have; one of them where the annotation says it.
        needed_NK: tokens of which at least one must have the class; none where nothing is known.
        starts_N: the first tokens of items.
        items: whether the annotation knows the items, so that ``starts_N`` is to be learnt.
    """

    allowed_NK: BoolArray
    needed_NK: BoolArray
    starts_N: BoolArray
    items: bool

    def arrays(self) -> dict[str, BoolArray]:
        """By name, as a sample has them."""
        items = np.array(self.items)
        return {"allowed": self.allowed_NK, "needed": self.needed_NK, "starts": self.starts_N, "items": items}


@dataclass(frozen=True, slots=True)
class FieldTargets:
    """Finds the fields of tokens.

    Attributes:
        fields: names of `ocr.fields.FIELDS`, in the order of their classes.
    """

    fields: tuple[str, ...] = tuple(FIELDS)

    def annotated(self, page: TokenPage, words: Sequence[Word], fields: dict[str, str]) -> dict[str, BoolArray]:
        """The targets of an annotated page by name, as a sample has them."""
        return self.from_words(page, words, fields).arrays()

    def invented(self, page: TokenPage, spans: Sequence[Sequence[Span]]) -> dict[str, BoolArray]:
        """The same of a page whose facts are all known, those of each region in ``spans``."""
        return self.from_spans(page, spans).arrays()

    def from_spans(self, page: TokenPage, spans: Sequence[Sequence[Span]]) -> TokenTargets:
        """Targets of a page whose facts are all known.

        Args:
            page: the tokens.
            spans: of each region.
        """
        of_token = [span_of(token, spans[token.region]) for token in page.tokens]
        classes = np.array([self.code(span.field if span else None) for span in of_token], np.int64)
        allowed_NK = np.zeros((len(classes), len(self.fields) + 1), np.bool_)
        allowed_NK[np.arange(len(classes)), classes] = True
        numbers = [span.item if span and span.field.startswith(ITEM) else None for span in of_token]
        starts_N = np.array([n is not None and n not in numbers[:at] for at, n in enumerate(numbers)], np.bool_)
        return TokenTargets(allowed_NK, np.zeros_like(allowed_NK), starts_N, items=True)

    def from_words(self, page: TokenPage, words: Sequence[Word], fields: dict[str, str]) -> TokenTargets:
        """Targets of an annotated page: of its labelled regions, else of its values.

        Args:
            page: the tokens.
            words: the regions.
            fields: the receipt's values, for annotations that do not say where they stand. Then nothing is known of
                other fields than these.
        """
        if any(word.field in self.fields for word in words):
            return self.from_spans(page, [whole_spans(word) for word in words])
        return self.from_values(page, words, fields)

    def from_values(self, page: TokenPage, words: Sequence[Word], fields: dict[str, str]) -> TokenTargets:
        """Targets of a page of which only some values are known, not where they stand."""
        known = {name: value for name, value in fields.items() if name in self.fields and value.strip()}
        shape = (len(page.tokens), len(self.fields) + 1)
        allowed_NK, needed_NK = np.ones(shape, np.bool_), np.zeros(shape, np.bool_)
        allowed_NK[:, [self.code(name) for name in known]] = False
        for name, value in known.items():
            code = self.code(name)
            if FIELDS[name] in ("text", "phone"):
                found = run_of(page, words, value)
            elif FIELDS[name] == "amount":
                found = as_printed(page, words, value) or equal_amounts(page, value)
            else:
                found = occurrences(page, words, value)
            if not found:  # the text is read or annotated otherwise: nothing is known
                allowed_NK[:, code] = True
            for tokens in found:
                if len(found) == 1 or FIELDS[name] != "amount":
                    allowed_NK[tokens] = False
                allowed_NK[tokens, code] = True
                needed_NK[tokens[-1], code] = FIELDS[name] == "amount"  # before it, a currency
        return TokenTargets(allowed_NK, needed_NK, np.zeros(len(allowed_NK), np.bool_), items=False)

    def code(self, name: str | None) -> int:
        """The class of a field."""
        return self.fields.index(name) + 1 if name in self.fields else OTHER


def whole_spans(word: Word) -> list[Span]:
    """The span of a region that is labelled as a whole."""
    return [Span(0, len(word.text), word.field, word.item)] if word.text and word.field else []


def span_of(token: Token, spans: Sequence[Span]) -> Span | None:
    """The span that covers most of a token."""
    shared = [(min(token.end, span.end) - max(token.start, span.start), span) for span in spans]
    most, best = max(shared, key=lambda each: each[0], default=(0, None))
    return best if most > 0 else None


def run_of(page: TokenPage, words: Sequence[Word], value: str) -> list[list[int]]:
    """The tokens of neighbouring regions that together say a value, as one list; empty if none are alike."""
    wanted = letters_and_digits(value)
    texts = [letters_and_digits(word.text or "") for word in words]
    best: tuple[float, int, int] = (0.0, 0, 0)
    for first in range(len(texts)):
        joined = ""
        for last in range(first, min(len(texts), first + LONGEST_RUN)):
            joined += texts[last]
            if len(joined) > 2 * len(wanted) + 20:
                break
            similar = fuzz.ratio(wanted, joined) if wanted else 0.0
            if wanted and wanted in joined:  # a part of the regions, such as a name before a number in brackets
                similar = max(similar, 99.0 - 0.5 * (last - first) - 0.01 * len(joined))
            best = max(best, (similar, -first, last), key=lambda each: each[0])
    similar, first, last = best[0], -best[1], best[2]
    if similar < ALIKE:
        return []
    within = [n for n, token in enumerate(page.tokens) if first <= token.region <= last]
    return [trimmed(page, within, wanted)]


def trimmed(page: TokenPage, within: list[int], wanted: str) -> list[int]:
    """The tokens without those at both ends that make them less like the value."""
    texts = {n: letters_and_digits(page.tokens[n].text) for n in within}

    def alike(tokens: list[int]) -> float:
        return fuzz.ratio(wanted, "".join(texts[n] for n in tokens))

    kept = within
    while len(kept) > 1:
        shorter = max((kept[1:], kept[:-1]), key=alike)
        if alike(shorter) <= alike(kept):
            break
        kept = shorter
    return kept


def as_printed(page: TokenPage, words: Sequence[Word], value: str) -> list[list[int]]:
    """The tokens of each place at which whole tokens are a value as it is annotated, with or without its currency."""
    wanted = value.replace(" ", "")
    places = occurrences(page, words, value)
    return [place for place in places if "".join(page.tokens[n].text for n in place) == wanted]


def equal_amounts(page: TokenPage, value: str) -> list[list[int]]:
    """Each token that is an amount equal to a value, as a list of its own."""
    amount = parse_amount(value)
    return [[n] for n, token in enumerate(page.tokens) if amount and parse_amount(token.text) == amount]


def occurrences(page: TokenPage, words: Sequence[Word], value: str) -> list[list[int]]:
    """The tokens of each place at which a region contains a value literally, but for spaces."""
    found = []
    pattern = re.compile(r"\s*".join(re.escape(letter) for letter in value if not letter.isspace()))
    for number, word in enumerate(words):
        for match in pattern.finditer(word.text or ""):
            found.append(
                [
                    n
                    for n, token in enumerate(page.tokens)
                    if token.region == number and token.start < match.end() and token.end > match.start()
                ]
            )
    return found
