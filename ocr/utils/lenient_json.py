"""JSON that is almost JSON: what people and programs write into it that strict readers end with. Standard library only.

Python's json writes ``NaN`` and ``Infinity`` for floats, and half a surrogate pair as it is; a text of another encoding
has bytes that are no UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Callable

NOT_JSON = "not JSON"
"""Key of the object that stands for a value which JSON does not have."""


class Pairs(list[tuple[str, object]]):
    """Keys and values of a JSON object, so that two of the same key stay two."""


def stand_in(value: str) -> object:
    """The object that stands for a value: it is taken for no number and no text, and a message shows what was there."""
    return Pairs([(NOT_JSON, value)])


def standard(
    content: bytes, number: Callable[[str], object] = stand_in, text: Callable[[str], object] = stand_in
) -> bytes:
    """JSON that only Python's reader takes as standard JSON; in keys, U+FFFD for what is no character.

    Args:
        content: in any encoding of Unicode's, with bytes that are none.
        number: what stands for ``NaN`` and its like.
        text: what stands for a text with what is no character, which has become U+FFFD in it.

    Raises:
        ValueError: that does not take it either, or it is nested beyond reason.
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
    """A text with U+FFFD for each half of a surrogate pair, and for each byte that was no UTF-8."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def dumped(value: object) -> str:
    """A text or number as JSON, without escapes."""
    return json.dumps(value, ensure_ascii=False)
