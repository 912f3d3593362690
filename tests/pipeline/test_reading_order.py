"""Reading order: rows that a person sees, in any order of the regions, tilted, curved, side by side."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.geometry import merge_line
from ocr.pipeline.levelling import direction, middle_line
from ocr.pipeline.reading_order import rows_of
from ocr.synthesis import scene
from ocr.synthesis.receipt import annotate, printed_receipt
from ocr.types import FloatArray


def box(left: float, top: float, width: float, height: float = 20, bend: float = 0.0) -> FloatArray:
    """A region with seven points along each edge, whose points lie ``bend`` (x / 100)^2 lower."""
    x = np.linspace(left, left + width, 7)
    edges = [np.stack([x, y + bend * (x / 100) ** 2], 1) for y in (top, top + height)]
    return np.concatenate([edges[0], edges[1][::-1]]).astype(np.float32)


def turned(points_N2: FloatArray, degrees: float) -> FloatArray:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (points_N2 @ np.array([[cosine, sine], [-sine, cosine]])).astype(np.float32)


def receipt(
    left: float = 0, top: float = 0, pitch: float = 28, bend: float = 0.0
) -> tuple[list[FloatArray], list[int]]:
    """A heading, eight names with prices far to the right, a note: the regions, and how many each row has."""
    places = [(130, 0, 160)]
    for row in range(1, 9):
        places += [(0, row * pitch, 60 + 20 * (row % 4)), (350, row * pitch, 50)]
    places.append((100, 9 * pitch, 220))
    return [box(left + x, top + y, width, bend=bend) for x, y, width in places], [1, *[2] * 8, 1]


def expected(counts: list[int], first: int = 0) -> list[list[int]]:
    starts = np.cumsum([first, *counts])
    return [list(range(start, start + count)) for start, count in zip(starts, counts, strict=False)]


def test_name_and_price_are_one_row_however_wide_the_gap() -> None:
    polygons, counts = receipt()
    assert rows_of(polygons) == expected(counts)
    assert rows_of([box(0, 0, 40), box(2000, 3, 40)]) == [[0, 1]]


def test_nothing_one_region_and_odd_outlines_have_an_order() -> None:
    assert rows_of([]) == []
    assert rows_of([box(5, 5, 30)]) == [[0]]
    point = np.float32([[5, 5], [5, 5], [5, 5]])
    triangle = np.float32([[0, 40], [30, 40], [15, 60]])
    assert rows_of([triangle, point]) == [[1], [0]]


@given(degrees=st.floats(-20, 20), bend=st.floats(-6, 6), seed=st.integers(0, 99))
def test_a_tilted_and_curved_receipt_in_any_order_has_the_same_rows(degrees: float, bend: float, seed: int) -> None:
    polygons, counts = receipt(bend=bend)
    shuffled = np.random.default_rng(seed).permutation(len(polygons))
    rows = rows_of([turned(polygons[number], degrees) for number in shuffled])
    assert [[int(shuffled[at]) for at in row] for row in rows] == expected(counts)


@given(x=st.floats(-1000, 1000), y=st.floats(-1000, 1000), scale=st.floats(0.2, 5))
def test_place_and_size_on_the_page_change_nothing(x: float, y: float, scale: float) -> None:
    polygons, counts = receipt(bend=3)
    moved = [(points_N2 * scale + [x, y]).astype(np.float32) for points_N2 in polygons]
    assert rows_of(moved) == expected(counts)


@pytest.mark.parametrize(("tilt", "drop", "pitch"), [(0, 17, 31), (3, 60, 26), (-5, -40, 35)])
def test_receipts_side_by_side_come_one_after_the_other(tilt: float, drop: float, pitch: float) -> None:
    left, counts = receipt()
    right, _ = receipt(left=520, top=drop, pitch=pitch)
    right = [turned(points_N2 - [700, 0], tilt) + np.float32([700, 0]) for points_N2 in right]
    rows = rows_of([*right, *left])
    assert rows == [*expected(counts, first=18), *expected(counts)]


def test_a_column_of_prices_that_nothing_crosses_belongs_to_its_names() -> None:
    names, prices = ([box(x, 28 * row, width) for row in range(12)] for x, width in ((0, 250), (600, 200)))
    assert rows_of([*names, *prices]) == [[row, row + 12] for row in range(12)]


def test_a_heading_of_double_height_beside_small_print_is_one_row() -> None:
    assert rows_of([box(0, 0, 100, 40), box(150, 12, 80, 18), box(0, 45, 300)]) == [[0, 1], [2]]


def test_the_direction_is_that_of_the_long_lines() -> None:
    lines = [turned(box(0, 30 * row, 300), 8) for row in range(4)] + [turned(box(0, 200, 15), -30)] * 3
    assert math.degrees(direction([middle_line(each) for each in lines])) == pytest.approx(8, abs=0.1)


@pytest.mark.parametrize("index", range(4))
def test_rows_of_synthesised_receipts_are_those_of_the_print(index: int) -> None:
    chance, kind, printed = printed_receipt(3, "test", index)
    warp = scene.keep_inside(scene.place(chance, kind, printed.layers.ink.size), printed.words)
    words = annotate(printed.words, warp, "x.jpg").words.values()
    lines: dict[int, list[FloatArray]] = {}
    row_of: dict[int, int] = {}
    for word, ink in zip(words, printed.words, strict=True):
        lines.setdefault(ink.line, []).append(word.points_N2)
        row_of[ink.line] = ink.baseline
    truth: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        truth.setdefault(row_of[line], []).append(number)
    assert rows_of([merge_line(each) for each in lines.values()]) == list(truth.values())
