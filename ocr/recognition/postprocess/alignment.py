"""The most probable alignment of a known text with the steps of a CTC network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.text import BLANK
from ocr.types import FloatArray

FLOOR = 1e-30
"""Probabilities below count as this, so that an impossible step costs much instead of everything."""


def align(probability_TK: FloatArray, codes: Sequence[int]) -> tuple[list[float], list[float]]:
    """The highest probability and the place of each character on the best alignment of a text (Viterbi).

    Where the text is that of the best path, these are the peaks and places of the best path.

    Args:
        probability_TK: float32 probabilities of CTC's blank and of the characters at each step.
        codes: codes of the text, L of them; at most T with a step between equal neighbours.

    Returns:
        A probability for each code, and the middle of its steps as a share of all steps, 0 to 1.
    """
    if not codes:
        return [], []
    labels_S = np.full(2 * len(codes) + 1, BLANK)  # a blank before, between and behind the characters
    labels_S[1::2] = codes
    steps = len(probability_TK)
    logs_TS = np.log(np.maximum(probability_TK[:, labels_S].astype(np.float64), FLOOR))
    jumps_S = np.zeros(len(labels_S), bool)
    jumps_S[3::2] = labels_S[3::2] != labels_S[1:-2:2]  # between different characters the blank may be left out
    score_S = np.full(len(labels_S), -np.inf)
    score_S[:2] = logs_TS[0, :2]
    back_TS = np.zeros((steps, len(labels_S)), np.int64)
    ways_3S = np.full((3, len(labels_S)), -np.inf)
    for step in range(1, steps):
        ways_3S[0] = score_S
        ways_3S[1, 1:] = score_S[:-1]
        ways_3S[2, 2:] = np.where(jumps_S[2:], score_S[:-2], -np.inf)
        back_TS[step] = ways_3S.argmax(0)
        score_S = ways_3S.max(0) + logs_TS[step]
    place = len(labels_S) - 1 - int(score_S[-2] > score_S[-1])
    highest, taken = [0.0] * len(codes), [list[int]() for _ in codes]
    for step in range(steps - 1, -1, -1):
        if place % 2:
            highest[place // 2] = max(highest[place // 2], float(probability_TK[step, labels_S[place]]))
            taken[place // 2].append(step)
        place -= int(back_TS[step, place])
    return highest, [(run[0] + run[-1] + 1) / (2 * steps) for run in taken]
