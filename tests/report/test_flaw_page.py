"""The page of a data check as a parser and, where there is one, as a browser reads it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.report.flaw_page import CORNERS, SPLITS_DRAWN, SplitFigures, flaw_page, view, window
from ocr.report.flaws import Example, Flaw, print_flaws
from patience import PATIENCE_S

HOSTILE = "</title><script>document.title='owned'</script><img src='http://example.invalid/x' onerror=alert(1)>[/]"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TALLIES = {"all images": {"checked": 5, "clean": 2, "with findings": 2, "unreadable": 1}}
FIGURES = SplitFigures([(100.0, 200.0), (300.0, 50.0)], [10.0, 12.0, 300.0], [0, 3], [0, 0])


@pytest.fixture
def flaws(tmp_path: Path) -> list[Flaw]:
    """One with a picture and a polygon, one without any, both with hostile texts."""
    cv2.imwrite(str(tmp_path / "a.png"), np.full((600, 400, 3), 200, np.uint8))
    square = np.array([[10, 10], [60, 10], [60, 40], [10, 40]], np.float32)
    places = [Example(HOSTILE, HOSTILE, tmp_path / "a.png", square), Example("gone", "", tmp_path / "gone.png")]
    return [
        Flaw("crosses-itself", "error", "the polygon crosses itself", "order its points", 7, 3, places),
        Flaw("grey", "note", HOSTILE, HOSTILE, 1, 1, [Example("train/b.png", HOSTILE)]),
    ]


def page_of(flaws: list[Flaw], splits: int = 1) -> str:
    names = [f"split{number}" for number in range(splits)]
    statistics = {name: {"images": 5, "formats": {"PNG": 5}, "width": {"p0": 1.0, "p50": 2.0}} for name in names}
    return flaw_page(
        f"Data check: {HOSTILE}", {"folder": HOSTILE}, flaws, TALLIES, statistics, dict.fromkeys(names, FIGURES)
    )


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_holds_all_of_itself_and_no_text_becomes_code(flaws: list[Flaw]) -> None:
    elements = Elements(page_of(flaws)).found
    assert [attributes["src"].partition(",")[0] for tag, attributes in elements if tag == "img"] == [
        "data:image/jpeg;base64"
    ]
    assert {tag for tag, _ in elements}.isdisjoint({"script", "link", "iframe", "object"})
    assert not any(name.startswith("on") for _, attributes in elements for name in attributes)
    (policy,) = [a["content"] for _, a in elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_each_line_of_the_overview_leads_to_its_section(flaws: list[Flaw]) -> None:
    elements = Elements(page_of(flaws)).found
    links = {attributes["href"] for tag, attributes in elements if tag == "a"}
    assert links == {f"#{attributes['id']}" for tag, attributes in elements if tag == "section"}
    assert links == {"#crosses-itself", "#grey"}


def test_what_the_page_leaves_out_is_said(flaws: list[Flaw]) -> None:
    page = page_of(flaws, SPLITS_DRAWN + 2)
    assert "5 more are in report.json." in page
    assert f"The charts show the first {SPLITS_DRAWN} of {SPLITS_DRAWN + 2} splits." in page
    assert "Nothing was found." in page_of([])


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_the_page_without_a_network_and_without_a_complaint(flaws: list[Flaw], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page_of(flaws), encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--log-level=0",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000", f"--user-data-dir={tmp_path / 'user'}",
         "--dump-dom", f"file://{tmp_path / 'report.html'}"],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert re.findall(r".*CONSOLE.*", done.stderr) == []
    elements = Elements(done.stdout).found
    assert len([tag for tag, _ in elements if tag == "section"]) == 2
    assert "<title>Data check: &lt;/title&gt;" in done.stdout
    assert "owned</title>" not in done.stdout


def test_the_terminal_shows_counts_examples_and_fixes(flaws: list[Flaw], capsys: pytest.CaptureFixture[str]) -> None:
    print_flaws(flaws, TALLIES)
    shown = capsys.readouterr().out
    for text in ("crosses-itself", "order its points", "... and 5 more", "with findings"):
        assert text in shown


def test_names_do_not_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[31m\udcff\n.png"
    print_flaws([Flaw("grey", "note", "grey", "none", 1, 1, [Example(name, name)])], {name: {"checked": 1}})
    shown = capsys.readouterr().out
    assert "\x1b[31m" not in shown
    assert shown.count(r"a\x1b[31m\udcff\n.png") >= 2


def test_a_polygon_is_shown_with_its_surroundings_inside_the_image() -> None:
    square = np.array([[100, 100], [140, 100], [140, 120], [100, 120]], np.float32)
    assert window(square, (1000, 1000)) == (40, 40, 200, 180)
    assert window(square, (150, 110)) == (40, 40, 150, 110)
    assert window(None, (150, 110)) == (0, 0, 150, 110)
    assert window(square, (99, 500)) == (0, 0, 99, 500)  # where it is not, there is nothing to be seen of it


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=5),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_any_window_has_a_pixel(points: list[tuple[float, float]], width: int, height: int) -> None:
    left, top, right, bottom = window(np.array(points, np.float32), (width, height))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


def test_a_tangle_of_many_points_does_not_make_the_page_large(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((50, 50, 3), np.uint8))
    tangle = (np.random.default_rng(0).random((100_000, 2)) * 50).astype(np.float32)
    drawn = view(tmp_path / "a.png", tangle)
    assert drawn is not None
    assert len(str(drawn["points"]).split()) <= CORNERS
