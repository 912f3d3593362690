"""Choose a receipt's facts from the probabilities of its tokens, one value a field, items in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz

from ocr.extraction.postprocess.printed import printed, with_sign
from ocr.extraction.postprocess.sums import check_sums
from ocr.extraction.tokens import Token, TokenPage, stretches
from ocr.fields import FIELDS, ITEM, Facts
from ocr.text import letters_and_digits
from ocr.types import BoolArray, FloatArray, Word

JOINED = ("company", "address")
"""Fields whose values may go on in the next region; others are in one region."""
EXPECTED = ("date", "total")
"""Fields that every receipt has: without a sure one, the likeliest token is taken, even one that is likelier another
field, as where a total is printed twice and either could be the subtotal."""
UNSURE = 0.01
"""Least probability that a single token is given of being, or not being, part of a value."""
ALIKE = 97.0
"""Least similarity (0 to 100) of letters and digits from which a value is taken for a known one. Of 95 to 100, it gave
the most of SROIE's training addresses as annotated, each compared with those of the other training receipts."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was found.

    Attributes:
        text: as printed, parts of several regions joined by single spaces.
        confidence: mean probability of its tokens, 0 to 1.
        tokens: their indices.
    """

    text: str
    confidence: float
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found on a page.

    Attributes:
        fields: by name.
        items: what was bought, in the order of print, each by the names that begin with `ocr.fields.ITEM`.
    """

    fields: dict[str, Value]
    items: tuple[dict[str, Value], ...]

    @property
    def facts(self) -> Facts:
        """The values alone."""
        return Facts(
            {name: value.text for name, value in self.fields.items()},
            tuple({name: value.text for name, value in item.items()} for item in self.items),
        )


@dataclass(frozen=True, slots=True)
class Structure:
    """Chooses the values: of each field the most probable run of tokens, of items all.

    A date must contain one, an amount a number. A value's tokens stand next to each other in reading order; those of
    `JOINED` may lie in several regions. Of several likely totals, the one that adds up is taken (`adding_up`).

    Attributes:
        fields: names of the classes after the first, as of `FieldTargets`.
        least: probability below which a token is not part of a value; of a field without one, a quarter of it is enough
            for its most probable token, if no other field is likelier there, and for a total that adds up.
        change: by how much the logarithm of the odds of a value of `JOINED` must be better for it to begin or end
            inside a region and not at the region's ends.
        gap: tokens between regions of a value of `JOINED` that do not end it.
        known: values that are known to occur, by field: what was read nearly so is given as written here.
    """

    fields: tuple[str, ...] = tuple(FIELDS)
    least: float = 0.4
    change: float = 3.0
    gap: int = 0
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __call__(
        self, probability_NK: FloatArray, starts_N: FloatArray, page: TokenPage, words: Sequence[Word]
    ) -> Extraction:
        """The facts of a page.

        Args:
            probability_NK: of each token and class, rows sum up to 1.
            starts_N: probability of each token to be the first of an item.
            page: the tokens.
            words: the regions that they were made from.
        """
        if not page.tokens:
            return Extraction({}, ())
        texts = [word.text or "" for word in words]
        fields = {}
        within_NK = self.within(probability_NK, page.tokens)
        for code, name in enumerate(self.fields, start=1):
            if name.startswith(ITEM):
                continue
            runs = self.runs(within_NK[:, code], page.tokens, joined=name in JOINED)
            if not runs and name not in JOINED:
                best = int(probability_NK[:, code].argmax())
                likely = probability_NK[best, code] >= self.least / 4
                own = name in EXPECTED or probability_NK[best, 1:].argmax() + 1 == code
                runs = [[best]] if likely and own else []
            fitting = values_of(name, runs, probability_NK[:, code], page.tokens, texts)
            if fitting:
                chosen = max(fitting, key=lambda value: (self.weight(name, value), value.confidence))
                fields[name] = replace(chosen, text=self.as_known(name, chosen.text))
        found = Extraction(fields, self.items(probability_NK, starts_N, page, texts))
        if "total" not in fields:
            return found
        total_N = probability_NK[:, self.fields.index("total") + 1]
        runs = self.runs(total_N >= self.least / 4, page.tokens, joined=False)
        return adding_up(found, values_of("total", runs, total_N, page.tokens, texts))

    def as_known(self, name: str, text: str) -> str:
        """The value, or the known one that it is taken for.

        Of an address the known one has the better marks and spaces too. A company that differs in these alone stays as
        printed: of SROIE's training receipts, annotators wrote 96.8% as printed, and 96.0% as another receipt's.
        """
        similar = [
            (fuzz.ratio(letters_and_digits(text), letters_and_digits(known)), fuzz.ratio(text, known), known)
            for known in self.known.get(name, ())
        ]
        alike, _, known = max(similar, default=(0.0, 0.0, text))
        return known if alike >= ALIKE and (name == "address" or alike < 100) else text

    def weight(self, name: str, value: Value) -> float:
        """By what one of several values is chosen: of `JOINED` how many tokens speak for it, else how surely."""
        return value.confidence * len(value.tokens) if name in JOINED else value.confidence

    def within(self, probability_NK: FloatArray, tokens: Sequence[Token]) -> BoolArray:
        """Which tokens are part of a value, (N, K): of each class the most probable sequence (Viterbi 1967)."""
        odds_NK = log_odds(probability_NK) - log_odds(np.array(self.least, np.float32))
        change_K = np.array([0.0, *(self.change * (name in JOINED) for name in self.fields)], np.float32)
        score_K, kept = odds_NK[0], []
        none_K = np.zeros_like(score_K)
        for odds_K, (token, following) in zip(odds_NK[1:], pairwise(tokens), strict=True):
            cost_K = change_K * (token.region == following.region)
            kept.append((score_K >= none_K - cost_K, score_K - cost_K > none_K))  # before a value, before none
            score_K, none_K = odds_K + np.maximum(score_K, none_K - cost_K), np.maximum(none_K, score_K - cost_K)
        within = [score_K > none_K]
        for before_value_K, before_none_K in reversed(kept):
            within.append(np.where(within[-1], before_value_K, before_none_K))
        return np.stack(within[::-1])

    def runs(self, within_N: BoolArray, tokens: Sequence[Token], *, joined: bool) -> list[list[int]]:
        """The tokens of a class, those next to each other together."""
        runs: list[list[int]] = []
        for number in np.flatnonzero(within_N).tolist():
            last = runs[-1][-1] if runs else None
            near = last is not None and number - last <= (1 + self.gap if joined else 1)
            if near and last is not None and (joined or tokens[last].region == tokens[number].region):
                runs[-1].append(number)
            else:
                runs.append([number])
        return runs

    def items(
        self, probability_NK: FloatArray, starts_N: FloatArray, page: TokenPage, texts: Sequence[str]
    ) -> tuple[dict[str, Value], ...]:
        """The items: a token that begins one, or a second value of a field that an item has once, begins the next."""
        codes = {code: name for code, name in enumerate(self.fields, start=1) if name.startswith(ITEM)}
        best_N = probability_NK.argmax(1)
        chosen = [(n, codes[code]) for n, code in enumerate(best_N.tolist()) if code in codes]
        items: list[dict[str, list[int]]] = []
        for number, name in chosen:
            begins = not items or starts_N[number] >= 0.5
            parts = items[-1].setdefault(name, []) if items and not begins else []
            if items and not begins and parts and name != ITEM + "nm" and not beside(page.tokens, parts[-1], number):
                begins = True
            if begins:
                items.append({})
                parts = items[-1].setdefault(name, [])
            parts.append(number)
        return tuple(
            {
                name: value_of(name, parts, probability_NK[:, self.fields.index(name) + 1], page.tokens, texts)
                for name, parts in item.items()
                if parts
            }
            for item in items
        )


def log_odds(probability: FloatArray) -> FloatArray:
    """The logarithm of the odds of probabilities, of those near 0 and 1 a finite one."""
    clipped = np.clip(probability, UNSURE, 1.0 - UNSURE)
    return np.asarray(np.log(clipped / (1.0 - clipped)), np.float32)


def beside(tokens: Sequence[Token], first: int, second: int) -> bool:
    """Whether two tokens follow each other in one region."""
    return second == first + 1 and tokens[first].region == tokens[second].region


def values_of(
    name: str, runs: Sequence[Sequence[int]], probability_N: FloatArray, tokens: Sequence[Token], texts: Sequence[str]
) -> list[Value]:
    """The values of runs of tokens, without those that cannot be one."""
    values = (value_of(name, run, probability_N, tokens, texts) for run in runs)
    return [value for value in values if value.text]


def adding_up(found: Extraction, likely: Sequence[Value]) -> Extraction:
    """The facts with another likely total, if more of the total's sums are right with it.

    Where amounts stand far from their labels, as in columns, what was paid is taken for the total too.
    """

    def right(total: Value) -> int:
        report = check_sums(replace(found, fields={**found.fields, "total": total}).facts)
        return sum(each.right for each in report.sums if each.name in ("total", "payment"))

    surest_first = sorted(likely, key=lambda value: value.confidence, reverse=True)
    total = max([found.fields["total"], *surest_first], key=right)
    return replace(found, fields={**found.fields, "total": total})


def value_of(
    name: str, run: Sequence[int], probability_N: FloatArray, tokens: Sequence[Token], texts: Sequence[str]
) -> Value:
    """The value of tokens: of each region what is from the first to the last of them; empty if it cannot be one."""
    ends = stretches(tokens[number] for number in run)
    if FIELDS[name] == "amount" and len(ends) == 1:
        ((region, (start, end)),) = ends.items()
        ends = {region: with_sign(texts[region], start, end)}
    text = " ".join(texts[region][start:end] for region, (start, end) in ends.items())
    return Value(printed(name, text), float(np.mean(probability_N[list(run)])), tuple(run))
