"""Writing, stamps and markers: ink where it was put, from every sign."""

import numpy as np
import pytest

from ocr.synthesis import fonts, pen
from ocr.synthesis.chance import Chance

SIZE = (300, 500)


def face() -> fonts.Face:
    return fonts.Face(fonts.MONOSPACED[0], None, 20, fonts.Setting(grid=True))


def test_something_is_written_on_every_receipt_that_is_written_on() -> None:
    inked = [np.asarray(pen.write_on(Chance(0, "pen", n), SIZE, (30, 60, 270, 440), face())).any() for n in range(20)]
    assert sum(inked) >= 18  # a stroke may leave the paper


def test_a_curve_joins_its_ends_without_gaps() -> None:
    layer = np.zeros((100, 200), dtype=np.uint8)
    pen._curve(layer, [(10, 90), (100, 0), (190, 90)], 1)
    assert layer[90, 10] == layer[90, 190] == 255
    assert (layer[:, 10:191].max(axis=0) == 255).all()
    # Its middle piece goes from (55, 45) over (100, 0) to (145, 45): the top is at 45 / 2.
    assert layer[22, 100] == 255
    assert layer[:21].max() == 0


@pytest.mark.parametrize("sign", sorted(pen.SIGNS))
def test_every_sign_has_strokes_of_whole_points(sign: str) -> None:
    assert all(len(stroke) >= 3 and all(len(point) == 2 for point in stroke) for stroke in pen.SIGNS[sign])


def test_all_the_signs_of_scribbles_are_known() -> None:
    assert set(pen.SCRIBBLE) <= set(pen.SIGNS)


def test_stamps_are_inked_unevenly() -> None:
    stamped = np.asarray(pen.stamp(Chance(0, "stamp", 0), SIZE, face()))
    assert stamped.shape == (500, 300)
    assert len(np.unique(stamped)) > 50


def test_the_marker_covers_its_box() -> None:
    layer = np.asarray(pen.highlight(Chance(0, "marker", 0), SIZE, [(100.0, 200.0, 180.0, 220.0)]))
    assert (layer[200:220, 100:180] == 255).all()
    assert layer[:190].max() == 0
    assert layer[230:].max() == 0
