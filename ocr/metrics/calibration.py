"""Whether confidences are probabilities: of the lines read with 0.9, nine in ten should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr.metrics.text import ratio
from ocr.types import InputError

BINS = 15
"""Equal parts of 0 to 1, as in Guo et al. 2017."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The readings whose confidence is in one part of 0 to 1.

    Attributes:
        confidence: their mean confidence; 0 without readings.
        accuracy: share of them that is right; 0 without readings.
        count: number of readings.
    """

    confidence: float
    accuracy: float
    count: int


def reliability_bins(confidence_N: npt.ArrayLike, right_N: npt.ArrayLike, bins: int = BINS) -> list[Bin]:
    """The points of a reliability diagram (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2).

    Bin m of M, from 1, holds the confidences in ((m - 1) / M, m / M], as theirs; the first one also holds 0.

    Args:
        confidence_N: of each reading, 0 to 1.
        right_N: whether each is right. For lines and words: equal without letter case and spaces (``bare_exact`` of
            `ocr.metrics.text.TextCounts`), as line accuracy has it.
        bins: number of parts, 1 or more.

    Raises:
        InputError: a confidence is not within 0 to 1, the numbers of both differ, or there is no bin.
    """
    confidence_N, right_N = checked(confidence_N, right_N)
    if bins < 1:
        raise InputError(f"bins={bins}: must be 1 or more")
    upper_M = np.arange(1, bins + 1) / bins
    place_N = np.searchsorted(upper_M, confidence_N, side="left")
    counts_M, confidences_M, rights_M = (
        np.bincount(place_N, weights=each, minlength=bins) for each in (None, confidence_N, right_N)
    )
    return [
        Bin(ratio(confidence, count), ratio(right, count), int(count))
        for confidence, right, count in zip(confidences_M, rights_M, counts_M, strict=True)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Guo et al., eq. 3), 0 to 1; 0 without readings.

    The mean over the readings of the absolute difference between the accuracy and the confidence of their bin.
    """
    gap = sum(each.count * abs(each.accuracy - each.confidence) for each in bins)
    return ratio(gap, sum(each.count for each in bins))


def brier_score(confidence_N: npt.ArrayLike, right_N: npt.ArrayLike) -> float:
    """Mean squared difference of a confidence and what came true, 0 to 1 (Brier 1950); 0 without readings.

    Unlike the calibration error it also falls the better the confidences part right from wrong.

    Raises:
        InputError: as `reliability_bins`.
    """
    confidence_N, right_N = checked(confidence_N, right_N)
    return ratio(float(((confidence_N - right_N) ** 2).sum()), len(confidence_N))


def calibration_figures(confidence_N: npt.ArrayLike, right_N: npt.ArrayLike) -> dict[str, float]:
    """Expected calibration error (``ece``) and Brier score (``brier``)."""
    return {
        "ece": calibration_error(reliability_bins(confidence_N, right_N)),
        "brier": brier_score(confidence_N, right_N),
    }


def checked(
    confidence_N: npt.ArrayLike, right_N: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Both as float64 arrays of one length.

    Raises:
        InputError: they are not.
    """
    confidence_N, right_N = np.asarray(confidence_N, np.float64), np.asarray(right_N, np.float64)
    if confidence_N.ndim != 1 or confidence_N.shape != right_N.shape:
        raise InputError(
            f"there are confidences of shape {confidence_N.shape} and outcomes of {right_N.shape}; one each"
        )
    if outside := confidence_N[~((confidence_N >= 0) & (confidence_N <= 1))].tolist():
        raise InputError(f"confidence={outside[0]}: must be 0 to 1")
    return confidence_N, right_N
