"""Check the polygons of one image: which cannot be trained on, and which are suspicious."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from ocr.checks.kinds import Kind
from ocr.checks.words import CheckedWord, shortened
from ocr.formats.common.rounding import hundredths
from ocr.formats.native import TOLERANCE
from ocr.geometry import as_polygons, order_clockwise, swallowed
from ocr.types import BoolArray, FloatArray

OVERLAP = 0.5
"""Share of the smaller word's area; lines that touch share less."""

FLAT = 0.005
"""Square pixels: the smallest area that a polygon in hundredths of a pixel can have."""

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class WordFigures:
    """Figures of an image's words for the report.

    Attributes:
        heights_N: float32, heights in pixels of the words that are counted.
        overlaps: number of pairs of words of which the smaller lies mostly in the other.
    """

    heights_N: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    overlaps: int = 0


def check_polygons(words: Sequence[CheckedWord], size: tuple[int, int] | None) -> WordFigures:
    """Add the polygons' flaws to the words.

    Args:
        words: those of one image.
        size: (width, height) in pixels of the frame that the polygons are in; ``None`` if unknown.
    """
    usable = [(word, word.word.points_N2) for word in words if word.word is not None]
    if not usable:
        return WordFigures()
    polygons = [points_N2 for _, points_N2 in usable]
    shapes = as_polygons(polygons)
    whole_N = shapely.is_valid(shapes) & (shapely.area(shapes) > 0)
    # With y downwards, what shapely calls counter-clockwise is clockwise on the screen.
    clockwise_N = shapely.is_ccw(shapely.get_exterior_ring(shapes))
    bounds_N4 = shapely.bounds(shapes)
    flat_N = shapely.area(shapely.convex_hull(shapes)) <= FLAT
    for place in places_of(~whole_N):
        word, points_N2 = usable[place]
        word.flaws.append((Kind.NO_AREA if flat_N[place] else Kind.CROSSES_ITSELF, polygon_text(points_N2)))
    for place in places_of(whole_N & ~clockwise_N):
        word, points_N2 = usable[place]
        word.flaws.append((Kind.COUNTER_CLOCKWISE, polygon_text(points_N2)))
    for place in places_of(whole_N & clockwise_N & ~starts_top_left(polygons)):
        word, points_N2 = usable[place]
        word.flaws.append((Kind.START_CORNER, polygon_text(points_N2)))
    beyond_N = beyond(bounds_N4, size)
    for place in places_of(beyond_N > 0):
        word, points_N2 = usable[place]
        kind = Kind.OUT_OF_BOUNDS if beyond_N[place] > TOLERANCE else Kind.OVER_THE_BORDER
        frame = f"an image of {size[0]} x {size[1]}" if size else "any image"
        word.flaws.append((kind, f"{polygon_text(points_N2)} leaves {frame} by {beyond_N[place]:.4g} pixels"))
    counted_N = whole_N & np.array([word.word is not None and not word.word.ignore for word, _ in usable])
    for place, first in copies(polygons, bounds_N4):
        usable[place][0].flaws.append((Kind.DUPLICATE_POLYGON, f"that of word {usable[first][0].key!r}"))
        counted_N[place] = False
    counted = places_of(counted_N)
    pairs = overlapping(shapes[counted])
    for one, other, share in pairs:
        covering = usable[counted[other]][0].key
        usable[counted[one]][0].flaws.append((Kind.OVERLAP, f"{share:.0%} of it lies in word {covering!r}"))
    whole = [(word, word.word) for (word, _), sound in zip(usable, whole_N, strict=True) if sound and word.word]
    for inner, outer in swallowed([word for _, word in whole]):
        whole[inner][0].flaws.append((Kind.IN_IGNORED, f"more than half of it lies in word {whole[outer][0].key!r}"))
    return WordFigures(text_heights(shapes[counted]), len(pairs))


def places_of(true_N: BoolArray) -> list[int]:
    """Indices at which the array is true."""
    places: list[int] = np.flatnonzero(true_N).tolist()
    return places


def polygon_text(points_N2: FloatArray) -> str:
    """A polygon for a message."""
    return shortened(str(np.round(points_N2.astype(np.float64), 2).tolist()))


def starts_top_left(polygons: Sequence[FloatArray]) -> BoolArray:
    """Bool (N,): which of some clockwise polygons start where `order_clockwise` starts them."""
    counts = np.array([len(points_N2) for points_N2 in polygons])
    starts = np.cumsum(counts) - counts
    sums = np.concatenate(polygons).sum(axis=1)
    lowest_N = np.minimum.reduceat(sums, starts)
    lowest_first_N = sums[starts] == lowest_N
    ties_N = np.add.reduceat(sums == np.repeat(lowest_N, counts), starts) > 1
    for place in places_of(lowest_first_N & ties_N):
        lowest_first_N[place] = np.array_equal(order_clockwise(polygons[place]), polygons[place])
    return np.asarray(lowest_first_N, np.bool_)


def beyond(bounds_N4: npt.NDArray[np.float64], size: tuple[int, int] | None) -> npt.NDArray[np.float64]:
    """Pixels (N,) by which each polygon leaves the image, 0 where it does not."""
    high = size or (np.inf, np.inf)
    beyond_N5 = np.concatenate([-bounds_N4[:, :2], bounds_N4[:, 2:] - high, np.zeros((len(bounds_N4), 1))], axis=1)
    return np.asarray(beyond_N5.max(axis=1), np.float64)


def copies(polygons: Sequence[FloatArray], bounds_N4: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Polygons equal to an earlier one in hundredths of a pixel, wherever they start, each with the first."""
    alike: dict[bytes, list[int]] = {}
    for place, bounds in enumerate(np.round(bounds_N4, 2) + 0.0):  # no negative zero
        alike.setdefault(bounds.tobytes(), []).append(place)
    for places in alike.values():
        first: dict[bytes, int] = {}
        for place in places if len(places) > 1 else ():
            kept = first.setdefault((hundredths(order_clockwise(polygons[place])) + 0.0).tobytes(), place)
            if kept != place:
                yield place, kept


def overlapping(shapes: Shapes) -> list[tuple[int, int, float]]:
    """Pairs (smaller, larger, share of the smaller's area in the larger) above `OVERLAP`, each once.

    Args:
        shapes: valid polygons that have an area.
    """
    if len(shapes) < 2:
        return []
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    areas = shapely.area(shapes)
    smaller = (areas[one] < areas[other]) | ((areas[one] == areas[other]) & (one > other))
    one, other = one[smaller], other[smaller]
    shares = shapely.area(shapely.intersection(shapes[one], shapes[other])) / areas[one]
    return [(int(a), int(b), float(share)) for a, b, share in zip(one, other, shares, strict=True) if share > OVERLAP]


def text_heights(shapes: Shapes) -> FloatArray:
    """float32 (N,): the shorter side of the rectangle of the same area and perimeter."""
    halves, areas = shapely.length(shapes) / 2, shapely.area(shapes)
    heights: FloatArray = ((halves - np.sqrt(np.maximum(halves**2 - 4 * areas, 0))) / 2).astype(np.float32)
    return heights
