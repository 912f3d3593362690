"""The words of a line that was read: where each stands, from the places of its characters."""

from __future__ import annotations

import re

import numpy as np

from ocr.images.crops import LineCrop
from ocr.page import TextWord
from ocr.types import FloatArray, Reading


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
    found = [match.span() for match in re.finditer(r"\S+", reading.text)]
    if not found:
        return ()
    count = len(reading.text)
    places_N = np.array(reading.places or [(number + 0.5) / count for number in range(count)])
    ends = bounds(reading.text, places_N, found)
    sure = reading.confidences or (0.0,) * count
    return tuple(
        TextWord(crop.part(points_N2, start, end), reading.text[first:last], min(sure[first:last]))
        for (first, last), (start, end) in zip(found, ends, strict=True)
    )


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
    inside = np.array([text[at] != " " != text[at + 1] for at in range(len(steps))], bool)
    half = float(np.median(steps[inside] if inside.any() else steps)) / 2 if len(steps) else 0.5
    starts = [float(places_N[first]) - half for first, _ in found]
    ends = [float(places_N[last - 1]) + half for _, last in found]
    for number in range(1, len(found)):
        if ends[number - 1] > starts[number]:  # a narrow space: the words meet in its middle
            ends[number - 1] = starts[number] = (ends[number - 1] + starts[number]) / 2
    return list(zip([0.0, *starts[1:]], [*ends[:-1], 1.0], strict=True))
