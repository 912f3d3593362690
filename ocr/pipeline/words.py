"""The words and lines of a region that was read: where each stands, from the places of its characters."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from ocr.images.crops import LineCrop
from ocr.images.edges import edges, measure
from ocr.page import TextLine, TextWord
from ocr.types import Detection, FloatArray, Reading

WIDE_PITCHES, WIDE_HEIGHTS = 2.5, 1.05
"""A blank parts two columns if it is wider than both: distance of the characters around it, in distances of neighbours
and in heights of the line. Chosen on SROIE's training receipts: 36 of 79 places where a region holds two annotated
lines, 15 of 1,954 blanks within one."""


def lines_of(region: Detection, reading: Reading, crop: LineCrop) -> list[TextLine]:
    """The lines of a region: one, or one for each column where it spans several.

    Args:
        region: the text region.
        reading: what was read in it.
        crop: cut it.
    """
    words = words_of(reading, region.points_N2, crop)
    if not words:
        return [TextLine(region.points_N2, "", 0.0, region.score)]
    starts = [0, *columns(reading, region.points_N2, crop)]
    spans, ends, lines = spans_of(reading.text), places_of(reading) if len(starts) > 1 else [], []
    for first, behind in pairwise([*starts, len(words)]):
        part, inner = words[first:behind], slice(spans[first][0], spans[behind - 1][1])
        points_N2 = region.points_N2
        if ends:
            points_N2 = crop.part(points_N2, ends[first][0], ends[behind - 1][1])
        confidence = Reading(reading.text[inner], reading.confidences[inner]).confidence
        lines.append(TextLine(points_N2, " ".join(word.text for word in part), confidence, region.score, part))
    return lines


def spans_of(text: str) -> list[tuple[int, int]]:
    """The first character of each word, and the one behind its last."""
    return [match.span() for match in re.finditer(r"\S+", text)]


def columns(reading: Reading, points_N2: FloatArray, crop: LineCrop) -> list[int]:
    """The numbers of the words before which a new column starts.

    Args:
        reading: of the region; without places, it has one column.
        points_N2: the region's polygon.
        crop: cut it.
    """
    if not reading.places:
        return []
    tall, long = measure(*edges(points_N2))
    places_N = np.array(reading.places) * (long + 2 * crop.margin * tall)
    found = spans_of(reading.text)
    pitch = 2 * half_pitch(reading.text, places_N, 0.5 * tall)
    wide = max(WIDE_PITCHES * pitch, WIDE_HEIGHTS * tall)
    blanks = enumerate(pairwise(found), start=1)
    return [number for number, ((_, end), (start, _)) in blanks if places_N[start] - places_N[end - 1] > wide]


def words_of(reading: Reading, points_N2: FloatArray, crop: LineCrop) -> tuple[TextWord, ...]:
    """The words of a reading, each with the part of the line's polygon that it takes.

    CTC says about where a character's middle is and nothing of its width. A word begins and ends half a character
    before and behind the middles of its outer characters, where a character is as wide as the usual distance of two
    neighbours in the line; the line's own ends bound the first and the last word.

    Args:
        reading: of the line; without places, its characters count as equally wide.
        points_N2: the line's polygon, N >= 3, in the image's pixels.
        crop: cut the line.
    """
    sure = reading.confidences or (0.0,) * len(reading.text)
    return tuple(
        TextWord(crop.part(points_N2, start, end), reading.text[first:last], min(sure[first:last]), sure[first:last])
        for (first, last), (start, end) in zip(spans_of(reading.text), places_of(reading), strict=True)
    )


def places_of(reading: Reading) -> list[tuple[float, float]]:
    """Where each word begins and ends along the line's crop, 0 to 1; without places, characters are equally wide."""
    found, count = spans_of(reading.text), len(reading.text)
    if not found:
        return []
    places_N = np.array(reading.places or [(number + 0.5) / count for number in range(count)])
    return bounds(reading.text, places_N, found)


def half_pitch(text: str, places_N: np.ndarray[tuple[int], np.dtype[np.float64]], otherwise: float) -> float:
    """Half the median distance of neighbouring characters.

    Args:
        text: of the region.
        places_N: of its characters.
        otherwise: the distance, if each stands alone.
    """
    steps = np.diff(places_N)
    inside = np.array([text[at] != " " != text[at + 1] for at in range(len(steps))], bool)
    return (float(np.median(steps[inside])) if inside.any() else otherwise) / 2


def bounds(
    text: str, places_N: np.ndarray[tuple[int], np.dtype[np.float64]], found: list[tuple[int, int]]
) -> list[tuple[float, float]]:
    """Where each word begins and ends along the line's crop, 0 to 1.

    Args:
        text: of the line.
        places_N: middle of each character, 0 to 1.
        found: first character of each word, and the one behind its last.
    """
    steps = np.diff(places_N)
    half = half_pitch(text, places_N, float(np.median(steps)) if len(steps) else 1.0)
    starts = [float(places_N[first]) - half for first, _ in found]
    ends = [float(places_N[last - 1]) + half for _, last in found]
    for number in range(1, len(found)):
        if ends[number - 1] > starts[number]:  # a narrow space: the words meet in its middle
            ends[number - 1] = starts[number] = (ends[number - 1] + starts[number]) / 2
    return list(zip([0.0, *starts[1:]], [*ends[:-1], 1.0], strict=True))
