"""The page Errors, on a split whose faults are known."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console_pages import cells, fits_every_window, rerun
from judged_split import write_judged_split
from ocr.pipeline.split_predictions import SplitPredictions
from ocr.utils.holders import leading_writer
from patience import wait_until
from taught_network import write_taught_run


@pytest.fixture
def errors(tmp_path: Path, start_console: Callable[..., Any]) -> Any:
    """A console whose data are the split."""
    write_judged_split(tmp_path / "mine")
    return start_console("data.root=mine")


PAGE = "errors?predictions=mine/predictions.json"


def offered(page: Any) -> list[str]:
    """The images that can be chosen."""
    page.get_by_role("combobox", name="Image, worst first").click()
    names = [text.partition(":")[0] for text in page.get_by_role("option").all_inner_texts()]
    page.keyboard.press("Escape")
    return names


def choose(page: Any, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option").filter(has_text=option).first.click()
    rerun(page)


def press(page: Any, kind: str) -> None:
    page.get_by_role("button", name=kind).click()
    rerun(page)


def test_filters_show_the_images_with_a_fault(errors: Any, look: Callable[..., Any]) -> None:
    page = look(errors, PAGE)
    names = offered(page)
    assert sorted(names) == ["misread.png", "missed.png", "parted.png", "right.png"]
    assert names[-1] == "right.png"
    for kinds, shown in (
        (("missed",), ["missed.png"]), (("false",), ["missed.png"]), (("split",), ["parted.png"]),
        (("merged",), ["parted.png"]), (("wrong text",), ["misread.png"]),
        (("wrong text", "wrong field"), ["misread.png"]),
    ):  # fmt: skip
        for kind in kinds:
            press(page, f"{kind} (")
        assert offered(page) == shown
        for kind in kinds:
            press(page, f"{kind} (")
    press(page, "wrong field (2)")
    assert sorted(offered(page)) == ["misread.png", "missed.png"]
    choose(page, "Wrong field", "total (1)")
    assert offered(page) == ["misread.png"]


def test_the_worst_by_text_or_by_facts_come_first(errors: Any, look: Callable[..., Any]) -> None:
    page = look(errors, PAGE)
    by_detection = offered(page)
    assert by_detection[-1] == "right.png"
    assert by_detection[0] != "misread.png"
    page.get_by_role("radio", name="text").click()
    rerun(page)
    assert offered(page) == ["misread.png", *(name for name in by_detection if name != "misread.png")]
    page.get_by_role("radio", name="facts").click()
    rerun(page)
    wrong = ("misread.png", "missed.png")
    assert offered(page) == [name for name in by_detection if name in wrong] + [
        name for name in by_detection if name not in wrong
    ]


def test_an_image_is_shown_with_its_regions_in_full_size_and_truth_beside_prediction(
    errors: Any, look: Callable[..., Any]
) -> None:
    page = look(errors, PAGE)
    choose(page, "Image, worst first", "misread.png")
    picture = page.frame_locator("iframe").first
    assert picture.locator("polygon").count() == 9, "four regions, four detections, one wrong text"
    hints = picture.locator("polygon title").all_text_contents()
    assert "TOTAL 9.00\nread: TOTAL 8.00" in hints
    assert picture.locator(".sheet image").evaluate("image => image.getBBox().width") == 300
    picture.get_by_role("button", name="Twice").click()
    assert picture.locator(".sheet").evaluate("sheet => sheet.getBoundingClientRect().width") == 600
    picture.get_by_label("found").uncheck()
    assert not picture.locator("polygon").nth(0).is_visible()
    assert cells(page.get_by_test_id("stTable")) == [
        "company",
        "exact",
        "TEA HOUSE",
        "TEA HOUSE",
        "total",
        "wrong",
        "9.00",
        "8.00",
    ]
    fits_every_window(page)
    page.get_by_role("tab", name="Texts (1 wrong)").click()
    texts = page.frame_locator("iframe").nth(1)
    assert texts.locator(".texts dd").all_inner_texts() == ["TOTAL 9.00", "TOTAL 8.00"]


def test_the_errors_of_a_run_are_found_on_request_and_that_can_be_cancelled(
    start_console: Callable[..., Any], look: Callable[..., Any], tmp_path: Path
) -> None:
    run = write_taught_run(tmp_path, images=3)
    log = SplitPredictions.of(run, "val").log
    page = look(start_console(), "errors")
    page.get_by_text("network: checkpoints/best.ckpt, ").wait_for()
    page.get_by_role("button", name="Find the errors").click()
    wait_until(lambda: leading_writer(log) is not None)
    process = leading_writer(log)
    assert process
    os.kill(process, signal.SIGSTOP)  # so that it does not come to its end before it is cancelled
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("being cancelled").wait_for()
    os.kill(process, signal.SIGCONT)
    page.get_by_role("button", name="Find the errors").click()
    page.get_by_text("CLEval H-mean").first.wait_for()
    page.get_by_role("tab", name="Fields", exact=True).wait_for()  # without a number: a detector finds none


def test_files_that_cannot_be_compared_are_said(errors: Any, look: Callable[..., Any], tmp_path: Path) -> None:
    page = look(errors, "errors?predictions=mine/none.json")
    assert "mine/none.json: cannot be read" in page.get_by_role("alert").inner_text()
    hostile = "[x](http://example.com) ![y](http://example.com/y.png)"
    (tmp_path / "mine" / "other.json").write_text(json.dumps({"images": {f"{hostile}.png": {"words": {}}}}))
    page = look(errors, "errors?predictions=mine/other.json")
    assert hostile.replace("//", "/") in page.get_by_role("alert").inner_text()
    assert page.get_by_role("alert").locator("img, a").count() == 0
