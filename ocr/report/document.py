"""A page that needs nothing beside it: style and pictures are in it, and the browser is told to fetch nothing.

The templates are the ``*.html.j2`` files here. Line breaks and indents in them are for the reader alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from ocr.utils.whole_file import whole_file

HERE = Path(__file__).parent


def document(template: str, style: str, script: str = "", **values: object) -> str:
    """An HTML page.

    Names and texts in it come from anywhere and are escaped: should one ever get through as code, the browser runs the
    given script alone.

    Args:
        template: name of its template, which extends ``document.html.j2``.
        style: CSS.
        script: JavaScript, run when everything before it is there.
        values: what the template asks for; ``title`` and ``about``, a mapping of texts, by all.
    """
    policy = f"default-src 'none'; img-src data:; style-src '{digest(style)}'"
    policy += f"; script-src '{digest(script)}'" if script else ""
    pages = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(source_of))
    page = pages.get_template(template).render(policy=policy, style=style, script=script, **values)
    # Quotes as Python's html.escape writes them, so that pages can be compared with those of earlier revisions.
    return page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def source_of(template: str) -> str:
    """A template on one line."""
    return re.sub(r"\n\s*", "", (HERE / template).read_text(encoding="utf-8"))


def digest(code: str) -> str:
    """What a content security policy calls a script or style of exactly this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"


def write_page(page: str, path: Path) -> None:
    """Write a page, whole or not at all; what no encoding holds, a part of a name, becomes an escape."""
    with whole_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")
