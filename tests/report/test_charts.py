"""Bars and points over their scales."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ocr.report.charts import HEIGHT, MARGIN, Chart, bars, round_up, scatter, share_bars


def heights(chart: Chart) -> dict[str, float]:
    """The height of each bar that has one, by its hint."""
    return {hint: box["height"] for hint, box in chart.bars if box["height"]}


def counts(chart: Chart) -> list[int]:
    """The number that each bar's hint says."""
    return [int(re.findall(r": (\d+) words$", hint)[0]) for hint, _ in chart.bars]


def test_bars_hold_every_image_and_the_highest_fills_the_picture() -> None:
    chart = share_bars("H", [0.912, 0.955, 0.958, 1.0])
    assert len(chart.bars) == 20
    assert heights(chart) == {
        "91 to 91.5 %: 1 images": 36.0,
        "95.5 to 96 %: 2 images": HEIGHT - 2 * MARGIN,
        "99.5 to 100 %: 1 images": 36.0,
    }


def test_a_perfect_detector_has_one_bar() -> None:
    chart = share_bars("H", [1.0, 1.0])
    assert [*heights(chart).values()] == [HEIGHT - 2 * MARGIN]
    assert {"95", "100"} <= {text for text, *_ in chart.texts}


def test_bars_count_every_value_or_say_which_are_above() -> None:
    numbers = counts(bars("height", [1.0, 1.0, 9.0], "words"))
    assert (sum(numbers), numbers[2]) == (3, 2)
    far = bars("height", [1.0] * 999 + [1000.0], "words")
    assert "1 above 5 are not drawn" in far.caption
    assert sum(counts(far)) == 999


def test_points_lie_in_the_picture() -> None:
    chart = scatter("sizes", [(float(n), float(n % 7 + 1)) for n in range(1, 5000)])
    assert "4999 images, 1667 of them drawn" in chart.caption
    assert len(chart.dots) == 1667
    assert all(44 <= x <= 376 and 12 <= y <= 176 for x, y in chart.dots)


@given(st.floats(1e-3, 1e9))
def test_a_scale_ends_above_the_value_and_near_it(value: float) -> None:
    assert value <= round_up(value) <= 2 * value
