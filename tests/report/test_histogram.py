"""The bars of a figure over the images."""

from __future__ import annotations

import re

from ocr.report.histogram import HEIGHT, MARGIN, histogram


def bars(svg: str) -> list[tuple[str, float]]:
    """Each bar's hint and height."""
    return [
        (title, float(height))
        for height, title in re.findall(r'<rect [^>]*height="([\d.]+)"[^>]*><title>(.*?)</title>', svg)
    ]


def test_bars_hold_every_image_and_the_highest_fills_the_picture() -> None:
    shown = bars(histogram("H", [0.912, 0.955, 0.958, 1.0]))
    assert len(shown) == 20
    filled = {title: height for title, height in shown if height}
    assert filled == {
        "91 to 91.5 %: 1 images": 36.0,
        "95.5 to 96 %: 2 images": HEIGHT - 2 * MARGIN,
        "99.5 to 100 %: 1 images": 36.0,
    }


def test_a_perfect_detector_has_one_bar() -> None:
    svg = histogram("H", [1.0, 1.0])
    assert [height for _, height in bars(svg) if height] == [HEIGHT - 2 * MARGIN]
    assert ">95</text>" in svg
    assert ">100</text>" in svg
