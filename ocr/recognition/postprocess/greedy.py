"""Best-path decoding of CTC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.recognition.postprocess.calibration import BetaCalibration
from ocr.text import BLANK
from ocr.types import FloatArray, Reading


class GreedyCTC:
    """The text of the best path (Graves et al. 2006, section 3.2).

    Args:
        characters: the charset.
        calibration: numbers of the `BetaCalibration` of the confidences; empty: none.
    """

    def __init__(self, characters: str, calibration: Sequence[float] = ()) -> None:
        self.characters = characters
        self.calibrated = BetaCalibration(calibration)

    def __call__(self, probability_TK: FloatArray) -> Reading:
        """The text of one line.

        Args:
            probability_TK: float32 probabilities of CTC's blank and of the characters at each step.
        """
        if not len(probability_TK):
            return Reading("")
        best_T = probability_TK.argmax(1)
        first_T = np.concatenate([[True], best_T[1:] != best_T[:-1]])
        starts = np.flatnonzero(first_T)
        peaks = np.maximum.reduceat(probability_TK[np.arange(len(best_T)), best_T], starts)
        middles = (starts + np.append(starts[1:], len(best_T))) / (2 * len(best_T))
        runs = zip(best_T[starts].tolist(), peaks.tolist(), middles.tolist(), strict=True)
        letters = [(self.characters[code - 1], peak, place) for code, peak, place in runs if code != BLANK]
        text = "".join(letter for letter, _, _ in letters)
        whole = Reading(text, tuple(peak for _, peak, _ in letters), tuple(place for _, _, place in letters))
        return self.calibrated(whole.stripped())
