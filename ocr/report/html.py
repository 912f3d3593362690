"""HTML out of plain function calls: every text is escaped that is not HTML already."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"img", "input", "meta"})
"""Elements without content and without an end tag."""


class Html(str):
    """A text that is HTML; what `tag` gets as any other string is escaped."""

    __slots__ = ()


def tag(element: str, *content: str, **attributes: object) -> Html:
    """One element.

    Args:
        element: its name.
        content: texts and elements, in order.
        attributes: ``class_`` is ``class``, ``data_value`` is ``data-value``; ``None`` leaves the attribute out.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{element}{said}>" if element in VOID else f"<{element}{said}>{joined(content)}</{element}>")


def joined(parts: Iterable[str]) -> Html:
    """Texts and elements one after the other."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))
