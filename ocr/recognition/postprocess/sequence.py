"""Decoding of a network that reads one character at each position."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ocr.recognition.postprocess.calibration import BetaCalibration
from ocr.text import BLANK
from ocr.types import FloatArray, Reading


class GreedySequence:
    """The most probable character at each position, up to the end of the text.

    Args:
        characters: the charset.
        calibration: numbers of the `BetaCalibration` of the confidences; empty: none.
    """

    sequence = True
    """It reads positions of the text, not CTC's steps along the line."""

    def __init__(self, characters: str, calibration: Sequence[float] = ()) -> None:
        self.characters = characters
        self.calibrated = BetaCalibration(calibration)

    def __call__(self, probability_TK: FloatArray) -> Reading:
        """The text of one line.

        Args:
            probability_TK: float32 probabilities of the end of the text and of the characters at each position.
        """
        best_T = probability_TK.argmax(1) if len(probability_TK) else ()
        codes = list(takewhile(lambda code: code != BLANK, map(int, best_T)))
        text = "".join(self.characters[code - 1] for code in codes)
        peaks = tuple(float(probability_TK[place, code]) for place, code in enumerate(codes))
        return self.calibrated(Reading(text, peaks).stripped())
