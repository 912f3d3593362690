"""CLEval end to end: the characters that were found and read (Baek et al. 2020).

Regions and detections are matched as in `ocr.metrics.cleval`. A region is credited with the longest common subsequence
of its text and the joined texts of its detections, in the order in which they cover its characters. What was credited
is taken out of the detections' texts, so that no character is credited twice. Splits and merges cost as in detection.

On quads, texts as they are give the figures of the authors' package ``cleval`` 0.1.1 in its end-to-end mode, and these
conventions are the package's:

* Regions are credited in the order given: if a detection merges several, an earlier one may take a character that a
  later one needs.
* A credited character is taken out where it occurs first in the text, which need not be the place that was compared.
* Of three or more detections, those that cover only characters that others cover before them may be left out.

Where the package is undefined or broken:

* If a quarter of the regions or more are ignored, the package may take the others in the order of a Python set's hash
  table (96 before 93), on which the credits of merged regions depend. Here it is always the order given.
* It stops with a `TypeError` at a detection whose text is ``None``. Here nothing was read there.
* A region with blank or unknown text cannot be read. Here it counts as ignored; the package counts its blanks.
* It compares code points, so that a text in decomposed form (NFD) differs from the same one in composed form. Here both
  are composed (NFC).
* As in detection, ``###`` is a text like any other.

The package has no recognition score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

import numpy as np

from ocr.metrics.cleval import Pairing, pair
from ocr.types import BoolArray, Word


@dataclass(frozen=True, slots=True)
class CLEvalTextCounts:
    """Counts of one image; the counts of several images add up.

    Attributes:
        truth: characters of the regions' texts.
        matched: those of regions that a detection matches.
        read: characters read (the numerator of recall and precision before penalties).
        detected: characters of the detections' texts, ignored detections aside.
        recall_penalty: characters deducted for regions split among detections.
        precision_penalty: characters deducted for detections that merge regions.
    """

    truth: int = 0
    matched: int = 0
    read: int = 0
    detected: int = 0
    recall_penalty: int = 0
    precision_penalty: int = 0

    @property
    def recall(self) -> float:
        """Characters read minus penalties, over those of the truth; 0 if there are none."""
        return max(0, self.read - self.recall_penalty) / self.truth if self.truth else 0.0

    @property
    def precision(self) -> float:
        """Characters read minus penalties, over those of the detections' texts; 0 if there are none."""
        return max(0, self.read - self.precision_penalty) / self.detected if self.detected else 0.0

    @property
    def hmean(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0

    @property
    def recognition(self) -> float:
        """Recognition score: characters read, over those of the regions that were found; 0 if there are none."""
        return self.read / self.matched if self.matched else 0.0


def composed(text: str) -> str:
    """A text as it is, in Unicode's composed form."""
    return normalize("NFC", text)


def cleval_text_counts(
    regions: Sequence[Word], found: Sequence[Word], form: Callable[[str], str] = composed
) -> CLEvalTextCounts:
    """Counts of one image.

    Args:
        regions: ground truth. One with blank or unknown text counts as ignored.
        found: detections with what was read in them, if anything; polygons as for `ocr.metrics.cleval.cleval_counts`.
        form: the form in which texts are compared.
    """
    return text_counts_of(pair_readable(regions, found), regions, found, form)


def pair_readable(regions: Sequence[Word], found: Sequence[Word]) -> Pairing:
    """The pairing of detection, with regions without a known text ignored."""
    judged = [region if region.readable else replace(region, ignore=True) for region in regions]
    return pair(judged, [word.points_N2 for word in found])


def text_counts_of(
    pairing: Pairing, regions: Sequence[Word], found: Sequence[Word], form: Callable[[str], str] = composed
) -> CLEvalTextCounts:
    """Counts of one image from its pairing, see `cleval_text_counts`."""
    truth = [form(region.text or "") for region in regions]
    texts = [form(word.transcription or "") for word in found]
    match_GD = pairing.match_GD
    regions_D, detections_G = match_GD.sum(axis=0), match_GD.sum(axis=1)
    matched = np.flatnonzero(detections_G).tolist()
    return CLEvalTextCounts(
        truth=sum(len(truth[region]) for region in np.flatnonzero(~pairing.ignored_G)),
        matched=sum(len(truth[region]) for region in matched),
        read=characters_read(pairing, matched, truth, texts),
        detected=sum(len(texts[detection]) for detection in np.flatnonzero(~pairing.ignored_D)),
        recall_penalty=int(np.maximum(detections_G - 1, 0).sum()),
        precision_penalty=int(np.maximum(regions_D - 1, 0).sum()),
    )


def characters_read(pairing: Pairing, matched: Sequence[int], truth: Sequence[str], texts: Sequence[str]) -> int:
    """Characters credited to all regions.

    Args:
        pairing: of the image.
        matched: the regions that a detection matches, in the order in which they are credited.
        truth: text of each region.
        texts: text of each detection.
    """
    left, read = list(texts), 0
    for region in matched:
        detections = np.flatnonzero(pairing.match_GD[region])
        order = in_order(detections.tolist(), pairing.credited_DC[:, pairing.owner_C == region])
        common = common_subsequence(truth[region], "".join(left[detection] for detection in order))
        for character in common:
            holder = next(detection for detection in order if character in left[detection])
            left[holder] = left[holder].replace(character, "", 1)
        read += len(common)
    return read


def in_order(detections: Sequence[int], covered_DC: BoolArray) -> list[int]:
    """The detections of a region in the order in which they cover its characters, one a character.

    Args:
        detections: at least one.
        covered_DC: which detection covers which character of the region.
    """
    waiting, ordered = list(detections), []
    for covered_D in covered_DC.T:
        if len(waiting) == 1:
            break
        first = next((detection for detection in waiting if covered_D[detection]), None)
        if first is not None:
            ordered.append(first)
            waiting.remove(first)
    return [*ordered, waiting[0]]  # the package leaves out the others


def common_subsequence(one: str, other: str) -> str:
    """The longest common subsequence; of several, the one that the package finds.

    The lengths come from the bit-parallel algorithm of Crochemore et al. (2001): row ``i`` has a zero for each
    character of ``other`` at which the subsequence with the first ``i`` characters of ``one`` grows. Where both ways
    back are equally long, the package goes back in ``other``.
    """
    if one == other:
        return one
    places: dict[str, int] = {}
    for place, character in enumerate(other):
        places[character] = places.get(character, 0) | 1 << place
    full = (1 << len(other)) - 1
    rows = [full]
    for character in one:
        hits = rows[-1] & places.get(character, 0)
        rows.append(((rows[-1] + hits) | (rows[-1] - hits)) & full)

    def length(first: int, second: int) -> int:
        return second - (rows[first] & ((1 << second) - 1)).bit_count()

    found: list[str] = []
    first, second = len(one), len(other)
    while first and second:
        if one[first - 1] == other[second - 1]:
            first, second = first - 1, second - 1
            found.append(one[first])
        elif length(first - 1, second) > length(first, second - 1):
            first -= 1
        else:
            second -= 1
    return "".join(reversed(found))
