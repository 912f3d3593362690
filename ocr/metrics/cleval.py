"""CLEval, the character-level evaluation of text detection (Baek et al. 2020).

Each ground truth region stands for as many pseudo character centres as its transcription has characters, evenly along
its centre line. A detection is credited with the centres it covers; splitting one region among several detections, or
merging several into one, costs one character a piece. The conventions are those of the authors' package ``cleval``
0.1.1: corners are cut to whole pixels for areas, area precision is float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ocr.types import FloatArray, Word

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
        detections: polygons (N, 2), clockwise from top left, in the same frame.
    """
    quads_G = [quad_of(region.points_N2) for region in regions]
    quads_D = [quad_of(points) for points in detections]
    ignored_G = np.array([region.ignore for region in regions], dtype=bool)
    centres, owner = centres_of(regions, quads_G)
    precision_GD = area_precision(regions, detections, ignored_G)
    covered_DC = covered(detections, centres)
    pairs_GD = np.zeros((len(regions), len(detections)), dtype=np.int64)
    np.add.at(pairs_GD, owner, covered_DC.T.astype(np.int64))
    valid_D = ~ignored_detections(precision_GD, pairs_GD, ignored_G)
    match_GD = matches(precision_GD, pairs_GD, ~ignored_G, valid_D)
    characters_G = np.bincount(owner, minlength=len(regions))
    return count(match_GD, covered_DC, owner, characters_G[~ignored_G].sum(), valid_D, quads_D)


def count(
    match_GD: npt.NDArray[np.bool_],
    covered_DC: npt.NDArray[np.bool_],
    owner: Counts,
    truth: int,
    valid_D: npt.NDArray[np.bool_],
    quads_D: Sequence[FloatArray],
) -> CLEvalCounts:
    """The sums over matched pairs."""
    credited_DC = covered_DC & match_GD[owner].T
    covers = int(credited_DC.sum())
    found = int(credited_DC.any(axis=0).sum())
    regions_D, detections_G = match_GD.sum(axis=0), match_GD.sum(axis=1)
    unmatched = [quad for quad, valid, hits in zip(quads_D, valid_D, regions_D, strict=True) if valid and not hits]
    false_positive = sum(
        min(round(0.5 + 1 / (1e-5 + aspect_ratio(quad))), MOST_PSEUDO_CHARACTERS) for quad in unmatched
    )
    return CLEvalCounts(
        truth=int(truth),
        found=found,
        detected=covers + false_positive,
        recall_penalty=int(np.maximum(detections_G - 1, 0).sum()),
        precision_penalty=int(np.maximum(regions_D - 1, 0).sum()),
        false_positive=false_positive,
        split=int((detections_G > 1).sum()),
        merge=int((regions_D > 1).sum()),
        overlap=covers - found,
    )


def quad_of(points_N2: FloatArray) -> FloatArray:
    """The ends of a polygon's top and bottom edge: the polygon itself where it has four points."""
    count = len(points_N2)
    half = (count + 1) // 2
    return points_N2 if count == 4 else points_N2[[0, half - 1, half % count, count - 1]]


def aspect_ratio(quad_42: FloatArray) -> float:
    """Mean width over mean height of a quad."""
    sides = np.linalg.norm(np.roll(quad_42, -1, axis=0).astype(np.float64) - quad_42, axis=1)
    return float(((sides[0] + sides[2]) / 2 + 1e-5) / ((sides[1] + sides[3]) / 2 + 1e-5))


def centres_of(regions: Sequence[Word], quads: Sequence[FloatArray]) -> tuple[npt.NDArray[np.float64], Counts]:
    """Pseudo character centres (C, 2) of all regions, and the region that each belongs to (C,)."""
    centres, owner = [np.zeros((0, 2))], [np.zeros(0, dtype=np.int64)]
    for index, (region, quad) in enumerate(zip(regions, quads, strict=True)):
        ratio = aspect_ratio(quad)
        length = len(region.transcription or "")
        if region.transcription is None or region.ignore:
            length = min(round(0.5 + max(ratio, 1 / ratio)), MOST_PSEUDO_CHARACTERS)
        along = (np.arange(length) + 0.5) / max(length, 1)
        centres.append(centre_line(region.points_N2, quad, along, vertical=ratio < VERTICAL_ASPECT))
        owner.append(np.full(length, index))
    return np.concatenate(centres), np.concatenate(owner)


def centre_line(
    points_N2: FloatArray, quad_42: FloatArray, along: npt.NDArray[np.float64], *, vertical: bool
) -> npt.NDArray[np.float64]:
    """Points at the given shares of the way (0..1) between top and bottom edge, both run through evenly."""
    if vertical or len(points_N2) == 4:
        top_left, top_right, bottom_right, bottom_left = np.roll(quad_42, 1 if vertical else 0, axis=0).astype(
            np.float64
        )
        start, end = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
        return np.asarray(start + along[:, None] * (end - start))
    half = (len(points_N2) + 1) // 2
    top, bottom = points_N2[:half], points_N2[half:][::-1]
    return (run_along(top, along) + run_along(bottom, along)) / 2


def run_along(line_N2: FloatArray, along: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points at the given shares of a polyline's length; further collinear points change nothing."""
    line = line_N2.astype(np.float64)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    at = along * way[-1]
    return np.stack([np.interp(at, way, line[:, 0]), np.interp(at, way, line[:, 1])], axis=1)


def whole_pixel_polygons(polygons: Sequence[FloatArray]) -> npt.NDArray[np.object_]:
    """Polygons with their corners cut to whole pixels; what is invalid then is repaired."""
    shapes = np.array([shapely.Polygon(np.trunc(points)) for points in polygons], dtype=object)
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def area_precision(
    regions: Sequence[Word], detections: Sequence[FloatArray], ignored_G: npt.NDArray[np.bool_]
) -> FloatArray:
    """Share of each detection's area inside each region, float32 (G, D); ignored regions give way to the others."""
    truth = whole_pixel_polygons([region.points_N2 for region in regions])
    found = whole_pixel_polygons(detections)
    valid = truth[~ignored_G]
    for index in np.flatnonzero(ignored_G):
        for other in valid[shapely.intersects(valid, truth[index])]:
            truth[index] = shapely.difference(truth[index], other)
    result = np.zeros((len(truth), len(found)), dtype=np.float32)
    if len(truth) and len(found):
        rows, columns = np.nonzero(shapely.intersects(truth[:, None], found[None]))
        common, areas = shapely.area(shapely.intersection(truth[rows], found[columns])), shapely.area(found)[columns]
        result[rows, columns] = np.divide(common, areas, out=np.zeros_like(common), where=areas > 0)
    return result


def covered(detections: Sequence[FloatArray], centres_C2: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which detection covers which centre, (D, C)."""
    shapes = whole_pixel_polygons(detections)
    if not len(shapes) or not len(centres_C2):
        return np.zeros((len(shapes), len(centres_C2)), dtype=bool)
    shapely.prepare(shapes)
    return np.asarray(shapely.contains_xy(shapes[:, None], centres_C2[None, :, 0], centres_C2[None, :, 1]))


def ignored_detections(
    precision_GD: FloatArray, pairs_GD: Counts, ignored_G: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Detections that lie in ignored regions, in one or in several together."""
    precision, pairs = precision_GD[ignored_G], pairs_GD[ignored_G]
    in_one = (precision >= AREA_PRECISION).any(axis=0)
    in_several = np.where(pairs > 0, precision, 0).sum(axis=0) >= AREA_PRECISION
    return np.asarray(in_one | in_several) if len(precision) else np.zeros(precision_GD.shape[1], dtype=bool)


def matches(
    precision_GD: FloatArray,
    pairs_GD: Counts,
    valid_G: npt.NDArray[np.bool_],
    valid_D: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
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
