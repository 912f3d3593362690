"""Reliability diagrams: heights by hand, and an SVG that parses."""

import re
from xml.etree import ElementTree

import pytest

from ocr.metrics.calibration import Bin
from ocr.report.reliability import COUNTS, SIDE, Diagram, bars, reliability_svg

SVG = "{http://www.w3.org/2000/svg}"
BINS = [Bin(0.2, 0.1, 10), Bin(0.0, 0.0, 0), Bin(0.9, 1.0, 40)]


def test_heights_by_hand() -> None:
    first, last = bars(BINS)
    assert (first["right"], first["sure"], first["count"]) == pytest.approx((0.1 * SIDE, 0.2 * SIDE, COUNTS / 4))
    assert (last["right"], last["count"]) == (SIDE, COUNTS)
    assert (first["x"], last["x"]) == pytest.approx((1, 2 * SIDE / 3 + 1))
    assert first["hint"] == "confidence 20.0%: 10.0% of 10 right"


def test_the_picture_has_every_diagram_and_escapes_titles() -> None:
    diagrams = [Diagram("<lines> & more", BINS), Diagram("others", BINS), Diagram("third", [Bin(0.0, 0.0, 0)] * 3)]
    root = ElementTree.fromstring(reliability_svg(diagrams))
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert [text for text in texts if text in {"<lines> & more", "others", "third"}] == [
        each.title for each in diagrams
    ]
    assert texts.count("ECE 10.0%, 50 lines") == 2
    assert "ECE 0.0%, 0 lines" in texts
    height, width = float(root.attrib["height"]), float(root.attrib["width"])
    places = [
        re.findall(r"-?[\d.]+", group.attrib["transform"])
        for group in root.iter(f"{SVG}g")
        if "transform" in group.attrib
    ]
    assert len({tuple(place) for place in places}) == 3
    assert all(0 < float(x) < width and 0 < float(y) < height for x, y in places)
