"""Make external texts safe for terminals and logs: names of files, splits or classes may contain anything."""

from __future__ import annotations

import json
import logging
import re
import sys

RAW = re.compile(r"[^ -~]")


def printable(text: str, keep: str = "") -> str:
    """Put a text on one line: control, bidirectional and invalid characters become escapes.

    Args:
        text: any text.
        keep: characters that are never escaped.
    """
    return RAW.sub(lambda found: found[0] if found[0].isprintable() or found[0] in keep else escape(found[0]), text)


def escape(sign: str) -> str:
    r"""A character as a Python escape: ``\n``, ``\x1b``, ``\u202e``."""
    return sign.encode("unicode_escape").decode("ascii")


def printable_json(text: str) -> str:
    """Make JSON safe for a terminal without changing its meaning: unprintable characters become JSON escapes."""

    def escaped(found: re.Match[str]) -> str:
        sign = found[0]
        if sign.isprintable() or sign == "\n":
            return sign
        units = sign.encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))

    return RAW.sub(escaped, text)


def plural(count: int, noun: str) -> str:
    """A count with its noun: ``1 image``, ``2 images``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def say(*lines: object, error: bool = False) -> None:
    """Print each text on a line of its own, with unprintable characters escaped.

    Args:
        lines: the texts.
        error: print to stderr.
    """
    text = "\n".join(printable(str(line)) for line in lines)
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def say_json(content: object) -> None:
    """Print plain data as JSON."""
    sys.stdout.write(printable_json(json.dumps(content, indent=2, ensure_ascii=False)) + "\n")


class PrintableRecord(logging.LogRecord):
    """A log record whose message is printable; line ends and tabs, which tables need, are kept."""

    def getMessage(self) -> str:
        """The message."""
        return printable(super().getMessage(), keep="\n\t")
