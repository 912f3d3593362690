"""Names of files on a terminal: a file may be called anything."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text on one line: what would move the cursor, change colours or is no character is written as an escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
