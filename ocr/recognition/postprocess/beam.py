"""Prefix beam search for CTC, with a language model and with constraints on the text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import attrgetter

import numpy as np

from ocr.recognition.postprocess.alignment import align
from ocr.recognition.postprocess.automaton import DEAD, START, of_lexicon
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.ngram import CharNgram
from ocr.recognition.postprocess.pattern import of_pattern
from ocr.recognition.postprocess.prefix import Frame, Prefix, frames_of, kinds_of
from ocr.recognition.postprocess.trie import END
from ocr.text import BLANK
from ocr.types import FloatArray, InputError, Reading

SMALL, LARGE = 1e-100, 1e100
"""All scores are multiplied by one of them where the best is beyond the other: long lines do not leave float64."""
MOST_KNOWN = 50_000
"""Remembered steps of the language model."""


class BeamCTC:
    """The text with the highest score that a prefix beam search finds.

    Prefixes that differ only in their alignment are one, with separate sums for paths that end with a blank and with a
    character (Graves 2012, section 7.5.3; Hannun et al. 2014, algorithm 1). The score of a text y of L characters is

        log P(y | x) + language_weight log P_lm(y, end) + length_bonus L

    where P(y | x) is the sum over all paths of the product of the steps' probabilities, P_lm is that of the
    `CharNgram`. At each step only characters with at least the probability ``least``, and the most probable one, are
    considered: where the network is sure the language model has no say. Among digits it never has. In and beside
    numbers 0.9 is sure enough (`ocr.recognition.postprocess.prefix`): a language model that knows separators to be rare
    would drop or replace one for a rival of 0.005, and a wrong amount costs more than a misspelt word.

    Without a language model, or with the weight 0, there is no bonus either.

    A constraint (``pattern`` or ``lexicon``) describes whole lines. The probability of all characters that do not occur
    in it is given to those that do, in proportion, before ``least`` is applied. If it allows no text that keeps what is
    sure in the numbers, they are open like the rest. If no text that it allows is found, the reading is empty.

    Args:
        characters: the charset.
        width: prefixes that are kept after each step.
        drop: prefixes whose score is less than this share of the best one's are not kept, 0 to 1.
        least: smallest probability that is considered, 0 to 1.
        language: a stored `CharNgram`; empty: none.
        language_weight: of the language model's logarithm.
        length_bonus: added for each character, against the language model's preference for short texts.
        pattern: regular expression of the allowed lines (`pattern` has the grammar); empty: any.
        lexicon: allowed lines, or words that may follow each other; empty: any. Letter case counts.
        lexicon_unit: ``line`` or ``word``.
        calibration: numbers of the `BetaCalibration` of the confidences; empty: none.

    Raises:
        InputError: a setting is out of range, the language model or the pattern cannot be used, or both constraints
            are given.
    """

    def __init__(  # noqa: PLR0913 - each a setting of a stored postprocess
        self,
        characters: str,
        *,
        width: int = 16,
        drop: float = 0.001,
        least: float = 0.001,
        language: str = "",
        language_weight: float = 0.5,
        length_bonus: float = 1.0,
        pattern: str = "",
        lexicon: Sequence[str] = (),
        lexicon_unit: str = "line",
        calibration: Sequence[float] = (),
    ) -> None:
        check_settings(width=width, drop=drop, least=least, language_weight=language_weight, length_bonus=length_bonus)
        if pattern and lexicon:
            raise InputError("pattern and lexicon are both given; use one of them")
        self.greedy = GreedyCTC(characters, calibration)
        self.calibrated = self.greedy.calibrated
        self.characters = characters
        self.width = width
        self.drop = drop
        self.least = least
        self.weight = language_weight
        codes = {letter: code for code, letter in enumerate(characters, start=1)}
        self.language = CharNgram.from_text(language) if language and language_weight else None
        # The bonus makes up for the model's preference for short texts; alone it would only insert characters.
        self.bonus = length_bonus if self.language else 0.0
        self._kinds = kinds_of(characters) if self.language else None
        self.allowed = (
            of_pattern(pattern, codes) if pattern else of_lexicon(lexicon, lexicon_unit, codes) if lexicon else None
        )
        self._usable = np.array(sorted({BLANK, *self.allowed.codes()})) if self.allowed else None
        self._symbols = [END, *(self.language.symbols(characters) if self.language else ())]
        self._codes = len(characters) + 1
        self._known: dict[int, tuple[float, int]] = {}

    def __call__(self, probability_TK: FloatArray) -> Reading:
        """The text of one line.

        Each character's confidence is its highest probability on the best alignment of the text, as `GreedyCTC`'s is on
        the best path; calibrated, if there is a calibration.

        Args:
            probability_TK: float32 probabilities of CTC's blank and of the characters at each step.
        """
        usable_TK = self.usable(probability_TK)
        frames = frames_of(usable_TK, self.least, self._kinds)
        best = self.greedy(probability_TK)
        if self.allowed is None and all(len(frame) == 1 for frame in frames):
            return best
        found = self.search(frames)
        if not found and self._kinds is not None:
            found = self.search(frames_of(usable_TK, self.least))
        codes = found[0][0].codes() if found else []
        text = "".join(self.characters[code - 1] for code in codes)
        if text.strip(" ") == best.text:
            return best
        peaks, places = align(probability_TK, codes)
        return self.calibrated(Reading(text, tuple(peaks), tuple(places)).stripped())

    def texts(self, probability_TK: FloatArray) -> list[tuple[str, float]]:
        """The texts that the search ends with, spaces at their ends included, and their scores, best first.

        Args:
            probability_TK: as for a call.
        """
        usable_TK = self.usable(probability_TK)
        # Frames have probabilities relative to the highest of their step.
        offset = float(np.log(usable_TK.max(1).astype(np.float64)).sum())
        found = self.search(frames_of(usable_TK, self.least, self._kinds))
        found = found or self.search(frames_of(usable_TK, self.least))
        return [("".join(self.characters[code - 1] for code in p.codes()), score + offset) for p, score in found]

    def usable(self, probability_TK: FloatArray) -> FloatArray:
        """The probabilities, those of characters that the constraint does not have distributed over the others."""
        if self._usable is None:
            return probability_TK
        kept_TK = np.zeros_like(probability_TK)
        kept_TK[:, self._usable] = probability_TK[:, self._usable]
        kept_TK[kept_TK.sum(1) == 0, BLANK] = 1.0
        kept_TK /= kept_TK.sum(1, keepdims=True)
        return kept_TK

    def search(self, frames: Iterable[Frame]) -> list[tuple[Prefix, float]]:
        """The prefixes that are left at the end and are allowed there, and their scores, best first."""
        root = Prefix(0, BLANK, None, self.language.start if self.language else 0, START, 1.0)
        root.blank = 1.0
        beam, made, scale = [root], dict[int, Prefix | None](), 0.0
        for step, frame in enumerate(frames):
            beam = self._advanced(beam, made, frame, step)
            best = max((prefix.score for prefix in beam), default=0.0)
            if len(beam) > 2:
                beam = [prefix for prefix in beam if prefix.score >= self.drop * best]
            if len(beam) > self.width:
                beam = sorted(beam, key=attrgetter("score"), reverse=True)[: self.width]
            if not SMALL <= best <= LARGE:
                factor = LARGE if best < SMALL else SMALL
                scale += math.log(factor)
                for prefix in beam:
                    prefix.blank *= factor
                    prefix.label *= factor
        ended = []
        for prefix in beam:
            if prefix.score > 0.0 and (self.allowed is None or self.allowed.accepts(prefix.place)):
                end = self.weight * self.language.step(prefix.state, END)[0] if self.language else 0.0
                ended.append((prefix, math.log(prefix.score) + end - scale))
        return sorted(ended, key=lambda each: each[1], reverse=True)

    def _advanced(self, beam: list[Prefix], made: dict[int, Prefix | None], frame: Frame, step: int) -> list[Prefix]:
        """The prefixes that paths reach at a step."""
        reached: list[Prefix] = []
        for prefix in beam:
            total = prefix.blank + prefix.label
            for code, probability in frame:
                if code in (BLANK, prefix.code):
                    if prefix.step != step:
                        prefix.step, prefix.next_blank, prefix.next_label = step, 0.0, 0.0
                        reached.append(prefix)
                    if code == BLANK:
                        prefix.next_blank += total * probability
                        continue
                    prefix.next_label += prefix.label * probability
                # Only behind a blank does a character that is the same as the last one make the text longer.
                before = prefix.blank if code == prefix.code else total
                if before == 0.0:
                    continue
                key = prefix.number * self._codes + code
                longer = made[key] if key in made else self._longer(prefix, code, made, key)
                if longer is None:
                    continue
                if longer.step != step:
                    longer.step, longer.next_blank, longer.next_label = step, 0.0, 0.0
                    reached.append(longer)
                longer.next_label += before * probability * longer.factor
        for prefix in reached:
            prefix.blank, prefix.label = prefix.next_blank, prefix.next_label
        return reached

    def _longer(self, prefix: Prefix, code: int, made: dict[int, Prefix | None], key: int) -> Prefix | None:
        """A prefix with one more character; ``None`` if the constraint forbids it."""
        place = self.allowed.step(prefix.place, code) if self.allowed else START
        made[key] = None
        if place != DEAD:
            factor, state = self._factor(prefix.state, self._symbols[code]) if self.language else (1.0, 0)
            made[key] = Prefix(len(made) + 1, code, prefix, state, place, factor)
        return made[key]

    def _factor(self, state: int, symbol: int) -> tuple[float, int]:
        """What a character contributes beyond the network's probability, and the language model's next state."""
        key = state * 256 + symbol
        known = self._known.get(key)
        if known is None:
            assert self.language is not None
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            log, after = self.language.step(state, symbol)
            known = self._known[key] = math.exp(self.weight * log + self.bonus), after
        return known


def check_settings(**values: float) -> None:
    """Check the search's numbers.

    Raises:
        InputError: one is out of range.
    """
    limits = {
        "width": (1, 1000),
        "drop": (0, 1),
        "least": (0, 1),
        "language_weight": (0, 10),
        "length_bonus": (-10, 10),
    }
    for name, value in values.items():
        low, high = limits[name]
        if not low <= value <= high:
            raise InputError(f"{name}={value}: must be {low} to {high}")
