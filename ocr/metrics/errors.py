"""The outcome of each region and each detection: the individual faults behind CLEval's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ocr.metrics.cleval import Pairing, pair
from ocr.types import BoolArray, FloatArray, Word


class Outcome(StrEnum):
    """The outcome of a region or a detection.

    If several apply, a region is split rather than merged and merged rather than partial, and a detection is merged
    rather than split.
    """

    IGNORED = "ignored"
    """Not scored: an ignored region, or a detection in ignored regions."""
    MISSED = "missed"
    """A region without a match."""
    FALSE = "false"
    """A detection without a match."""
    SPLIT = "split"
    """A region that several detections share, or one of those detections."""
    MERGED = "merged"
    """A detection that spans several regions, or one of those regions."""
    PARTIAL = "partial"
    """A matched region, some of whose characters are not covered."""
    FOUND = "found"
    """A region or detection without a fault."""


OF_REGIONS = (Outcome.MISSED, Outcome.SPLIT, Outcome.PARTIAL)
FAULTS = (*OF_REGIONS, Outcome.FALSE, Outcome.MERGED)
"""The outcomes that count as faults, each once: the first three of regions, the others of detections."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of one image's regions and detections.

    Attributes:
        regions: one per region; never `Outcome.FALSE`.
        detections: one per detection; never `Outcome.MISSED` or `Outcome.PARTIAL`.
    """

    regions: tuple[Outcome, ...]
    detections: tuple[Outcome, ...]

    @property
    def faults(self) -> dict[Outcome, int]:
        """Number of each fault: regions missed, split and partial, detections false and merged."""
        regions, detections = Counter(self.regions), Counter(self.detections)
        return {outcome: (regions if outcome in OF_REGIONS else detections)[outcome] for outcome in FAULTS}


def outcomes_of(regions: Sequence[Word], detections: Sequence[FloatArray]) -> Outcomes:
    """The outcomes of one image's regions and detections under CLEval's matching.

    Args:
        regions: ground truth.
        detections: float32 polygons (N, 2), N >= 3, clockwise from top left, finite pixels of the regions' frame.

    Returns:
        Outcomes whose numbers of split regions and merged detections are `CLEvalCounts.split` and ``merge``.
    """
    return outcomes_in(pair(regions, detections))


def outcomes_in(pairing: Pairing) -> Outcomes:
    """The outcomes of one image from its pairing."""
    match_GD = pairing.match_GD
    regions, detections = match_GD.shape
    credited_C = pairing.credited_DC.any(axis=0)
    covered_G = np.bincount(pairing.owner_C[credited_C], minlength=regions)
    several_G, several_D = match_GD.sum(axis=1) > 1, match_GD.sum(axis=0) > 1
    by_region = {
        Outcome.IGNORED: pairing.ignored_G,
        Outcome.MISSED: ~match_GD.any(axis=1),
        Outcome.SPLIT: several_G,
        Outcome.MERGED: match_GD[:, several_D].any(axis=1),
        Outcome.PARTIAL: covered_G < pairing.lengths_G,
    }
    by_detection = {
        Outcome.IGNORED: pairing.ignored_D,
        Outcome.FALSE: ~match_GD.any(axis=0),
        Outcome.MERGED: several_D,
        Outcome.SPLIT: match_GD[several_G].any(axis=0),
    }
    return Outcomes(first_true(by_region, regions), first_true(by_detection, detections))


def first_true(conditions: Mapping[Outcome, BoolArray], count: int) -> tuple[Outcome, ...]:
    """For each index, the first outcome whose condition holds there, otherwise `Outcome.FOUND`."""
    return tuple(
        next((outcome for outcome, holds_N in conditions.items() if holds_N[place]), Outcome.FOUND)
        for place in range(count)
    )
