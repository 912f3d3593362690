"""The console as a whole: every page stands, in both themes and widths, and no request leaves the machine."""

from collections.abc import Callable
from typing import Any

import pytest

PAGES = {"": "Train", "runs": "Runs", "errors": "Errors", "read": "Read", "data": "Data"}
"""Heading of each page by its address."""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_every_page_stands(start_console: Callable[..., Any], look: Callable[..., Any], size: str, dark: bool) -> None:
    console = start_console()
    for name, heading in PAGES.items():
        page = look(console, name, dark=dark, size=size)
        assert page.get_by_role("heading", level=1).inner_text() == heading
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
