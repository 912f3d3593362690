"""CLEval's pseudo characters: how many a polygon has, and their centres.

A region has as many as its transcription has characters, evenly spaced along its centre line; the corners of its quad
define the reading direction. Quads follow the authors' package ``cleval`` 0.1.1 to the last bit, polygons the paper.

Legend: ``G`` ground truth regions, ``D`` detections, ``C`` centres of characters, ``N`` polygons, or points of one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocr.metrics.shapes import Float64Array
from ocr.types import BoolArray, Word

VERTICAL_ASPECT = 0.5
"""Below this ratio of width to height, the text is assumed to run downwards."""
MOST_PSEUDO_CHARACTERS = 10

Counts = npt.NDArray[np.int64]


def aspect_ratios(quads_N42: Float64Array) -> Float64Array:
    """Mean width over mean height of each quad; 1 if both are 0."""
    sides_N4 = np.sqrt(((np.roll(quads_N42, -1, axis=1) - quads_N42) ** 2).sum(axis=2))
    width, height = (sides_N4[:, 0] + sides_N4[:, 2]) / 2, (sides_N4[:, 1] + sides_N4[:, 3]) / 2
    return np.asarray((width + 1e-5) / (height + 1e-5))


def lengths_of(regions: Sequence[Word], ratios_G: Float64Array) -> Counts:
    """Characters of each region, at least 1: those of its text, or how often its short side fits into the long one.

    A text is counted in Unicode's composed form, in which a Hangul syllable is one character, not three.
    """
    guessed_G = np.minimum(np.rint(0.5 + np.maximum(ratios_G, 1 / ratios_G)), MOST_PSEUDO_CHARACTERS)
    return np.array(
        [
            guessed if region.ignore or (text := region.text) is None else len(unicodedata.normalize("NFC", text))
            for region, guessed in zip(regions, guessed_G, strict=True)
        ],
        dtype=np.int64,
    )


def false_lengths(ratios_D: Float64Array) -> Counts:
    """Characters that a detection without a match claims, from its height over its width."""
    return np.minimum(np.rint(0.5 + 1 / (1e-5 + ratios_D)), MOST_PSEUDO_CHARACTERS).astype(np.int64)


def centres_of(polygons: Sequence[Float64Array], ratios_G: Float64Array, lengths_G: Counts) -> Float64Array:
    """Pseudo character centres (C, 2), region by region."""
    vertical_G = ratios_G < VERTICAL_ASPECT
    straight_G = np.array([len(points) == 4 for points in polygons], dtype=bool)
    centres_C2 = np.zeros((int(lengths_G.sum()), 2))
    if straight_G.any():
        quads = np.array([points for points in polygons if len(points) == 4])
        centres = straight_centres(quads, lengths_G[straight_G], vertical_G[straight_G])
        centres_C2[np.repeat(straight_G, lengths_G)] = centres
    stops_G = np.cumsum(lengths_G)
    for index in np.flatnonzero(~straight_G).tolist():
        length, stop = int(lengths_G[index]), stops_G[index]
        centres_C2[stop - length : stop] = bent_centres(polygons[index], length, vertical=bool(vertical_G[index]))
    return centres_C2


def straight_centres(quads_N42: Float64Array, lengths_N: Counts, vertical_N: BoolArray) -> Float64Array:
    """Centres (C, 2), quad by quad, between the midpoints of its ends: left and right, or bottom and top."""
    turned_N42 = np.where(vertical_N[:, None, None], np.roll(quads_N42, 1, axis=1), quads_N42)
    top_left, top_right, bottom_right, bottom_left = turned_N42.transpose(1, 0, 2)
    start_N2, end_N2 = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
    step_N2 = (end_N2 - start_N2) / lengths_N[:, None]
    place_C = np.arange(lengths_N.sum()) - np.repeat(np.cumsum(lengths_N) - lengths_N, lengths_N)
    # The package's order of operations: a centre on a detection's border must be the same to the last bit.
    first_C2, step_C2 = (np.repeat(values, lengths_N, axis=0) for values in (start_N2 + step_N2 / 2, step_N2))
    return np.asarray(first_C2 + step_C2 * place_C[:, None])


def bent_centres(points_N2: Float64Array, length: int, *, vertical: bool) -> Float64Array:
    """Centres (length, 2) midway between the two long sides of a polygon, evenly spaced along each.

    The edge from the last point to the first is one end of the text (if it runs downwards: from the first point to the
    second). The other end is the edge that makes the lengths of the two sides most similar.
    """
    points = np.roll(points_N2, -1, axis=0) if vertical else points_N2
    steps = np.sqrt((np.diff(points, axis=0) ** 2).sum(axis=1))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    half = 1 + int(np.argmin(np.abs(way[:-1] - (way[-1] - way[1:]))))
    along = (np.arange(length) + 0.5) / length
    return (run_along(points[:half], along) + run_along(points[half:][::-1], along)) / 2


def run_along(line_N2: Float64Array, along: Float64Array) -> Float64Array:
    """Points at the given fractions (0..1) of a polyline's length."""
    steps = np.sqrt((np.diff(line_N2, axis=0) ** 2).sum(axis=1))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    at = along * way[-1]
    return np.stack([np.interp(at, way, line_N2[:, 0]), np.interp(at, way, line_N2[:, 1])], axis=1)
