"""What tests of the console's pages ask of a page in the browser."""

from typing import Any

SIZES = {"narrow": (390, 844), "wide": (1440, 900)}
"""CSS pixels of a phone's and of a desk's window."""


def rerun(page: Any) -> None:
    """Wait until the page shows what a click on it asked for."""
    page.wait_for_timeout(300)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def cells(table: Any) -> list[str]:
    """The texts of a table, row by row, as a screen reader gets them: what is seen is drawn on a canvas."""
    table.locator("td").first.wait_for(state="attached")
    return [str(text) for text in table.locator("td").all_text_contents()]


def fits_every_window(page: Any) -> None:
    """What the page shows is as wide as the window at most, on a phone and on a desk, in both themes; it ends wide."""
    for width, height in SIZES.values():
        for scheme in ("dark", "light"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            rerun(page)
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert over <= 0, f"{over} pixels wider than {width}, {scheme}"
