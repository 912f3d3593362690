"""Find and repair transcriptions that a wrong encoding or a careless export damaged."""

from __future__ import annotations

import unicodedata

from ocr.checks.kinds import Kind
from ocr.text import plain_text

REPLACEMENT = "\ufffd"
INVISIBLE = frozenset("\u200b\u2060\ufeff")
"""Zero-width space, word joiner, byte order mark. Joiners that shape letters are kept."""
SHOWN = 80
"""Characters of a transcription that a finding quotes."""

MISREAD = ("cp1252", "latin-1")
"""Encodings that UTF-8 is most often read as; only the second has a character for each byte."""


def text_flaws(text: str, charset: frozenset[str] | None = None) -> list[tuple[Kind, str]]:
    """Flaws of a transcription, each with the text (and what it should be).

    Args:
        text: the transcription.
        charset: the characters that it may have; ``None``: any.
    """
    flaws = []
    if REPLACEMENT in text:
        flaws.append((Kind.LOST_CHARACTERS, quoted(text)))
    if any(map(prints_nothing, text)):
        flaws.append((Kind.CONTROL_CHARACTERS, quoted(text)))
    right = demojibaked(text)
    if right != text:
        flaws.append((Kind.MOJIBAKE, f"{quoted(text)} for {quoted(right)}"))
    if charset is not None and (unknown := [each for each in dict.fromkeys(plain_text(text)) if each not in charset]):
        flaws.append((Kind.OUTSIDE_CHARSET, f"{quoted(''.join(unknown))} in {quoted(text)}"))
    return flaws


def repaired_text(text: str) -> str:
    """The text decoded correctly and without invisible characters."""
    return "".join(character for character in demojibaked(text) if not prints_nothing(character))


def prints_nothing(character: str) -> bool:
    """Whether it is a control character or a zero-width mark."""
    return character in INVISIBLE or unicodedata.category(character) == "Cc"


def demojibaked(text: str) -> str:
    """The text, or the shorter text whose UTF-8 was read as Windows-1252 or Latin-1, if there is one."""
    if text.isascii():
        return text
    for encoding in MISREAD:
        try:
            right = text.encode(encoding).decode()
        except UnicodeError:
            continue
        beyond_ascii = (character for character in right if not character.isascii())
        if len(right) < len(text) and not any(map(prints_nothing, beyond_ascii)):
            return right
    return text


def quoted(text: str) -> str:
    """A text in quotes, invisible characters escaped, truncated if it is long."""
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}...")
