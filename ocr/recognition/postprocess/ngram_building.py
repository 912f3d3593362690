"""Estimate a character n-gram model from texts, and prune it to a size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr.recognition.postprocess.ngram import CharNgram
from ocr.recognition.postprocess.trie import (
    END,
    FIRST,
    MOST_LETTERS,
    MOST_ORDER,
    OTHER,
    START,
    STEPS,
    Integers,
    Trie,
    class_of,
)
from ocr.text import plain_text
from ocr.types import InputError

MOST_TRIES = 20
"""Sizes that are tried; three or four are enough where the length of the stored model grows with its n-grams."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """The n-grams of one length that occur, in ascending order.

    Attributes:
        keys_G: int64, the symbols of each as a number in base 256, the first symbol leading.
        parents_G: int64, place of each without its last symbol, among the next shorter ones.
        shares_G: float64, see `ngram`.
        gains_G: float64, by how much the logarithm of the training texts' probability falls without it.
    """

    keys_G: Integers
    parents_G: Integers
    shares_G: Floats
    gains_G: Floats


def build_ngram(texts: Iterable[str], *, order: int = 6, size: int = 100_000) -> CharNgram:
    """A model of the lines of a text.

    Shares are Witten and Bell's (1991; Chen and Goodman 1999, equation 15): ``share(h w) = c(h w) / (c(h) + t(h))``,
    where ``c`` counts occurrences and ``t(h)`` is the number of different symbols after ``h``. (Kneser and Ney's
    estimate is better unpruned, but its shorter n-grams are made for the longer ones that pruning removes: Chelba et
    al. 2010.) Kept are the n-grams that change the texts' probability most, each count times the logarithm of the ratio
    (Seymore and Rosenfeld 1996; Stolcke 1998).

    Args:
        texts: lines; a line that occurs twice counts twice. They are compared as `plain_text` writes them.
        order: longest n-gram, 1 to 7.
        size: limit of the characters of the stored model.

    Raises:
        InputError: there is no text, the order or the size is out of range, or the single characters alone need more.
    """
    if not 1 <= order <= MOST_ORDER:
        raise InputError(f"order={order}: must be 1 to {MOST_ORDER}")
    if not 1000 <= size <= 300_000:
        raise InputError(f"size={size}: must be 1000 to 300000")
    alphabet, symbols, lines = encoded(texts)
    levels = list(counted(symbols, lines, order, FIRST - 1 + len(alphabet)))
    kept = pruned(levels, alphabet, 0)
    least = len(kept.to_text())
    if least > size:
        raise InputError(
            f"text.language.characters={size}: the {len(alphabet)} characters of the texts alone need {least}; raise it"
        )
    nodes, most = size // 2, sum(len(level.keys_G) for level in levels)
    for _ in range(MOST_TRIES):
        trie = pruned(levels, alphabet, min(nodes, most))
        length = len(trie.to_text())
        if length <= size and len(trie.symbols_M) >= len(kept.symbols_M):
            kept = trie
        if length <= size and (nodes >= most or length > 0.95 * size):
            break
        nodes = max(1, int(nodes * min(0.97 * size / length, 4.0)))
    return CharNgram(kept)


def encoded(texts: Iterable[str]) -> tuple[str, Integers, Integers]:
    """The alphabet, and the symbols of all lines with their starts and ends, and the number of each symbol's line.

    Raises:
        InputError: there is no text.
    """
    lines = [[class_of(letter) for letter in plain_text(text)] for text in texts]
    frequent = Counter(letter for line in lines for letter in line).most_common(MOST_LETTERS)
    if not frequent:
        raise InputError("the training split has no texts to build a language model from; use annotations with texts")
    alphabet = "".join(sorted(letter for letter, _ in frequent))
    numbers = {letter: number for number, letter in enumerate(alphabet, start=FIRST)}
    coded = [[START, *(numbers.get(letter, OTHER) for letter in line), END] for line in lines if line]
    symbols = np.array([symbol for line in coded for symbol in line], np.int64)
    return alphabet, symbols, np.repeat(np.arange(len(coded)), [len(line) for line in coded])


def counted(symbols: Integers, lines: Integers, order: int, outcomes: int) -> Iterable[Level]:
    """The n-grams of each length with their shares and gains, shortest first."""
    shorter, before_G, keys = np.zeros(1, np.int64), np.full(1, 1.0 / outcomes), np.zeros(len(symbols), np.int64)
    for length in range(1, order + 1):
        ends = np.arange(length - 1, len(symbols))
        inside = lines[ends] == lines[ends - length + 1]
        keys = keys[: len(ends)] * 256 + symbols[ends]
        keys_G, counts_G = np.unique(keys[inside], return_counts=True)
        parents_G = np.searchsorted(shorter, keys_G // 256)
        # A line's start is given: it is a context, and never an outcome.
        counts_G = np.where(keys_G == START, 0, counts_G) if length == 1 else counts_G
        context_C = np.bincount(parents_G, counts_G, minlength=len(shorter))
        kinds_C = np.bincount(parents_G, counts_G > 0, minlength=len(shorter))
        shares_G = counts_G / (context_C + kinds_C)[parents_G]
        rests_G = (kinds_C / np.maximum(context_C + kinds_C, 1.0))[parents_G]
        # Without its first symbol, every n-gram is among the shorter ones.
        tails = np.searchsorted(shorter, keys_G % 256 ** (length - 1))
        lower_G = before_G[tails]
        before_new = shares_G + rests_G * lower_G
        gains_G = counts_G * np.log(before_new / ((rests_G + shares_G) * lower_G))
        yield Level(keys_G, parents_G, shares_G, gains_G)
        shorter, before_G = keys_G, before_new


def pruned(levels: list[Level], alphabet: str, nodes: int) -> Trie:
    """The trie of at most so many n-grams with the largest gains; with an n-gram go those that it begins with."""
    best = [level.gains_G.copy() for level in levels]
    best[0][:] = np.inf
    for level, own, shorter in zip(reversed(levels[1:]), reversed(best[1:]), reversed(best[:-1]), strict=True):
        np.maximum.at(shorter, level.parents_G, own)
    gains = np.concatenate(best)
    nodes = max(nodes, len(best[0]))
    limit = np.partition(gains, len(gains) - nodes)[len(gains) - nodes] if nodes < len(gains) else -np.inf
    counts, symbols = list[Integers](), list[Integers]()
    shares, rests = list[npt.NDArray[Any]](), list[npt.NDArray[Any]]()
    places = np.zeros(1, np.int64)  # of the kept shorter n-grams among themselves, -1 for the others
    for level, own in zip(levels, best, strict=True):
        kept = (own >= limit) & (places[level.parents_G] >= 0)
        parents = places[level.parents_G[kept]]
        above = int(places.max(initial=-1)) + 1
        counts.append(np.bincount(parents, minlength=above))
        symbols.append(level.keys_G[kept] % 256)
        shares.append(level.shares_G[kept])
        rests.append((1.0 - np.bincount(parents, level.shares_G[kept], minlength=above))[counts[-1] > 0])
        places = np.where(kept, np.cumsum(kept) - 1, -1)
    counts.append(np.zeros(int(places.max(initial=-1)) + 1, np.int64))
    shares_M, rests_C = np.concatenate(shares), np.clip(np.concatenate(rests), 1e-9, 1.0)
    logs_M = np.log2(np.where(shares_M > 0, shares_M, 1.0))
    return Trie(
        max(1, len([each for each in symbols if len(each)])),
        alphabet,
        np.concatenate(counts),
        np.concatenate(symbols),
        np.where(shares_M > 0, np.clip(np.round(logs_M * STEPS) + 255, 1, 255), 0).astype(np.uint8),
        np.clip(np.round(-np.log2(rests_C) * STEPS), 0, 255).astype(np.uint8),
    )
