"""From the read regions of a page to tokens: pieces of text with their place, as bytes.

A page of tokens is a picture with a row for each token, so that batches, engines and exports treat it as they treat
other pictures.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr.images.edges import edges, measure
from ocr.text import plain_text
from ocr.types import FloatArray, UInt8Array, Word
from ocr.values import parse_amount

HEAD, TAIL = 14, 6
"""Bytes of a token's text (UTF-8) that the network sees: the first ones, and of longer tokens the last ones."""
TEXT = HEAD + TAIL
COLUMNS = TEXT + 9
"""Bytes of a token: its text, then `LEFT` and the following."""
LEFT, RIGHT, DOWN_HIGH, DOWN_LOW, HEIGHT, PLACE, COUNT, RANK, EQUAL = range(TEXT, COLUMNS)
"""Left and right end, 0 to 255 across the text; middle from the top in quarters of the usual line height, 16 bits;
height, 128 for the usual and 16 more for twice that, never 0, which marks padding; number in its region, and tokens of
the region; place among the page's amounts, 1 for the largest and 0 for no amount; tokens with the same amount."""

QUARTERS = 4
"""Steps of the vertical place per line height."""

PIECE = re.compile(r"\S+")
INSIDE = re.compile(
    r"(?<=[^\W\d][:#])(?=[\w(+\[$-])|(?<=[).#][:#])(?=[\w(+\[$-])|(?<=[^\W\d]{2}\.)(?=\d)|(?<=[^\W\d])(?=[(<])|"
    r"(?<=[^\W\d]\.)(?=[(<])|(?<=\d)(?=[xX@]\d)|(?<=\d[xX@])(?=\d)|(?<=\d)(?=[T/]\d{1,2}:\d\d)|"
    r"(?<=\d[T/])(?=\d{1,2}:\d\d)"
)
"""Where a token ends inside a printed word: between a label and its value (``DATE:12/02/2018``, ``TEL.:+603``,
``NO.53``), before a bracket (``SDN BHD(CO.``), around the sign between a number of pieces and their price (``2X3.50``)
or between a date and its time (``2018-02-12T18:49``)."""
AMOUNT = re.compile(r"[^\d\s]*\d{1,3}(?:[.,]?\d{3})*[.,]\d{2,3}\D{0,3}")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a region's text.

    Attributes:
        region: index of the region.
        start: index of its first character in the region's text.
        end: index after its last character.
        text: the characters.
    """

    region: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TokenPage:
    """The tokens of a page.

    Attributes:
        tokens: in the order of the regions.
        rows_NF: uint8 (N, `COLUMNS`), what the network sees of them.
    """

    tokens: tuple[Token, ...]
    rows_NF: UInt8Array


def tokens_of(region: int, text: str) -> list[Token]:
    """The tokens of a region's text."""
    found = []
    for piece in PIECE.finditer(text):
        cuts = [piece.start(), *(cut.start() for cut in INSIDE.finditer(text, *piece.span())), piece.end()]
        found += [Token(region, start, end, text[start:end]) for start, end in pairwise(cuts)]
    return found


@dataclass(frozen=True, slots=True)
class Tokens:
    """`tokenise` as a part that data modules and stored files name."""

    def __call__(self, regions: Sequence[Word]) -> TokenPage:
        """The tokens of a page's regions."""
        return tokenise(regions)


def tokenise(regions: Sequence[Word]) -> TokenPage:
    """The tokens of a page's regions; regions without text have none.

    Args:
        regions: in reading order, with polygons in pixels of the page.
    """
    pages = [tokens_of(number, region.text or "") for number, region in enumerate(regions)]
    tokens = tuple(token for page in pages for token in page)
    rows_NF = np.zeros((len(tokens), COLUMNS), np.uint8)
    if not tokens:
        return TokenPage(tokens, rows_NF)
    places_R4 = level_boxes([region.points_N2 for region in regions])
    read = [number for number, page in enumerate(pages) if page]
    low, high = places_R4[read, 0].min(), places_R4[read, 1].max()
    usual = max(1e-3, float(np.median(places_R4[read, 3])))
    top = places_R4[read, 2].min()
    values = [parse_amount(token.text) if AMOUNT.fullmatch(token.text) else None for token in tokens]
    amounts = Counter(value for value in values if value is not None)
    ranks = {value: rank for rank, value in enumerate(sorted(amounts, reverse=True), start=1)}
    for row_F, token, value in zip(rows_NF, tokens, values, strict=True):
        left, right, middle, height = places_R4[token.region]
        length = max(1, len(regions[token.region].text or ""))
        ends = [left + (right - left) * at / length for at in (token.start, token.end)]
        letters = seen_bytes(token.text)
        row_F[: len(letters)] = list(letters)
        row_F[LEFT : RIGHT + 1] = [round(255 * (end - low) / max(high - low, 1e-3)) for end in ends]
        row_F[DOWN_HIGH : DOWN_LOW + 1] = divmod(min(65535, max(0, round(QUARTERS * (middle - top) / usual))), 256)
        row_F[HEIGHT] = min(255, max(1, round(128 + 16 * math.log2(max(height, 1e-3) / usual))))
        page = pages[token.region]
        row_F[PLACE : COUNT + 1] = min(255, token_place(page, token)), min(255, len(page))
        if value is not None:
            row_F[RANK : EQUAL + 1] = min(255, ranks[value]), min(255, amounts[value])
    return TokenPage(tokens, rows_NF)


def token_place(page: Sequence[Token], token: Token) -> int:
    """Number of a token among those of its region, from 0."""
    return next(number for number, each in enumerate(page) if each.start == token.start)


def seen_bytes(text: str) -> bytes:
    """What the network sees of a token's text: capitals, at most `TEXT` bytes of UTF-8."""
    encoded = plain_text(text).upper().encode(errors="replace")
    return encoded if len(encoded) <= TEXT else encoded[:HEAD] + encoded[-TAIL:]


def level_boxes(polygons: Sequence[FloatArray]) -> FloatArray:
    """The regions' places on a page turned so that most of its text is level.

    Args:
        polygons: (N, 2) each, in pixels.

    Returns:
        Float32 (R, 4): left and right end, vertical middle, height, in pixels.
    """
    angle = usual_angle(polygons)
    turn_22 = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    places_R4 = np.empty((len(polygons), 4), np.float32)
    for row_4, points_N2 in zip(places_R4, polygons, strict=True):
        level_N2 = points_N2 @ turn_22
        (left, top), (right, bottom) = level_N2.min(0), level_N2.max(0)
        height, _ = measure(*edges(level_N2))  # the box around a tilted or curved region is higher than its text
        row_4[:] = left, right, (top + bottom) / 2, height
    return places_R4


def usual_angle(polygons: Sequence[FloatArray]) -> float:
    """The median angle of the text's lower and upper edges in radians, long ones counting more; 0 without quads."""
    edges = np.array([points[1] - points[0] + points[2] - points[3] for points in polygons if len(points) == 4])
    if not len(edges):
        return 0.0
    lengths = np.linalg.norm(edges, axis=1)
    angles = np.arctan2(edges[:, 1], edges[:, 0])
    order = np.argsort(angles, kind="stable")
    middle = int(np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2))
    return float(angles[order[min(middle, len(order) - 1)]])


def stretches(tokens: Iterable[Token]) -> dict[int, tuple[int, int]]:
    """Of each region of some tokens, in their order, the place of its first character and behind its last one."""
    ends: dict[int, tuple[int, int]] = {}
    for token in tokens:
        start, _ = ends.get(token.region, (token.start, token.end))
        ends[token.region] = (start, token.end)
    return ends
