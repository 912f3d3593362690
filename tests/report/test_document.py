"""HTML out of the templates."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from ocr.report.document import document


def test_templates_are_filled_and_texts_are_escaped() -> None:
    page = document("document.html.j2", "p { }", title="a < b & ", about={"c": "\"d\" 'e'"})
    assert page.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert "<title>a &lt; b &amp; </title><style>p { }</style></head><body>" in page
    assert "<div><dt>c</dt><dd><bdi>&quot;d&quot; &#x27;e&#x27;</bdi></dd></div></dl></body></html>\n" in page


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="about"):
        document("document.html.j2", "", title="")


class Reader(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, int]] = []
        self.texts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, len(attrs)))

    def handle_data(self, data: str) -> None:
        element = self.elements[-1][0] if self.elements else ""
        self.texts[element] = self.texts.get(element, "") + data


@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])))
def test_any_text_is_text_and_nothing_else(text: str) -> None:
    page, plain = Reader(), Reader()
    page.feed(document("document.html.j2", "p { }", title="", about={text: text}))
    plain.feed(document("document.html.j2", "p { }", title="", about={"name": "value"}))
    assert page.elements == plain.elements
    assert (page.texts.get("dt", ""), page.texts.get("bdi", "")) == (text, f"{text}\n")
