"""Read almost-JSON that strict parsers reject. Standard library only.

Python's json writes ``NaN`` and ``Infinity`` for floats, and lone surrogates unchanged; a text in another encoding
contains bytes that are not UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Callable

NOT_JSON = "not JSON"
"""Key of the object that replaces a value that JSON does not have."""


class Pairs(list[tuple[str, object]]):
    """Keys and values of a JSON object, in a list so that duplicate keys are kept."""


def stand_in(value: str) -> object:
    """The object that replaces a value: neither a number nor a text, and messages can show the original."""
    return Pairs([(NOT_JSON, value)])


def standard(
    content: bytes, number: Callable[[str], object] = stand_in, text: Callable[[str], object] = stand_in
) -> bytes:
    """Convert JSON that only Python's parser accepts to standard JSON; invalid characters in keys become U+FFFD.

    Args:
        content: in any Unicode encoding; may contain invalid bytes.
        number: makes the replacement for ``NaN`` and the infinities.
        text: makes the replacement for a text with invalid characters, given with U+FFFD in their place.

    Raises:
        ValueError: Python's parser rejects it too, or it is nested too deeply.
    """

    def encoded(tree: object) -> str:
        if isinstance(tree, Pairs):
            return "{" + ",".join(f"{dumped(whole(key))}:{encoded(value)}" for key, value in tree) + "}"
        if isinstance(tree, list):
            return "[" + ",".join(map(encoded, tree)) + "]"
        if isinstance(tree, float) and tree - tree != 0:  # 1e999 is infinite
            return encoded(number(str(tree)))
        if isinstance(tree, str) and (repaired := whole(tree)) != tree:
            return encoded(text(repaired))
        return dumped(tree)

    try:
        decoded = content.decode(json.detect_encoding(content), "surrogateescape")
        return encoded(json.loads(decoded, parse_constant=number, object_pairs_hook=Pairs)).encode()
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def whole(text: str) -> str:
    """A text with U+FFFD for each lone surrogate and for each byte that was not UTF-8."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def dumped(value: object) -> str:
    """A text or number as JSON, with non-ASCII characters unescaped."""
    return json.dumps(value, ensure_ascii=False)
