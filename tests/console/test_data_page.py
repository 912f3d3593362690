"""The page Data: samples, numbers that were counted by hand, and a check that is started from the page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console_pages import cells, fits_every_window
from drawn_receipts import write_drawn_data
from patience import PATIENCE_S


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """Drawn receipts, 14 to validate with, one of which is not there."""
    root = write_drawn_data(tmp_path / "mine", {"train": 1, "val": 14})
    (root / "images" / "val" / "val_3.png").unlink()
    return root


def test_samples_are_paged_and_shown_with_their_annotation(
    start_console: Callable[..., Any], look: Callable[..., Any], flawed: Path
) -> None:
    page = look(start_console(f"data.root={flawed}"), "data")
    page.get_by_role("radio", name="val").first.click()
    page.get_by_text("val_0.png: 8 regions").wait_for()
    assert page.get_by_test_id("stImage").count() == 11, "twelve, of which one is missing"
    assert "val_3.png" in page.get_by_role("tabpanel", name="Samples").get_by_test_id("stAlert").inner_text()
    frame = page.frame_locator("iframe")
    assert frame.locator("polygon").count() == 8
    assert "total: TOTAL 9" in frame.locator("polygon title").all_text_contents()
    legend = [" ".join(each.split()) for each in frame.locator("label").all_inner_texts()]
    assert legend == ["region 7", "total 1"]
    fits_every_window(page)
    page.get_by_label("Page, of 2").fill("2")
    page.keyboard.press("Enter")
    page.get_by_text("val_13.png: 8 regions").wait_for()
    page.get_by_text("val_0.png: 8 regions").wait_for(state="detached")


def test_numbers_are_those_of_the_annotation(
    start_console: Callable[..., Any], look: Callable[..., Any], flawed: Path
) -> None:
    page = look(start_console(f"data.root={flawed}"), "data")
    page.get_by_role("tab", name="Statistics").click()
    tables = page.get_by_role("tabpanel", name="Statistics").get_by_test_id("stDataFrame")
    # 8 regions an image, each "TOTAL 9", one of them labelled
    assert cells(tables.nth(0)) == [
        "train", "1", "8", "0", "8", "1", "0", "val", "14", "112", "0", "112", "14", "0"
    ]  # fmt: skip
    assert cells(tables.nth(2))[:3] == ["T", "LATIN CAPITAL LETTER T", "16"]


def test_a_check_is_started_and_its_report_shown(
    start_console: Callable[..., Any], look: Callable[..., Any], flawed: Path, tmp_path: Path
) -> None:
    page = look(start_console(f"data.root={flawed}"), "data")
    page.get_by_role("tab", name="Check").click()
    page.get_by_text("There is no report on this folder yet.").wait_for()
    page.get_by_role("button", name="Check the data now").click()
    page.get_by_test_id("stMetric").filter(has_text="errors").wait_for(timeout=PATIENCE_S * 1000)
    (report,) = (tmp_path / "outputs" / "check").glob("*/report.json")
    content = json.loads(report.read_text())
    for severity in ("error", "warning", "note"):
        shown = page.get_by_test_id("stMetric").filter(has_text=f"{severity}s").inner_text()
        assert shown.split() == [f"{severity}s", str(content["severities"][severity])]
    assert set(content["kinds"]) <= set(
        cells(page.get_by_role("tabpanel", name="Check").get_by_test_id("stDataFrame").first)
    )
    page.get_by_text("Report with pictures and charts").click()
    framed = page.frame_locator('iframe[title="report of the data check"]').frame_locator("iframe[sandbox]")
    assert framed.get_by_role("heading", level=1).inner_text().startswith("Data check: ")


def test_where_there_are_no_data_yet_the_page_says_what_to_do(
    start_console: Callable[..., Any], look: Callable[..., Any]
) -> None:
    console = start_console()
    assert "Run make data in a terminal" in look(console, "data").get_by_test_id("stAlert").inner_text()
    misspelt = start_console("data.root=mien")
    assert look(misspelt, "data").get_by_test_id("stAlert").inner_text().startswith("mien: no such folder")
    page = look(console, "data?folder=nowhere")
    assert page.get_by_test_id("stAlert").inner_text().startswith("nowhere: no such folder")
