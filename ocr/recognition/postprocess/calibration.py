"""Confidences that mean something: a monotone map from what a network says to how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocr.types import InputError, Reading

FloatArray64 = npt.NDArray[np.float64]

SMALLEST = 1e-7
"""Confidences nearer to 0 or 1 count as this far from it: float32 has 1.0 for all that is nearer."""
LEAST = 20
"""Readings that must be right, and that must be wrong, for a fit."""
STEPS = 100
"""Maximum steps of Newton's method; it needs about ten."""


class BetaCalibration:
    """Maps confidences by beta calibration (Kull, Silva Filho and Flach 2017, eq. 1).

        log-odds of the result = low log(c) - high log(1 - c) + offset

    With ``low = high`` this is Platt scaling of the log-odds (Platt 1999), with ``offset = 0`` as well temperature
    scaling (Guo et al. 2017). ``low`` acts on small confidences and ``high`` on large ones, which a network is not
    wrong about by the same amount. As neither is negative, the order of confidences stays, and so the least certain
    character of a word or line is the same one as before.

    Args:
        numbers: ``low``, ``high`` and ``offset``; empty: confidences stay as they are.

    Raises:
        InputError: there are not three numbers, or one of the first two is negative.
    """

    def __init__(self, numbers: Sequence[float] = ()) -> None:
        if numbers and (len(numbers) != 3 or min(numbers[:2]) < 0 or not np.isfinite(numbers).all()):
            raise InputError(
                f"calibration={list(numbers)}: must be three numbers, of which the first two are not negative; "
                "runners/calibrate.py computes them"
            )
        self.numbers = np.array(numbers, np.float64)

    def __call__(self, reading: Reading) -> Reading:
        """The same text with other confidences.

        A line's confidence is that of its least certain character. The map is fitted to make this the probability that
        the line is right; it is applied to each character, so that lines and their words agree.
        """
        if not self.fitted:
            return reading
        mapped = tuple(self.mapped(reading.confidences).tolist())
        return replace(reading, confidences=mapped, uncalibrated=reading.confidences)

    @property
    def fitted(self) -> bool:
        """Whether it changes anything."""
        return len(self.numbers) > 0

    def mapped(self, confidence_N: npt.ArrayLike) -> FloatArray64:
        """The calibrated confidences, float64 (N,), 0 to 1.

        Args:
            confidence_N: 0 to 1 each.
        """
        if not self.fitted:
            return np.asarray(confidence_N, np.float64)
        return sigmoid(features(confidence_N) @ self.numbers)


def fit(confidence_N: npt.ArrayLike, right_N: npt.ArrayLike) -> tuple[float, float, float]:
    """The numbers of a `BetaCalibration` with the highest likelihood.

    Logistic regression on the features log(c) and -log(1 - c); one with a negative factor is left out, as Kull et al.
    do in section 4. Targets are Platt's (1999, section 2.2): those of a Bayesian with a uniform prior, instead of 0 and
    1, which would ask for infinite numbers where some confidence parts right from wrong without a mistake.

    Args:
        confidence_N: of each reading as the network has it, 0 to 1.
        right_N: whether each is right.

    Raises:
        InputError: too few readings are right, or too few are wrong.
    """
    right_N = np.asarray(right_N, bool)
    right, wrong = int(right_N.sum()), int((~right_N).sum())
    if min(right, wrong) < LEAST:
        raise InputError(
            f"of {right + wrong} lines {right} are read right and {wrong} wrong; a calibration needs {LEAST} of both: "
            "use more lines, and a recogniser that is trained"
        )
    target_N = np.where(right_N, (right + 1) / (right + 2), 1 / (wrong + 2))
    used, features_N3 = [0, 1, 2], features(confidence_N)
    while True:
        numbers = dict.fromkeys(range(3), 0.0) | dict(
            zip(used, logistic(features_N3[:, used], target_N).tolist(), strict=True)
        )
        negative = [place for place in (0, 1) if numbers[place] < 0]
        if not negative:
            return numbers[0], numbers[1], numbers[2]
        used.remove(negative[0])


def features(confidence_N: npt.ArrayLike) -> FloatArray64:
    """What the log-odds are a weighted sum of: log(c), -log(1 - c) and 1, float64 (N, 3)."""
    inside_N = np.clip(np.asarray(confidence_N, np.float64), SMALLEST, 1 - SMALLEST)
    return np.stack([np.log(inside_N), -np.log1p(-inside_N), np.ones_like(inside_N)], axis=1)


def logistic(features_NF: FloatArray64, target_N: FloatArray64) -> FloatArray64:
    """The weights (F,) of a logistic regression, by Newton's method.

    Args:
        features_NF: of each reading.
        target_N: the probabilities that are to be met, above 0 and below 1.
    """
    weights_F = np.zeros(features_NF.shape[1])
    for _ in range(STEPS):
        probability_N = sigmoid(features_NF @ weights_F)
        slope_F = features_NF.T @ (target_N - probability_N)
        curve_FF = (features_NF * (probability_N * (1 - probability_N))[:, None]).T @ features_NF
        step_F = np.linalg.lstsq(curve_FF, slope_F, rcond=None)[0]
        # A full step may lead too far from a flat place; the likelihood is concave, so a part of it is always uphill.
        while likelihood(features_NF @ (weights_F + step_F), target_N) < likelihood(features_NF @ weights_F, target_N):
            step_F /= 2
            if np.abs(step_F).max() < 1e-12:
                return weights_F
        weights_F = weights_F + step_F
        if np.abs(step_F).max() < 1e-9:
            break
    return weights_F


def likelihood(odds_N: FloatArray64, target_N: FloatArray64) -> float:
    """Mean logarithm of the likelihood of the targets at log-odds."""
    return float((target_N * odds_N - np.logaddexp(0, odds_N)).mean())


def sigmoid(odds_N: FloatArray64) -> FloatArray64:
    """Probabilities of log-odds; exact for large ones of either sign."""
    result: FloatArray64 = np.exp(-np.logaddexp(0, -odds_N))
    return result
