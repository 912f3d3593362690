"""The page of lines read wrong, as a parser and, where there is one, as a browser reads it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from chromium import CHROMIUM, dumped
from ocr.images.header import ImageError
from ocr.report.readings import ReadLine
from ocr.report.text_errors import marked, text_error_page
from shapes import box

HOSTILE = "</script><script>document.body.textContent='owned'</script>"
LINES = [
    ReadLine("a.jpg", box(10, 10, 80), "TOTAL 12.50", "TOTAL 12.60", 0.9),
    ReadLine("a.jpg", box(10, 40, 80), "Cash", "Cash", 0.99),
    ReadLine("b.jpg", box(10, 10, 80), "BOOK", "B00K", 0.2),
    ReadLine("b.jpg", box(10, 40, 80), "Thank you", "Thankyou", 0.8),
    ReadLine("gone.jpg", box(10, 10, 80), "RM", "rm", None),
    ReadLine(HOSTILE, box(10, 10, 80), HOSTILE, "", 0.0),
]
"""An amount, a line read right, two letters read as digits, a space, letter case, nothing read."""


def read(name: str) -> np.ndarray:
    if name == "gone.jpg":
        raise ImageError("gone")
    return np.full((100, 100, 3), 200, np.uint8)


def page_of(lines: list[ReadLine], most: int = 10) -> str:
    return text_error_page("Lines read wrong", {"predictions": "found.json"}, lines, most, read)


def items(page: str) -> list[str]:
    return re.findall(r"<li .*?</li>", page)


@pytest.mark.parametrize(
    ("truth", "text", "above", "below"),
    [
        ("abc", "abc", [("", "abc")], [("", "abc")]),
        ("abc", "axc", [("", "a"), ("other", "b"), ("", "c")], [("", "a"), ("other", "x"), ("", "c")]),
        ("ab", "a", [("", "a"), ("missing", "b")], [("", "a"), ("gap", " ")]),
        ("a", "a b", [("", "a"), ("gap", "  ")], [("", "a"), ("added", " b")]),
        ("aB", "ab", [("", "a"), ("case", "B")], [("", "a"), ("case", "b")]),
        ("", "", [], []),
    ],
)
def test_parts_of_both_texts_stand_at_the_same_places(truth, text, above, below) -> None:
    assert marked(truth, text) == (above, below)


def test_lines_read_wrong_are_listed_worst_first_with_their_kinds() -> None:
    page = page_of(LINES)
    found = items(page)
    kinds = [re.search(r'data-kinds="(.*?)"', item)[1] for item in found]
    assert kinds == ["unsure", "unsure", "amount sure", "case", "spaces"]
    assert "<b>50 %</b> wrong (2 of 4), confidence 0.20" in found[1]
    assert '<span class="other">OO</span>' in found[1]
    assert '<span class="other">00</span>' in found[1]
    assert '<span class="tag amount">an amount is wrong</span>' in found[2]
    assert "confidence" not in found[3]
    assert page.count("<img") == 4
    assert page.count("The image cannot be read.") == 1


def test_figures_and_confusions_are_those_of_all_lines() -> None:
    page = page_of(LINES, most=2)
    assert "<dt>lines</dt><dd>6</dd>" in page
    assert "<dt>with an error</dt><dd>5</dd>" in page
    assert "<dt>amounts wrong</dt><dd>1 of 1</dd>" in page
    assert "3 lines with fewer errors are left out." in page
    assert len(items(page)) == 2
    buttons = re.findall(r'data-confusion="(\d+)"><b>(.*?)</b> read as <b>(.*?)</b> <span>(\d+)</span>', page)
    assert ("o", "0", "2") in [button[1:] for button in buttons]
    assert ("5", "6", "1") in [button[1:] for button in buttons]
    assert ("space", "nothing", "1") in [button[1:] for button in buttons]
    (letter,) = [button[0] for button in buttons if button[1:3] == ("o", "0")]
    assert letter in re.search(r'data-confusions="(.*?)"', items(page)[1])[1].split()


def test_texts_stay_texts() -> None:
    page = page_of(LINES)
    assert page.count("<script>") == 1
    assert HOSTILE not in page


def test_a_page_without_an_error_is_a_page() -> None:
    page = page_of(LINES[1:2])
    assert items(page) == []
    assert "<p>None.</p>" in page


WRAPPER = """<!doctype html><pre id="said"></pre><iframe id="frame" src="report.html"></iframe><script>
addEventListener("load", () => {
  const page = document.getElementById("frame").contentDocument;
  const shown = () => [...page.querySelectorAll(".lines li")].filter((line) => !line.hidden).length;
  const said = {all: shown(), scripts: page.scripts.length};
  page.querySelector("input[value=amount]").click();
  said.amount = [shown(), page.querySelector("output").textContent];
  page.querySelector('input[value=""]').click();
  const buttons = [...page.querySelectorAll("[data-confusion]")];
  const letter = buttons.find((each) => each.textContent.startsWith("o read as 0"));
  letter.click();
  said.letter = [shown(), letter.getAttribute("aria-pressed")];
  letter.click();
  said.again = shown();
  document.getElementById("said").textContent = JSON.stringify(said);
});
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: Debian's package is chromium")
def test_a_browser_filters_it(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page_of(LINES), encoding="utf-8")
    (tmp_path / "wrapper.html").write_text(WRAPPER, encoding="utf-8")
    done = dumped(tmp_path / "wrapper.html")
    said = json.loads(re.search(r'<pre id="said">(.*?)</pre>', done.stdout)[1])
    assert said == {"all": 5, "scripts": 1, "amount": [1, "1 shown"], "letter": [1, "true"], "again": 5}
    assert "Content Security Policy" not in done.stderr
