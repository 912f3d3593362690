"""The forms in which texts are learnt and compared."""

from __future__ import annotations

import re
import unicodedata

from ocr.types import is_blank

BLANK = 0
"""Code of CTC's blank; character ``n`` of a charset has code ``n + 1``."""

AMOUNT = re.compile(r"(?<![\d.,])\d+(?:[.,]\d{3})*[.,]\d{2}(?![\d]|[.,]\d)")
"""A number with two decimals, its thousands perhaps grouped."""


def plain_text(text: str) -> str:
    """A text with what prints alike made equal: NFKC, single spaces, none at the ends, no characters without ink.

    NFKC (Unicode Standard Annex 15) turns full-width forms into ASCII and joins the parts of Korean syllables.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    # First out, then normalised: what stands on both sides of a character without ink may belong together.
    inked = "".join(letter for letter in text if letter.isspace() or not is_blank(letter))
    return " ".join(unicodedata.normalize("NFKC", inked).split())


def folded(text: str) -> str:
    """A plain text without letter case."""
    return text.casefold()


def letters_and_digits(text: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def without_spaces(text: str) -> str:
    """A plain text without its spaces."""
    return text.replace(" ", "")


def amounts(text: str) -> list[str]:
    """The numbers with two decimals in a plain text, in order; one with a space in it is none."""
    return AMOUNT.findall(text)
