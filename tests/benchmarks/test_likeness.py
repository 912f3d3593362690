from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.likeness import Box, distance, figures_of, gaps, main, skew_of, spacings
from drawn_receipts import write_drawn_data
from ocr.types import Word


def box(x: float, y: float, width: float, height: float = 20.0) -> Box:
    return Box((x + width / 2, y + height / 2), width, height, 4, (0.0, 255.0))


def page(angle: float) -> np.ndarray:
    """Eight rows of bars, turned by so many degrees, dark on light."""
    grey = np.full((600, 500), 240, np.uint8)
    for row in range(8):
        for column in range(9):
            cv2.rectangle(grey, (90 + 35 * column, 120 + 45 * row), (115 + 35 * column, 124 + 45 * row), 20, -1)
    turn = cv2.getRotationMatrix2D((250, 300), angle, 1.0)
    return cv2.warpAffine(grey, turn, (500, 600), borderValue=240)


def test_distances_by_hand() -> None:
    assert distance(np.array([1.0, 2.0, 3.0]), np.array([3.0, 1.0, 2.0])) == 0.0
    assert distance(np.array([1.0, 2.0]), np.array([5.0, 6.0, 7.0])) == 1.0
    assert distance(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0])) == 0.5
    assert distance(np.array([1.0]), np.zeros(0)) == 1.0
    assert distance(np.zeros(0), np.zeros(0)) == 0.0


def test_spacing_is_to_the_next_line_in_the_same_column_and_a_gap_to_the_next_in_the_same_row() -> None:
    boxes = [box(0, 0, 100), box(150, 2, 50), box(0, 30, 80), box(400, 10, 50), box(0, 90, 100)]
    assert list(spacings(boxes)) == [1.5, 3.0]
    assert list(gaps(boxes)) == [2.5, 10.0]


@pytest.mark.parametrize("angle", [-6.0, 0.0, 2.5])
def test_skew_is_the_angle_that_sets_rows_level(angle: float) -> None:
    assert skew_of(page(angle)) == pytest.approx(-angle, abs=0.25)


def test_figures_of_a_page_by_hand() -> None:
    image = np.full((768, 384, 3), 200, np.uint8)
    image[100:120, 96:176] = 50
    points = np.array([[96, 90], [176, 90], [176, 130], [96, 130]], np.float32)
    figures = figures_of([Word(points, "total"), Word(points + 30, "x", ignore=True)], image)

    assert figures["picture: height / width"] == [2.0]
    assert figures["lines a receipt"] == [1.0]
    assert figures["text's width / picture's"] == [pytest.approx(80 / 384)]
    assert figures["text height, pixels at a longer side of 1536"] == [pytest.approx(80.0)]
    assert figures["character's width / line's height"] == [pytest.approx(0.4)]
    assert figures["paper, grey"] == [200.0]
    assert figures["contrast, paper - ink, grey"] == [150.0]
    assert figures["line spacing / height"] == figures["gap to the next in the row / height"] == []
    assert figures_of([], image) == {}


def test_a_data_set_is_like_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_drawn_data(tmp_path / "data", {"train": 2})
    assert main([f"{data}:train:line", f"{data}:train:line", "n=2"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == 12
    assert all(row.endswith("| 0.00 |") for row in rows)
    assert not [row for row in rows if "none" in row and "gap" not in row]
