"""The page of a picture that can be zoomed, as a parser reads it; the browser's tests are in tests/console."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from ocr.images.decode import read_picture
from ocr.metrics import DetectionEvaluator
from ocr.metrics.errors import outcomes_of
from ocr.page import Fact, FactPart, PageFacts, Sums
from ocr.report.errors import ImageErrors
from ocr.report.readings import ReadLine
from ocr.report.zoom import LONG_SIDE, fitted, page_outlines, region_outlines, zoom_errors, zoom_page
from ocr.types import Detection, Word
from pages_read import RECEIPT
from shapes import box

HOSTILE = '"><script>alert(1)</script>'


def image_errors(path: Path) -> ImageErrors:
    """One region found and read wrong, one missed, one false detection."""
    regions = (Word(box(10, 10, 80), HOSTILE), Word(box(110, 10, 80), "low"))
    found = [box(10, 10, 80), box(10, 150, 60)]
    lines = (ReadLine(path.name, found[0], HOSTILE, "other"), ReadLine(path.name, found[0], "Same", "same"))
    detections = tuple(Detection(points, 1.0) for points in found)
    figures = DetectionEvaluator().summarise([])
    return ImageErrors(path.name, path, (None, None), regions, detections, outcomes_of(regions, found), figures, lines)


def test_errors_are_drawn_by_kind_and_lines_read_wrong_on_top(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((200, 300, 3), 200, np.uint8))
    page, broken = zoom_errors(image_errors(tmp_path / "a.png"), read_picture)
    assert broken == ""
    assert 'viewBox="0 0 300 200"' in page
    legend = re.findall(r"<bdi>(.*?)</bdi> (.*?)</label>", page)
    assert legend == [
        ("found", "1 region, 1 detection"), ("missed", "1 region"), ("false", "1 detection"), ("wrong text", "1")
    ]  # fmt: skip
    assert page.count("<polygon ") == 5
    assert HOSTILE not in page
    assert page.count("<script>") == 1


def test_an_image_that_cannot_be_read_is_said_and_its_outlines_drawn(tmp_path: Path) -> None:
    page, broken = zoom_errors(image_errors(tmp_path / "gone.png"), read_picture)
    assert "gone.png" in broken
    assert "<image" not in page
    assert page.count("<polygon ") == 5


def test_the_page_may_load_nothing_and_run_its_own_script_alone() -> None:
    page = zoom_page("A", np.zeros((8, 9, 3), np.uint8), (9, 8), [])
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.replace("&#x27;", "'").split("; ")[:2] == ["default-src 'none'", "img-src data:"]
    assert f"script-src &#x27;sha256-{digest}&#x27;" in page.replace("'", "&#x27;")
    assert "style=" not in page, "the policy would ignore it"


def test_a_large_picture_is_made_smaller_and_a_small_one_stays() -> None:
    large_HWC = np.zeros((2 * LONG_SIDE, 10, 3), np.uint8)
    assert fitted(large_HWC, LONG_SIDE).shape == (LONG_SIDE, 5, 3)
    small_HWC = np.zeros((20, 10, 3), np.uint8)
    assert fitted(small_HWC, LONG_SIDE) is small_HWC


def test_a_page_that_was_read_has_its_lines_and_its_facts_in_their_colours() -> None:
    part = FactPart(1, 0, 4, "9,50", RECEIPT.lines[1].points_N2)
    facts = PageFacts(
        {"total": Fact("9,50", "9.50", 0.9, (part,))},
        ({"menu.price": Fact("9,50", "9.50", 0.8, (part, part))},),
        Sums("unknown", (), {}),
    )
    drawn = page_outlines(replace(RECEIPT, facts=facts))
    # "Kaffee ..." is as sure as its least certain word, 0.5; two lines are below
    assert [each.group for each in drawn] == [
        "line", "line", "line", "line, confidence below 0.5", "line, confidence below 0.5", "line",
        "total", "menu.price", "menu.price",
    ]  # fmt: skip
    assert drawn[-1].hint == "menu.price of item 1: 9,50\nconfidence 0.80"
    assert len({each.colour for each in drawn}) == 4


def test_annotated_regions_are_grouped_by_their_labels() -> None:
    words = [
        Word(box(0, 0, 9), "A"),
        Word(box(0, 9, 9), "9.00", field="menu.price", item=2),
        Word(box(9, 9, 9), None, ignore=True),
    ]
    assert [(each.group, each.hint) for each in region_outlines(words)] == [
        ("region", "A"), ("menu.price", "menu.price of item 2: 9.00"), ("ignored", "(no text)")
    ]  # fmt: skip
