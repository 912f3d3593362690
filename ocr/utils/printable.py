"""Texts from outside on a terminal and in a log: a file, a split or a class may be called anything."""

from __future__ import annotations

import json
import logging
import re
import sys

RAW = re.compile(r"[^ -~]")


def printable(text: str, keep: str = "") -> str:
    """The text on one line: what would move the cursor, turn the writing or is no character is written as an escape.

    Args:
        text: anything.
        keep: signs that stay as they are all the same.
    """
    return RAW.sub(lambda found: found[0] if found[0].isprintable() or found[0] in keep else escape(found[0]), text)


def escape(sign: str) -> str:
    r"""A character as Python writes it: ``\n``, ``\x1b``, ``\u202e``."""
    return sign.encode("unicode_escape").decode("ascii")


def printable_json(text: str) -> str:
    """JSON that is safe on a terminal and means the same: what is not printable is written as JSON's own escape."""

    def escaped(found: re.Match[str]) -> str:
        sign = found[0]
        if sign.isprintable() or sign == "\n":
            return sign
        units = sign.encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))

    return RAW.sub(escaped, text)


def say(*lines: object, error: bool = False) -> None:
    """Print each text on a line of its own, whatever is in it.

    Args:
        lines: the texts.
        error: on the error stream.
    """
    text = "\n".join(printable(str(line)) for line in lines)
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def say_json(content: object) -> None:
    """Print plain data as JSON."""
    sys.stdout.write(printable_json(json.dumps(content, indent=2, ensure_ascii=False)) + "\n")


class PrintableRecord(logging.LogRecord):
    """A log's message without what moves a cursor; line ends and tabulators, as tables have them, stay."""

    def getMessage(self) -> str:
        """The message."""
        return printable(super().getMessage(), keep="\n\t")
