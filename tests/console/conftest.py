"""The real console in Debian's Chromium, from which no request leaves the machine."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chromium import CHROMIUM
from console_pages import SIZES
from patience import PATIENCE_S
from running_console import Console, running_console

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make setup-dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    missing = pytest.mark.skip(reason="no chromium is installed: Debian's package is chromium")
    for item in items:
        if CHROMIUM is None and "look" in getattr(item, "fixturenames", ()):
            item.add_marker(missing)


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    """Debian's Chromium without a window.

    Not for longer than a module: as long as it is there, the event loop that drives it runs in this process, and no
    other test can run one.
    """
    with playwright.sync_playwright() as driver:
        offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", offline]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


@pytest.fixture
def start_console(tmp_path: Path) -> Iterator[Callable[..., Console]]:
    """``start_console("runs=outputs", ...)`` starts a console in the test's folder, which ends with the test."""
    with ExitStack() as consoles:
        yield lambda *settings, folder=tmp_path: consoles.enter_context(running_console(folder, *settings))


@pytest.fixture
def look(browser: "playwright.Browser") -> Iterator[Callable[..., "playwright.Page"]]:
    """``look(console, "runs", dark=True, size="narrow")`` opens a page, and waits until it stands.

    A request to another machine gets no answer, and fails the test in the end; so does an error of a page's script.
    """
    left: list[str] = []
    broken: list[str] = []

    def note(request: "playwright.Request") -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.hostname != "127.0.0.1":
            left.append(request.url)

    with ExitStack() as contexts:

        def open_page(console: Console, name: str = "", *, dark: bool = False, size: str = "wide") -> "playwright.Page":
            width, height = SIZES[size]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE_S * 1000)
            context.on("request", note)
            page = context.new_page()
            page.on("pageerror", lambda error: broken.append(str(error)))
            page.goto(f"{console.address}/{name}")
            settled(page)
            return page

        yield open_page
    assert left == []
    assert broken == []


def settled(page: "playwright.Page") -> None:
    """Wait until the script of the page has run to its end; a traceback on the page fails the test."""
    page.get_by_role("heading", level=1).first.wait_for()  # before the script begins it does not run either
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    shown = page.locator('[data-testid="stException"]')
    assert shown.count() == 0, shown.all_inner_texts()
