"""Self-contained HTML pages: style and pictures are embedded, and the browser may fetch nothing.

The templates are the ``*.html.j2`` files here. Their line breaks and indents are removed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from ocr.utils.whole_file import whole_file

HERE = Path(__file__).parent


def style_of(page: str) -> str:
    """The CSS of a page in light and dark: ``page.css``, then its own."""
    return "".join((HERE / name).read_text(encoding="utf-8") for name in ("page.css", page))


def document(template: str, style: str, script: str = "", **values: object) -> str:
    """Render an HTML page.

    Names and texts in it are untrusted and escaped; as a second defence, the browser runs only the given script.

    Args:
        template: name of its template, which extends ``document.html.j2``.
        style: CSS.
        script: JavaScript, run at the end of the page.
        values: the template's values; all need ``title`` and ``about``, a mapping of texts.
    """
    policy = f"default-src 'none'; img-src data:; style-src '{digest(style)}'"
    policy += f"; script-src '{digest(script)}'" if script else ""
    pages = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(source_of))
    page = pages.get_template(template).render(policy=policy, style=style, script=script, **values)
    # Quotes as Python's html.escape writes them, so that pages can be compared with those of earlier revisions.
    return page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def source_of(template: str) -> str:
    """The source of a template, on one line."""
    return re.sub(r"\n\s*", "", (HERE / template).read_text(encoding="utf-8"))


def digest(code: str) -> str:
    """The hash by which a content security policy allows a script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"


def write_page(page: str, path: Path) -> None:
    """Write a page atomically; parts of names that cannot be encoded are escaped."""
    with whole_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")
