"""Pixels and polygons must go the same way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr.synthesis.warp import Bend, Warp

BENT = Bend(arch_top=12.0, arch_bottom=-9.0, wave_y=3.0, sway=8.0, wave_x=-4.0, squeeze=5.0)
GENTLE = Bend(arch_top=6.0, arch_bottom=-4.0, wave_y=1.0, sway=4.0, wave_x=-2.0, squeeze=2.0)
CORNERS = ((40.0, 30.0), (350.0, 52.5), (331.0, 470.0), (22.25, 455.0))


def upright(width: int, height: int) -> Warp:
    return Warp((width, height), (width, height), ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)), Bend())


@given(
    x=st.floats(0, 300),
    y=st.floats(0, 420),
    bend=st.builds(Bend, *[st.floats(-10, 10)] * 6),
)
@settings(max_examples=60, deadline=None)
def test_to_paper_undoes_to_picture(x: float, y: float, bend: Bend) -> None:
    warp = Warp((300, 420), (400, 500), CORNERS, bend)
    there = warp.to_picture(np.array([[x, y]]))
    np.testing.assert_allclose(warp.to_paper(there), [[x, y]], atol=0.02)


def test_a_flat_upright_warp_changes_no_pixel() -> None:
    values = np.random.default_rng(0).integers(0, 256, (100, 70, 3), dtype=np.uint8)
    picture = upright(70, 100).render(Image.fromarray(values))
    assert np.array_equal(np.asarray(picture), values)


def test_pixels_land_where_points_say() -> None:
    warp = Warp((300, 420), (400, 500), CORNERS, GENTLE)
    for x, y in ((30, 40), (150, 210), (270, 400), (12, 380)):
        paper = Image.new("L", (300, 420))
        paper.paste(255, (x - 2, y - 2, x + 2, y + 2))
        ink = np.asarray(warp.render(paper), dtype=np.float64)
        rows, columns = np.indices(ink.shape)
        centre = np.array([(ink * (columns + 0.5)).sum(), (ink * (rows + 0.5)).sum()]) / ink.sum()
        np.testing.assert_allclose(centre, warp.to_picture(np.array([[float(x), float(y)]]))[0], atol=0.15)


def test_flat_paper_gives_quadrilaterals_and_bent_paper_more_points() -> None:
    boxes = np.array([[10.0, 100.0, 290.0, 120.0], [100.0, 200.0, 110.0, 215.0]])
    flat = Warp((300, 420), (400, 500), CORNERS, Bend())
    assert [len(points) for points in flat.polygons(boxes)] == [4, 4]
    long, short = Warp((300, 420), (400, 500), CORNERS, BENT).polygons(boxes)
    assert len(long) in {6, 10}
    assert len(short) == 4


def test_upright_polygons_are_the_boxes_clockwise_from_top_left() -> None:
    (points,) = upright(100, 100).polygons(np.array([[10.0, 20.0, 30.0, 25.0]]))
    assert points.tolist() == [[10, 20], [30, 20], [30, 25], [10, 25]]
    assert points.dtype == np.float32


@pytest.mark.parametrize("index", range(4))
def test_corners_go_where_they_are_told(index: int) -> None:
    warp = Warp((300, 420), (400, 500), CORNERS, Bend())
    corner = np.array([[0.0, 0.0], [300.0, 0.0], [300.0, 420.0], [0.0, 420.0]])[index]
    np.testing.assert_allclose(warp.to_picture(corner[None])[0], CORNERS[index], atol=1e-9)
