"""CLEval, the character-level evaluation of text detection (Baek et al. 2020).

Each ground truth region stands for as many pseudo character centres as its transcription has characters, evenly along
its centre line. A detection is credited with the centres it covers; splitting one region among several detections, or
merging several into one, costs one character a piece.

Quads give the figures of the authors' package ``cleval`` 0.1.1 and follow its conventions: corners are cut to whole
pixels for areas and for what a detection covers, area precision is float32, borders belong to a box on its upper left
side alone, a detection's own area is the shoelace formula's even where it crosses itself.

What the package leaves open or has broken:

* A region without transcription (``None``) has as many characters as the package gives to an ignored one; the package
  itself crashes. An empty transcription (``""``) has none, there and here: such a region cannot be found.
* ``###`` is a text like any other; ``Word.ignore`` alone says what is ignored.
* Polygons follow the paper: characters stand evenly along the middle between the two long sides, all other figures
  come from the polygon itself, the aspect ratio from its smallest rotated rectangle. Points on a straight edge, to
  0.02 pixels, are no corners (``shapes.corners_of``): a quad written with further points on its edges, a pixel or more
  from its corners, gives exactly the quad's figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ocr.metrics.shapes import (
    Float64Array,
    Shapes,
    common_areas,
    corners_of,
    inside,
    padded,
    quads_of,
    shapes_of,
    shoelace_areas,
)
from ocr.types import BoolArray, FloatArray, Word

AREA_PRECISION = 0.3
"""Share of a detection's area that must lie in a region to match it (the paper's constraint)."""
VERTICAL_ASPECT = 0.5
"""Below this ratio of width to height the text is taken to run downwards."""
MOST_PSEUDO_CHARACTERS = 10

Counts = npt.NDArray[np.int64]


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
        regions: ground truth. A region without transcription counts as many characters as its aspect ratio suggests,
            at most 10; so does an ignored one.
        detections: float32 polygons (N, 2), N >= 3, clockwise from top left, finite pixels of the regions' frame.
    """
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
    pair = owner_C[centre] * len(detections) + detection
    pairs_GD = np.bincount(pair, minlength=precision_GD.size).reshape(precision_GD.shape)
    valid_D = ~ignored_detections(precision_GD, pairs_GD, ignored_G)
    match_GD = matches(precision_GD, pairs_GD, ~ignored_G, valid_D)
    return count(match_GD, covered_DC, owner_C, int(lengths_G[~ignored_G].sum()), false_lengths(ratios_D) * valid_D)


def count(
    match_GD: BoolArray, covered_DC: BoolArray, owner_C: Counts, truth: int, false_lengths_D: Counts
) -> CLEvalCounts:
    """The sums over matched pairs.

    Args:
        match_GD: matched pairs.
        covered_DC: which detection covers which character centre.
        owner_C: region of each character centre.
        truth: characters of the regions that are not ignored.
        false_lengths_D: characters that each detection claims should it match nothing; 0 in ignored regions.
    """
    credited_DC = covered_DC & match_GD[owner_C].T
    covers = int(credited_DC.sum())
    found = int(credited_DC.any(axis=0).sum())
    regions_D, detections_G = match_GD.sum(axis=0), match_GD.sum(axis=1)
    false_positive = int(false_lengths_D[regions_D == 0].sum())
    return CLEvalCounts(
        truth=truth,
        found=found,
        detected=covers + false_positive,
        recall_penalty=int(np.maximum(detections_G - 1, 0).sum()),
        precision_penalty=int(np.maximum(regions_D - 1, 0).sum()),
        false_positive=false_positive,
        split=int((detections_G > 1).sum()),
        merge=int((regions_D > 1).sum()),
        overlap=covers - found,
    )


def aspect_ratios(quads_N42: Float64Array) -> Float64Array:
    """Mean width over mean height of each quad; 1 where both are 0."""
    sides_N4 = np.sqrt(((np.roll(quads_N42, -1, axis=1) - quads_N42) ** 2).sum(axis=2))
    width, height = (sides_N4[:, 0] + sides_N4[:, 2]) / 2, (sides_N4[:, 1] + sides_N4[:, 3]) / 2
    return np.asarray((width + 1e-5) / (height + 1e-5))


def lengths_of(regions: Sequence[Word], ratios_G: Float64Array) -> Counts:
    """Characters of each region: those of its transcription, else how often its short side fits into the long one."""
    guessed_G = np.minimum(np.rint(0.5 + np.maximum(ratios_G, 1 / ratios_G)), MOST_PSEUDO_CHARACTERS)
    return np.array(
        [
            guessed if region.ignore or region.transcription is None else len(region.transcription)
            for region, guessed in zip(regions, guessed_G, strict=True)
        ],
        dtype=np.int64,
    )


def false_lengths(ratios_D: Float64Array) -> Counts:
    """Characters that a detection claims where it matches nothing, from its height over its width."""
    return np.minimum(np.rint(0.5 + 1 / (1e-5 + ratios_D)), MOST_PSEUDO_CHARACTERS).astype(np.int64)


def centres_of(polygons: Sequence[Float64Array], ratios_G: Float64Array, lengths_G: Counts) -> Float64Array:
    """Pseudo character centres (C, 2), region after region."""
    vertical_G = ratios_G < VERTICAL_ASPECT
    straight_G = np.array([len(points) == 4 for points in polygons], dtype=bool)
    centres_C2 = np.zeros((int(lengths_G.sum()), 2))
    if straight_G.any():
        quads = np.array([points for points in polygons if len(points) == 4])
        centres = straight_centres(quads, lengths_G[straight_G], vertical_G[straight_G])
        centres_C2[np.repeat(straight_G, lengths_G)] = centres
    stops_G = np.cumsum(lengths_G)
    for index in np.flatnonzero(~straight_G & (lengths_G > 0)).tolist():
        length, stop = int(lengths_G[index]), stops_G[index]
        centres_C2[stop - length : stop] = bent_centres(polygons[index], length, vertical=bool(vertical_G[index]))
    return centres_C2


def straight_centres(quads_N42: Float64Array, lengths_N: Counts, vertical_N: BoolArray) -> Float64Array:
    """Centres (C, 2), quad after quad, between the middles of its ends: left and right, or bottom and top."""
    turned_N42 = np.where(vertical_N[:, None, None], np.roll(quads_N42, 1, axis=1), quads_N42)
    top_left, top_right, bottom_right, bottom_left = turned_N42.transpose(1, 0, 2)
    start_N2, end_N2 = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
    step_N2 = (end_N2 - start_N2) / np.maximum(lengths_N, 1)[:, None]
    place_C = np.arange(lengths_N.sum()) - np.repeat(np.cumsum(lengths_N) - lengths_N, lengths_N)
    # The package's order of operations: a centre on a detection's border must come out the same to the last bit.
    first_C2, step_C2 = (np.repeat(values, lengths_N, axis=0) for values in (start_N2 + step_N2 / 2, step_N2))
    return np.asarray(first_C2 + step_C2 * place_C[:, None])


def bent_centres(points_N2: Float64Array, length: int, *, vertical: bool) -> Float64Array:
    """Centres (length, 2) midway between the two long sides of a polygon, each run through evenly.

    The edge from the last point to the first is one end of the text (where it runs downwards: the one from the first
    point to the second). The other end is the edge that leaves the two sides most alike in length.
    """
    points = np.roll(points_N2, -1, axis=0) if vertical else points_N2
    steps = np.sqrt((np.diff(points, axis=0) ** 2).sum(axis=1))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    half = 1 + int(np.argmin(np.abs(way[:-1] - (way[-1] - way[1:]))))
    along = (np.arange(length) + 0.5) / length
    return (run_along(points[:half], along) + run_along(points[half:][::-1], along)) / 2


def run_along(line_N2: Float64Array, along: Float64Array) -> Float64Array:
    """Points at the given shares (0..1) of a polyline's length."""
    steps = np.sqrt((np.diff(line_N2, axis=0) ** 2).sum(axis=1))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    at = along * way[-1]
    return np.stack([np.interp(at, way, line_N2[:, 0]), np.interp(at, way, line_N2[:, 1])], axis=1)


def area_precision(truth_GK2: Float64Array, found_DK2: Float64Array, ignored_G: BoolArray) -> FloatArray:
    """Share of each detection's area inside each region, float32 (G, D); 0 for a detection without area."""
    truth_G = shapes_of(truth_GK2)
    cut_ignored(truth_G, ignored_G)
    common_GD, areas_D = common_areas(truth_G, shapes_of(found_DK2)), shoelace_areas(found_DK2)[None]
    shares_GD = np.divide(common_GD, areas_D, out=np.zeros_like(common_GD), where=areas_D > 0)
    return shares_GD.astype(np.float32)


def cut_ignored(truth_G: Shapes, ignored_G: BoolArray) -> None:
    """Take from each ignored region, in place, what lies in regions that are not ignored."""
    valid = truth_G[~ignored_G]
    for index in np.flatnonzero(ignored_G):
        for other in valid[shapely.intersects(valid, truth_G[index])]:
            truth_G[index] = shapely.difference(truth_G[index], other)


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
