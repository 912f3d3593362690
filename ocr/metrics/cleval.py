"""CLEval, the character-level evaluation of text detection (Baek et al. 2020).

Each ground truth region has as many pseudo character centres as its transcription has characters, evenly spaced along
its centre line. A detection is credited with the centres it covers; splitting one region among several detections, or
merging several into one, costs one character per piece.

Quads give the figures of the authors' package ``cleval`` 0.1.1 and follow its conventions: corners are truncated to
whole pixels for areas and for coverage, area precision is float32, a box includes only its upper and left borders, and
the area of a detection is that of the shoelace formula even if it crosses itself.

Where the package is undefined or broken:

* A region without transcription (``None``) has as many characters as the package gives to an ignored one; the package
  itself crashes. The same holds for a blank transcription (``""``, white space, zero width: ``Word.text``): many
  formats write an unknown text as an empty one. The package counts their characters, none for an empty text, and a
  region without characters cannot be found.
* A text is counted in Unicode's composed form (NFC): 합계 is two characters however a file encodes it. The package
  counts five code points if the syllables are decomposed (NFD), as in some files from macOS.
* ``###`` is a text like any other; only ``Word.ignore`` marks a region as ignored.
* Polygons follow the paper: characters are evenly spaced along the middle between the two long sides, all other figures
  come from the polygon itself, the aspect ratio from its smallest rotated rectangle. Points within 0.02 pixels of a
  straight edge are not corners (``shapes.corners_of``): a quad written with additional points on its edges, a pixel or
  more from its corners, gives exactly the quad's figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import shapely

from ocr.metrics.areas import Shapes, common_areas, shapes_of, shoelace_areas
from ocr.metrics.characters import Counts, aspect_ratios, centres_of, false_lengths, lengths_of
from ocr.metrics.shapes import Float64Array, corners_of, inside, padded, quads_of
from ocr.types import BoolArray, FloatArray, Word

AREA_PRECISION = 0.3
"""Share of a detection's area that must lie in a region to match it (the paper's constraint)."""


@dataclass(frozen=True, slots=True)
class CLEvalCounts:
    """Counts of one image; the counts of several images add up.

    Attributes:
        truth: characters in the ground truth.
        found: characters found (the numerator of recall and precision before penalties).
        detected: characters that the detections claim, including false positives.
        recall_penalty: characters deducted for regions split among detections.
        precision_penalty: characters deducted for detections that merge regions.
        false_positive: characters claimed by detections that match nothing.
        split: regions matched by several detections.
        merge: detections that match several regions.
        overlap: characters covered more than once.
    """

    truth: int = 0
    found: int = 0
    detected: int = 0
    recall_penalty: int = 0
    precision_penalty: int = 0
    false_positive: int = 0
    split: int = 0
    merge: int = 0
    overlap: int = 0

    @property
    def recall(self) -> float:
        """Characters found minus penalties, over those in the ground truth; 0 if there are none."""
        return max(0, self.found - self.recall_penalty) / self.truth if self.truth else 0.0

    @property
    def precision(self) -> float:
        """Characters found minus penalties, over those claimed; 0 if there are none."""
        return max(0, self.found - self.precision_penalty) / self.detected if self.detected else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def cleval_counts(regions: Sequence[Word], detections: Sequence[FloatArray]) -> CLEvalCounts:
    """Counts of one image.

    Args:
        regions: ground truth. A region with blank or unknown text counts as many characters as its aspect ratio
            suggests, at most 10; so does an ignored one.
        detections: float32 polygons (N, 2), N >= 3, clockwise from top left, finite pixels of the regions' frame.
    """
    return counts_of(pair(regions, detections))


def counts_of(pairing: Pairing) -> CLEvalCounts:
    """Counts of one image from its pairing."""
    covers = int(pairing.credited_DC.sum())
    found = int(pairing.credited_DC.any(axis=0).sum())
    regions_D, detections_G = pairing.match_GD.sum(axis=0), pairing.match_GD.sum(axis=1)
    false_positive = int(pairing.false_lengths_D[(regions_D == 0) & ~pairing.ignored_D].sum())
    return CLEvalCounts(
        truth=int(pairing.lengths_G[~pairing.ignored_G].sum()),
        found=found,
        detected=covers + false_positive,
        recall_penalty=int(np.maximum(detections_G - 1, 0).sum()),
        precision_penalty=int(np.maximum(regions_D - 1, 0).sum()),
        false_positive=false_positive,
        split=int((detections_G > 1).sum()),
        merge=int((regions_D > 1).sum()),
        overlap=covers - found,
    )


@dataclass(frozen=True, slots=True)
class Pairing:
    """The matching of detections and regions of one image.

    Attributes:
        match_GD: matched pairs.
        credited_DC: which detection covers which character centre of a region that it matches.
        owner_C: region of each character centre.
        lengths_G: characters of each region.
        false_lengths_D: characters that each detection claims if it matches nothing.
        ignored_G: regions that are not scored.
        ignored_D: detections that lie in ignored regions.
    """

    match_GD: BoolArray
    credited_DC: BoolArray
    owner_C: Counts
    lengths_G: Counts
    false_lengths_D: Counts
    ignored_G: BoolArray
    ignored_D: BoolArray


def pair(regions: Sequence[Word], detections: Sequence[FloatArray]) -> Pairing:
    """Match regions and detections, for the counts of `cleval_counts` with the same arguments."""
    polygons_G = [corners_of(region.points_N2) for region in regions]
    polygons_D = [corners_of(points) for points in detections]
    ratios_G, ratios_D = aspect_ratios(quads_of(polygons_G)), aspect_ratios(quads_of(polygons_D))
    ignored_G = np.array([region.ignore for region in regions], dtype=bool)
    lengths_G = lengths_of(regions, ratios_G)
    owner_C = np.repeat(np.arange(len(regions)), lengths_G)
    centres_C2 = centres_of(polygons_G, ratios_G, lengths_G)

    pixels_DK2 = np.trunc(padded(polygons_D))
    precision_GD = area_precision(np.trunc(padded(polygons_G)), pixels_DK2, ignored_G)
    covered_DC = inside(pixels_DK2, centres_C2)
    detection, centre = np.nonzero(covered_DC)
    touching = owner_C[centre] * len(detections) + detection
    pairs_GD = np.bincount(touching, minlength=precision_GD.size).reshape(precision_GD.shape)
    ignored_D = ignored_detections(precision_GD, pairs_GD, ignored_G)
    match_GD = matches(precision_GD, pairs_GD, ~ignored_G, ~ignored_D)
    credited_DC = covered_DC & match_GD[owner_C].T
    return Pairing(match_GD, credited_DC, owner_C, lengths_G, false_lengths(ratios_D), ignored_G, ignored_D)


def area_precision(truth_GK2: Float64Array, found_DK2: Float64Array, ignored_G: BoolArray) -> FloatArray:
    """Share of each detection's area inside each region, float32 (G, D); 0 for a detection with zero area.

    The overlap of an ignored region with regions that are not ignored belongs to the latter.
    """
    common_GD, areas_D = common_areas(truth_GK2, found_DK2), shoelace_areas(found_DK2)[None]
    if ignored_G.any() and not ignored_G.all():
        left_I = less(shapes_of(truth_GK2[ignored_G]), shapes_of(truth_GK2[~ignored_G]))
        common_GD[ignored_G] = shapely.area(shapely.intersection(left_I[:, None], shapes_of(found_DK2)))
    shares_GD = np.divide(common_GD, areas_D, out=np.zeros_like(common_GD), where=areas_D > 0)
    return shares_GD.astype(np.float32)


def less(shapes_I: Shapes, taken: Shapes) -> Shapes:
    """Each shape minus all of the taken shapes."""
    return np.array([reduce(shapely.difference, taken[shapely.intersects(taken, shape)], shape) for shape in shapes_I])


def ignored_detections(precision_GD: FloatArray, pairs_GD: Counts, ignored_G: BoolArray) -> BoolArray:
    """Which detections lie in ignored regions, in one or in several together."""
    precision, pairs = precision_GD[ignored_G], pairs_GD[ignored_G]
    in_one = (precision >= AREA_PRECISION).any(axis=0)
    in_several = np.where(pairs > 0, precision, np.float32(0)).sum(axis=0) >= AREA_PRECISION
    return np.asarray(in_one | in_several)


def matches(precision_GD: FloatArray, pairs_GD: Counts, valid_G: BoolArray, valid_D: BoolArray) -> BoolArray:
    """Matched pairs: one to one, one region to many detections, many regions to one detection."""
    touch = pairs_GD > 0
    strong = touch & (precision_GD >= AREA_PRECISION)
    valid = valid_G[:, None] & valid_D[None]
    alone = (strong.sum(axis=1) == 1)[:, None] & (strong.sum(axis=0) == 1)[None]
    one_to_one = strong & alone & valid
    split = strong & valid
    one_to_many = split & (split.sum(axis=1) >= 2)[:, None]
    merge = touch & valid
    together = np.where(merge, precision_GD, 0).sum(axis=0, dtype=np.float64) >= AREA_PRECISION
    many_to_one = merge & ((merge.sum(axis=0) >= 2) & together)[None]
    return np.asarray(one_to_one | one_to_many | many_to_one)
