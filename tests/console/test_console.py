"""The console as a whole: every page stands, in both themes and widths, and no request leaves the machine."""

from collections.abc import Callable
from typing import Any

import pytest

PAGES = ("train", "runs", "errors", "read", "data")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_every_page_stands(start_console: Callable[..., Any], look: Callable[..., Any], size: str, dark: bool) -> None:
    console = start_console()
    for name in PAGES:
        page = look(console, name, dark=dark, size=size)
        assert page.get_by_role("heading", level=1).inner_text() == name.title()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
