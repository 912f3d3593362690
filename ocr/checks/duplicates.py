"""Find duplicate images, exact or similar, within a split and across splits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

NEAR = 16
"""Bits of 256 in which two similar hashes may differ. Of 626 synthetic receipts no two differ in fewer than 48, and a
receipt saved again at 70 % of its size differs in 10 from the original."""
BANDS = NEAR + 1
"""Hashes that differ in `NEAR` bits agree in at least one of this many bands of bits."""
WINDOW = 32
"""Images of the same band that each is compared with, so that a data set of blank pages does not take for ever."""


def keeping_rank(split: str) -> int:
    """Rank of a split for keeping a shared image: evaluation splits come before the training split."""
    return {"test": 0, "val": 1, "train": 3}.get(split, 2)


def same_pixels(digests: Sequence[bytes], splits: Sequence[str], sound: Sequence[bool]) -> dict[int, int]:
    """Images with the same pixels as another, each with the one to keep.

    Args:
        digests: hash of each image's pixels, empty if it was not decoded.
        splits: split of each image.
        sound: whether an image has no other flaw for which it is left out; such an image is kept in preference.
    """
    kept: dict[bytes, int] = {}
    order = sorted(range(len(digests)), key=lambda place: (not sound[place], keeping_rank(splits[place])))
    return {
        place: kept[digests[place]]
        for place in order
        if digests[place] and kept.setdefault(digests[place], place) != place
    }


def same_look(looks: Sequence[bytes]) -> dict[int, tuple[int, int]]:
    """Images that look like an earlier one, each with the nearest earlier image and the number of bits that differ.

    Args:
        looks: 32 bytes per image, empty if it is not to be compared.
    """
    places = np.array([place for place, look in enumerate(looks) if look], np.int64)
    if len(places) < 2:
        return {}
    looks_N32 = np.frombuffer(b"".join(looks[place] for place in places), np.uint8).reshape(-1, 32)
    nearest: dict[int, tuple[int, int]] = {}
    for one, other, distances in near_pairs(looks_N32):
        for first, second, distance in zip(places[one], places[other], distances, strict=True):
            earlier, later = sorted((int(first), int(second)))
            nearest[later] = min(nearest.get(later, (earlier, 256)), (earlier, int(distance)), key=lambda near: near[1])
    return nearest


Places = npt.NDArray[np.int64]


def near_pairs(looks_N32: npt.NDArray[np.uint8]) -> Iterator[tuple[Places, Places, Places]]:
    """Pairs of hashes that differ in at most `NEAR` bits, with that number; a pair may be repeated."""
    bits = np.unpackbits(looks_N32, axis=1)
    for band in np.array_split(np.arange(bits.shape[1]), BANDS):
        values = bits[:, band] @ (1 << np.arange(len(band)))
        order = np.argsort(values, kind="stable")
        for step in range(1, min(WINDOW, len(order))):
            same = np.flatnonzero(values[order[step:]] == values[order[:-step]])
            if not len(same):
                break
            one, other = order[same], order[same + step]
            distances = np.bitwise_count(looks_N32[one] ^ looks_N32[other]).sum(axis=1).astype(np.int64)
            near = distances <= NEAR
            yield one[near], other[near], distances[near]
