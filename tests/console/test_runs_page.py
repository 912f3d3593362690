"""The page Runs, in a real browser: the table, its filters, the comparison of several runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from console_pages import fits_every_window
from made_runs import make_run
from running_console import Console


def test_runs_are_listed_and_filtered(
    start_console: Callable[..., Console], look: Callable[..., Any], tmp_path: Path
) -> None:
    for seed in range(200):
        make_run(tmp_path / "outputs", seed, state="finished" if seed % 4 else "failed")
    page = look(start_console(), "runs")
    page.get_by_text("200 of 200 runs in outputs").wait_for()
    page.get_by_role("button", name="failed").click()
    page.get_by_text("50 of 200 runs in outputs").wait_for()
    page.get_by_label("Name contains").fill("00-00-4")  # the seconds 40, 44 and 48
    page.get_by_label("Name contains").press("Enter")
    page.get_by_text("3 of 200 runs in outputs").wait_for()


def test_runs_are_compared(start_console: Callable[..., Console], look: Callable[..., Any], tmp_path: Path) -> None:
    for seed, hmean, lr in ((0, 0.5, 0.003), (1, 0.7, 0.003), (2, 0.1, 0.1)):
        make_run(tmp_path / "outputs", seed, hmean=hmean, lr=lr)
    page = look(start_console(), "runs", size="narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    field = page.get_by_role("combobox", name="Compare")
    for second in range(3):
        field.click()
        page.get_by_role("option", name=f"made/2026-01-01_00-00-0{second}").click()
        page.get_by_text("Curves", exact=True).wait_for()
    page.get_by_text("2 runs: made/2026-01-01_00-00-00, made/2026-01-01_00-00-01").wait_for()
    page.locator('[data-testid="stVegaLiteChart"]').wait_for()
    assert page.locator('[data-testid="stDataFrame"]').count() == 3  # the table, the settings, the seeds
    make_run(tmp_path / "outputs", 3)  # above them in the table, as it is the latest
    for part, found in (("-0", 4), ("00-02", 1), ("nothing", 0), ("", 4)):  # no filter changes what is compared
        page.get_by_label("Name contains").fill(part)
        page.get_by_label("Name contains").press("Enter")
        page.get_by_text(f"{found} of 4 runs in outputs").wait_for()
        page.get_by_text("2 runs: made/2026-01-01_00-00-00, made/2026-01-01_00-00-01").wait_for()
    chosen = page.get_by_test_id("stMultiSelectTagsContainer").last.locator("[data-tag]")
    assert sorted(chosen.all_inner_texts()) == [f"made/2026-01-01_00-00-0{second}" for second in range(3)]
    fits_every_window(page)
