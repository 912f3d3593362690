"""What a prefix beam search handles: the texts that it has reached, and what each step adds to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocr.text import BLANK
from ocr.types import FloatArray

CLEAR = 0.9
"""From this probability on, what the network reads in a number stands, whatever a language model prefers."""
SEPARATORS = ".,:/-"
"""The signs that part the digits of amounts, dates and times."""

DIGIT, SEPARATOR, LETTER = 1, 2, 3

Kinds = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Frame = list[tuple[int, float]]
"""The codes that are considered at a step, with their probability relative to the highest."""


class Prefix:
    """A text that the search has reached.

    Attributes:
        number: of this prefix in its search.
        code: its last character; `BLANK` for the empty text.
        parent: the text without it.
        state: state of the language model after it.
        place: state of the constraint after it.
        factor: what its last character contributes beyond the network's probability.
        blank: summed probability of the paths to this text that end with a blank, times the factors of its characters.
        label: the same of those that end with its last character.
        step: the last step at which a path reached it; ``next_blank`` and ``next_label`` belong to this step.
    """

    __slots__ = (
        "blank", "code", "factor", "label", "next_blank", "next_label", "number", "parent", "place", "state", "step"
    )  # fmt: skip

    def __init__(self, number: int, code: int, parent: Prefix | None, state: int, place: int, factor: float) -> None:
        self.number = number
        self.code = code
        self.parent = parent
        self.state = state
        self.place = place
        self.factor = factor
        self.blank = self.label = self.next_blank = self.next_label = 0.0
        self.step = -1

    @property
    def score(self) -> float:
        """Summed probability of all paths, times the factors."""
        return self.blank + self.label

    def codes(self) -> list[int]:
        """The codes of the text."""
        codes, prefix = [], self
        while prefix.parent is not None:
            codes.append(prefix.code)
            prefix = prefix.parent
        return codes[::-1]


def kinds_of(characters: str) -> Kinds:
    """Which of CTC's codes are a `DIGIT`, a `SEPARATOR` or a `LETTER`, int (K,); 0: none of them."""
    kinds = [
        DIGIT if letter.isdecimal() else SEPARATOR if letter in SEPARATORS else LETTER if letter.isalpha() else 0
        for letter in characters
    ]
    return np.array([0, *kinds])


def in_number(kind_N: Kinds) -> Bools:
    """Which characters of a text, by their kinds, are part of a number, bool (N,).

    A separator is where it touches a digit. A digit is not where it stands alone at a letter, as in "T0TAL".
    """
    padded = np.pad(kind_N, 1)
    before_N, after_N = padded[:-2], padded[2:]
    digit_N, beside_N = kind_N == DIGIT, (before_N == DIGIT) | (after_N == DIGIT)
    alone_N = ~beside_N & (before_N != SEPARATOR) & (after_N != SEPARATOR)
    in_word_N = alone_N & ((before_N == LETTER) | (after_N == LETTER))
    found: Bools = (digit_N & ~in_word_N) | ((kind_N == SEPARATOR) & beside_N)
    return found


def clear_steps(best_T: Kinds, highest_T: FloatArray, kinds_K: Kinds) -> Bools:
    """The steps, bool (T,), in and beside the numbers of the best path where the network is clear.

    Beside them counts as well: a blank that is taken for a digit makes a number longer.

    Args:
        best_T: the most probable code of each step.
        highest_T: its probability.
        kinds_K: as from `kinds_of`.
    """
    starts = np.flatnonzero(np.diff(best_T, prepend=-1))
    codes_R = best_T[starts]  # of the runs of equal codes
    inked_R = codes_R != BLANK
    number_N = np.pad(in_number(kinds_K[codes_R[inked_R]]), 1)
    after_R = np.cumsum(inked_R)  # the place in `number_N` of the last character up to each run
    near_R = number_N[after_R] | number_N[after_R - inked_R] | number_N[after_R + 1]
    near_T: Bools = np.repeat(near_R, np.diff(starts, append=len(best_T)))
    return near_T & (highest_T >= CLEAR)


def frames_of(probability_TK: FloatArray, least: float, kinds_K: Kinds | None = None) -> list[Frame]:
    """What is to be considered at each step: the most probable code, and those with at least a probability.

    A step with a single candidate, the same as the step before, changes no score and is left out.

    Args:
        probability_TK: float32 probabilities of CTC's blank and of the characters at each step.
        least: smallest probability.
        kinds_K: if given, only the most probable code is considered at the `clear_steps`.
    """
    if not len(probability_TK):
        return []
    best_T = probability_TK.argmax(1)
    highest_T = probability_TK[np.arange(len(best_T)), best_T]
    considered_TK = probability_TK >= least
    considered_TK[np.arange(len(best_T)), best_T] = True
    if kinds_K is not None:
        considered_TK[clear_steps(best_T, highest_T, kinds_K)] = False
        considered_TK[np.arange(len(best_T)), best_T] = True
    single_T = considered_TK.sum(1) == 1
    same_T = np.zeros(len(best_T), bool)
    same_T[1:] = single_T[1:] & single_T[:-1] & (best_T[1:] == best_T[:-1])
    considered_TK[same_T] = False
    steps, codes = np.nonzero(considered_TK)
    values = (probability_TK[steps, codes].astype(np.float64) / highest_T[steps]).tolist()
    ends = np.flatnonzero(np.diff(steps, append=-1)) + 1
    pairs, begin, frames = list(zip(codes.tolist(), values, strict=True)), 0, []
    for end in ends.tolist():
        frames.append(pairs[begin:end])
        begin = end
    return frames
