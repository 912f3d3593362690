"""The common interfaces of all engines, and the names in an exported graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr.types import FloatArray, UInt8Array

Engine = Callable[[UInt8Array], FloatArray]
"""uint8 RGB (B, 3, H, W), H and W multiples of the stride, to text probabilities, float32 (B, H, W) in 0..1."""

LineEngine = Callable[[UInt8Array], list[FloatArray]]
"""uint8 RGB lines (B, 3, H, W), W a multiple of `COLUMNS`, zero columns at the right end are padding, to the
probabilities of CTC's blank and of each character, float32 (steps, K) for each line, without its padding."""

TokenEngine = Callable[[UInt8Array], tuple[FloatArray, FloatArray]]
"""Pages of tokens, uint8 (B, 1, N, F), to the probabilities of each token's classes, float32 (B, N, K), and of its
being the first of an item, float32 (B, N); rows of zeros at the end are padding."""

COLUMNS = 8
"""Columns of a recogniser's input are a multiple of this."""

INPUT = "images"
OUTPUT = "probability"
STARTS = "starts"
"""The second output of a network that finds facts: which tokens begin items."""
STEPS = "steps"
"""A recogniser's second output: how many steps of each line are not padding."""


def unpadded(probability_BTK: npt.NDArray[Any], steps_B: npt.NDArray[Any]) -> list[FloatArray]:
    """The steps of each line that are not padding.

    Args:
        probability_BTK: float32 (B, T, K).
        steps_B: number of steps of each line, at most T.
    """
    lines: list[FloatArray] = [
        np.asarray(line_TK[:count], np.float32) for line_TK, count in zip(probability_BTK, steps_B, strict=True)
    ]
    return lines
