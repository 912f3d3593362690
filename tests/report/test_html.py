"""HTML from function calls."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from ocr.report.html import Html, joined, tag


def test_elements_nest_and_texts_are_escaped() -> None:
    element = tag("p", "a < b & ", tag("b", '"c"'), class_="x y", data_value=3, id=None)
    assert element == '<p class="x y" data-value="3">a &lt; b &amp; <b>&quot;c&quot;</b></p>'
    assert tag("img", alt="") == '<img alt="">'
    assert joined(["<", Html("<br>")]) == "&lt;<br>"


class Reader(HTMLParser):
    """What a browser makes of one element."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])))
def test_any_text_is_text_and_nothing_else(text: str) -> None:
    reader = Reader()
    reader.feed(tag("p", text, title=text))
    reader.close()
    assert reader.elements == [("p", [("title", text)])]
    assert reader.text == text
