"""CLEval, the character-level evaluation of text detection (Baek et al. 2020).

Each ground truth region stands for as many pseudo character centres as its transcription has characters, evenly along
its centre line. A detection is credited with the centres it covers; splitting one region among several detections, or
merging several into one, costs one character a piece.

Quads give the figures of the authors' package ``cleval`` 0.1.1 and follow its conventions: corners are cut to whole
pixels for areas and for what a detection covers, area precision is float32, borders belong to a box on its upper left
side alone, a detection's own area is the shoelace formula's even where it crosses itself.

What the package leaves open or has broken:

* A region without transcription (``None``) has as many characters as the package gives to an ignored one; the package
  itself crashes. So has one whose transcription shows nothing (``""``, white space, zero width: ``Word.text``): many
  formats write an unknown text as an empty one. The package counts their characters, of an empty text none, and a
  region without a character cannot be found.
* A text is counted in Unicode's composed form (NFC): 합계 is two characters however a file spells it. The package
  counts five code points where the syllables are taken apart (NFD), as files from macOS may have them.
* ``###`` is a text like any other; ``Word.ignore`` alone says what is ignored.
* Polygons follow the paper: characters stand evenly along the middle between the two long sides, all other figures
  come from the polygon itself, the aspect ratio from its smallest rotated rectangle. Points on a straight edge, to
  0.02 pixels, are no corners (``shapes.corners_of``): a quad written with further points on its edges, a pixel or more
  from its corners, gives exactly the quad's figures.
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
    """Counts of one image; those of many add up to the counts of all.

    Attributes:
        truth: characters in the ground truth.
        found: characters found (the numerator of recall and precision before penalties).
        detected: characters that the detections claim, false positives included.
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
        """Characters found less penalties, of those in the ground truth; 0 where there are none."""
        return max(0, self.found - self.recall_penalty) / self.truth if self.truth else 0.0

    @property
    def precision(self) -> float:
        """Characters found less penalties, of those claimed; 0 where none are."""
        return max(0, self.found - self.precision_penalty) / self.detected if self.detected else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def cleval_counts(regions: Sequence[Word], detections: Sequence[FloatArray]) -> CLEvalCounts:
    """Counts of one image.

    Args:
        regions: ground truth. A region without a text to be seen counts as many characters as its aspect ratio
            suggests, at most 10; so does an ignored one.
        detections: float32 polygons (N, 2), N >= 3, clockwise from top left, finite pixels of the regions' frame.
    """
    return counts_of(pair(regions, detections))


def counts_of(pairing: Pairing) -> CLEvalCounts:
    """Counts of one image whose pairs are found already."""
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
    """Which detections of one image stand for which regions.

    Attributes:
        match_GD: matched pairs.
        credited_DC: which detection covers which character centre of a region that it is matched to.
        owner_C: region of each character centre.
        lengths_G: characters of each region.
        false_lengths_D: characters that each detection claims should it match nothing.
        ignored_G: regions that are not judged.
        ignored_D: detections that lie in those.
    """

    match_GD: BoolArray
    credited_DC: BoolArray
    owner_C: Counts
    lengths_G: Counts
    false_lengths_D: Counts
    ignored_G: BoolArray
    ignored_D: BoolArray


def pair(regions: Sequence[Word], detections: Sequence[FloatArray]) -> Pairing:
    """The pairs that `cleval_counts` counts, of the same arguments."""
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
    """Share of each detection's area inside each region, float32 (G, D); 0 for a detection without area.

    What an ignored region has in common with regions that are not ignored is theirs alone.
    """
    common_GD, areas_D = common_areas(truth_GK2, found_DK2), shoelace_areas(found_DK2)[None]
    if ignored_G.any() and not ignored_G.all():
        left_I = less(shapes_of(truth_GK2[ignored_G]), shapes_of(truth_GK2[~ignored_G]))
        common_GD[ignored_G] = shapely.area(shapely.intersection(left_I[:, None], shapes_of(found_DK2)))
    shares_GD = np.divide(common_GD, areas_D, out=np.zeros_like(common_GD), where=areas_D > 0)
    return shares_GD.astype(np.float32)


def less(shapes_I: Shapes, taken: Shapes) -> Shapes:
    """What is left of each shape without any of those taken."""
    return np.array([reduce(shapely.difference, taken[shapely.intersects(taken, shape)], shape) for shape in shapes_I])


def ignored_detections(precision_GD: FloatArray, pairs_GD: Counts, ignored_G: BoolArray) -> BoolArray:
    """Detections that lie in ignored regions, in one or in several together."""
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
