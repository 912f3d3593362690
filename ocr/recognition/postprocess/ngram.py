"""A character n-gram language model, small enough to be stored among the settings of a weights file.

The model is a trie of the n-grams that were kept: a node is the string of its path, its children are the symbols that
were seen after it. Probabilities are interpolated (Chen and Goodman 1999, equation 12), ``h'`` being the longest proper
suffix of the context ``h`` that is a node, and the empty context being followed by the uniform distribution:

    P(w | h) = share(h w) + rest(h) P(w | h'),    rest(h) = 1 - sum over w of share(h w)

so the probabilities after any context sum to 1, whatever was pruned. `ngram_building` has the estimate of the shares.

Symbols are classes of characters: letters without case, one class for all digits (a language model knows nothing of an
amount's digits), one for all characters that the training did not see.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ocr.recognition.postprocess.trie import END, FIRST, OTHER, START, STEPS, Integers, Trie, class_of


class CharNgram:
    """The probability of each next character of a line, by the state after the characters before.

    A state is the number of a node: the longest suffix of what was read that has children.

    Args:
        trie: the n-grams.

    Attributes:
        start: the state at the start of a line.
        outcomes: number of symbols that may follow: the end, all others, the alphabet.
    """

    def __init__(self, trie: Trie) -> None:
        self.trie = trie
        self.outcomes = FIRST - 1 + len(trie.alphabet)
        self._symbols = {letter: number for number, letter in enumerate(trie.alphabet, start=FIRST)}
        parents_M = trie.parents()
        keys_M = parents_M * 256 + trie.symbols_M
        links_N = suffix_links(trie, parents_M, keys_M)
        shares_M, rests_N = scaled(trie, parents_M)
        self._children = dict(zip(keys_M.tolist(), range(1, len(keys_M) + 1), strict=True))
        self._shares, self._rests, self._links = [0.0, *shares_M.tolist()], rests_N.tolist(), links_N.tolist()
        states_N = np.arange(len(links_N))
        for first, last in trie.levels()[1:]:
            leaf = trie.counts_N[first:last] == 0
            states_N[first:last] = np.where(leaf, states_N[links_N[first:last]], states_N[first:last])
        self._states: list[int] = states_N.tolist()
        self.start = self._states[self._children.get(START, 0)]

    @classmethod
    def from_text(cls, text: str) -> CharNgram:
        """The model of `Trie.to_text`, which is not trusted.

        Raises:
            InputError: the text is not such a model, is damaged or too large.
        """
        return cls(Trie.from_text(text))

    def symbols(self, characters: Iterable[str]) -> list[int]:
        """The symbol of each character."""
        return [self._symbols.get(class_of(character), OTHER) for character in characters]

    def step(self, state: int, symbol: int) -> tuple[float, int]:
        """Natural logarithm of the probability of a symbol after a state, and the state after it."""
        total, weight, node, reached = 0.0, 1.0, state, -1
        while True:
            child = self._children.get(node * 256 + symbol)
            if child is not None:
                total += weight * self._shares[child]
                reached = child if reached < 0 else reached
            weight *= self._rests[node]
            if node == 0:
                break
            node = self._links[node]
        return math.log(total + weight / self.outcomes), self._states[max(reached, 0)]

    def score(self, text: str) -> float:
        """Natural logarithm of the probability of a whole line, its end included."""
        total, state = 0.0, self.start
        for symbol in (*self.symbols(text), END):
            log, state = self.step(state, symbol)
            total += log
        return total


def suffix_links(trie: Trie, parents_M: Integers, keys_M: Integers) -> Integers:
    """int64 (N,): the longest proper suffix of each node that is a node (Aho and Corasick 1975)."""
    links_N = np.zeros(len(trie.counts_N), np.int64)
    for first, last in trie.levels()[2:]:
        symbols, candidates = trie.symbols_M[first - 1 : last - 1], links_N[parents_M[first - 1 : last - 1]]
        open_ = np.ones(last - first, bool)
        while open_.any():
            wanted = candidates * 256 + symbols
            places = np.minimum(np.searchsorted(keys_M, wanted), len(keys_M) - 1)
            found = open_ & (keys_M[places] == wanted)
            links_N[first:last][found] = places[found] + 1
            open_ &= ~found & (candidates > 0)
            candidates = links_N[candidates]
    return links_N


def scaled(trie: Trie, parents_M: Integers) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """float64 shares (M,) and rests (N,) of the stored bytes, which sum to 1 for each node."""
    shares_M = np.where(trie.shares_M > 0, np.exp2((trie.shares_M.astype(np.float64) - 255) / STEPS), 0.0)
    sums_N = np.bincount(parents_M, shares_M, minlength=len(trie.counts_N))
    rests_N = np.ones(len(trie.counts_N))
    rests_N[trie.counts_N > 0] = np.exp2(-trie.rests_C.astype(np.float64) / STEPS)
    rests_N[sums_N == 0] = 1.0
    factors_N = (1.0 - rests_N) / np.where(sums_N > 0, sums_N, 1.0)
    return shares_M * factors_N[parents_M], rests_N
