"""What tests of the console's pages ask of a page in the browser."""

from typing import Any


def rerun(page: Any) -> None:
    """Wait until the page shows what a click on it asked for."""
    page.wait_for_timeout(300)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def cells(table: Any) -> list[str]:
    """The texts of a table, row by row, as a screen reader gets them: what is seen is drawn on a canvas."""
    table.locator("td").first.wait_for(state="attached")
    return [str(text) for text in table.locator("td").all_text_contents()]
