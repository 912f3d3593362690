"""A page that needs nothing beside it: style and pictures are in it, and the browser is told to fetch nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from ocr.report.html import Html, tag
from ocr.utils.whole_file import whole_file


def document(title: str, body: list[Html], style: str, script: str | None = None) -> str:
    """An HTML page.

    Names and texts in it come from anywhere: should one ever get through as code, the browser runs the given script
    alone.

    Args:
        title: of the page.
        body: its elements.
        style: CSS.
        script: JavaScript, run when everything before it is there.
    """
    code = [] if script is None else [tag("script", Html(script))]
    policy = f"default-src 'none'; img-src data:; style-src '{digest(style)}'"
    policy += "" if script is None else f"; script-src '{digest(script)}'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", **{"http-equiv": "Content-Security-Policy", "content": policy}),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", title),
        tag("style", Html(style)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', *body, *code), lang='en')}\n"


def digest(code: str) -> str:
    """What a content security policy calls a script or style of exactly this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"


def write_page(page: str, path: Path) -> None:
    """Write a page, whole or not at all; what no encoding holds, a part of a name, becomes an escape."""
    with whole_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")
