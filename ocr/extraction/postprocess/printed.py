"""The part of a text that is a value, as it is printed."""

from __future__ import annotations

import re

from ocr.fields import FIELDS
from ocr.values import PRINTED_CURRENCY, SYMBOLS, find_date, parse_amount

NUMBERS = ("registration", "phone", "time", "number")
"""Fields that are printed with or without brackets around them."""
CODE = re.compile(r"(?<=\d)\s*[A-Z*]{1,3}$")
"""A tax code or a mark behind an amount."""
CURRENCY_APART = re.compile(rf"^[^\W\d_]{{0,3}}[{SYMBOLS}]?\s+(?=[-(]?\d)")
"""Up to three letters and a sign, before an amount and a space: a currency that does not belong to the value, as in the
invented receipts (`FactSheet.fields`)."""

MINUS = re.compile(rf"(?:^|\s)(-|-{PRINTED_CURRENCY}\s?)$")
"""A minus at the end of a text, perhaps with a currency behind it; one before a space alone is a dash."""


def printed(name: str, text: str) -> str:
    """The part of a text that is the value of a field, as printed; empty if there is none."""
    kind = FIELDS[name]
    if kind == "date":
        found = find_date(text) or find_date(text, year_first=True)
        return text[slice(*found[1:])] if found else ""
    text = text.strip(" :#=@")
    if kind == "amount":
        return CURRENCY_APART.sub("", CODE.sub("", text)) if parse_amount(text) is not None else ""
    if name in NUMBERS:
        text = unwrapped(text)
    return text if kind == "text" or any(letter.isdigit() for letter in text) else ""


def unwrapped(text: str) -> str:
    """A number without the marks and brackets around it; those of a part, as in ``(+603) 123``, are kept."""
    text = text.strip(" :#=@,;<>[]")
    opened, closed = text.count("("), text.count(")")
    around = text.startswith("(") and text.endswith(")") and opened == closed == 1
    if text.startswith("(") and (opened > closed or around):
        text = text[1:]
    if text.endswith(")") and (closed > opened or around):
        text = text[:-1]
    return text.strip()


def with_sign(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of an amount in a text together with the minus before it, or before its currency, or behind it."""
    before = MINUS.search(text[:start])
    return before.start(1) if before else start, end + 1 if re.match(r"-(\s|$)", text[end:]) else end
