"""The console as a whole: every page stands, in both themes and widths, and no request leaves the machine."""

import base64
import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from made_runs import make_run
from ocr.utils.run_record import record_end
from patience import PATIENCE_S

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


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [(None, None, 101), ("elsewhere.example", None, 403), (None, "elsewhere.example", 403)],
)
def test_no_foreign_page_can_use_it(
    start_console: Callable[..., Any], host: str | None, origin: str | None, status: int
) -> None:
    address = urlsplit(start_console().address).netloc
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
        "Host": host or address,
        "Origin": f"http://{origin or address}",
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    assert connection.getresponse().status == status
    connection.close()


def test_what_a_file_says_becomes_neither_link_nor_picture(
    start_console: Callable[..., Any], look: Callable[..., Any], tmp_path: Path
) -> None:
    folder = make_run(tmp_path / "outputs", 0, state="failed")
    record_end(
        folder, 1.0, ValueError("see https://a.example/ or www.a.example ![b](https://a.example/b.png) <b>c</b>")
    )
    said = look(start_console()).get_by_role("alert")
    assert "see https:\u2060//a.example/ or www\u2060.a.example ![b](https:\u2060//a.example/b.png) <b>c</b>" in (
        said.inner_text()
    )
    assert said.locator("a, img, b").count() == 0
