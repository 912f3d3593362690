"""The values of a receipt's facts: dates, amounts, telephone numbers and currencies, read from what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ocr.fields import FIELDS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = "|".join(MONTHS)
FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?[-/.년]\s?(?P<m>\d{1,2})\s?[-/.월]\s?(?P<d>\d{1,2})(?!\d)(?:\s?일)?",
        r"(?<!\d)(?P<d>\d{1,2})\s?[-/.,' ]?\s?(?P<n>" + MONTH + r")[a-z]{0,6}\.?\s?[-/.,' ]?\s?(?P<y>\d{4}|\d\d)(?!\d)",
        r"(?P<n>" + MONTH + r")[a-z]{0,6}\.?\s?[-/ ]?(?P<d>\d{1,2})(?:st|nd|rd|th)?[-/, ]+(?P<y>\d{4}|\d\d)(?!\d)",
        r"(?<!\d)(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>\d{4}|\d\d)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        r"(?<!\d)(?P<d>\d\d)(?P<m>\d\d)(?P<y>20\d\d)(?!\d)",
    )
)
"""Orders of year, month and day, the more certain first: where two fit, such as 03/04/2018, the day comes first, as in
most countries."""

YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d\d)\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})(?!\d)")

COUNT = re.compile(r"\d[\d.,]*")
AMOUNT = re.compile(r"(?:(?<![\w.,])[.,](?=\d))?\d[\d.,]*(?:[' ]\d{3}(?!\d)[\d.,]*)*")
CODED = re.compile(r"\d[A-WYZa-wyz]$")
"""A digit and a letter before a number, which is then a part of a code; ``2X5.00`` is a count and a price."""
SYMBOLS = r"$£¥￥\u20a0-\u20cf฿￦"
"""Signs of currencies, to stand between the brackets of a regular expression."""
PRINTED_CURRENCY = rf"(?i:RM|MYR|SGD|USD|EUR|GBP|KRW|CHF|Rp|(?:US?|S)?[{SYMBOLS}])"
"""Part of a regular expression: what is printed for a currency beside an amount, in capitals or not."""
SIGN = re.compile(rf"(?<!\w)-\s*{PRINTED_CURRENCY}?\s*$")
"""A minus before an amount, perhaps with a currency in between; the hyphen of SUB-TOTAL is none."""
MOST_DIGITS = 15
"""Digits of an amount; longer numbers are codes."""
MOST_PIECES = 5
"""Digits of a count before its decimal mark; longer numbers are codes."""


def find_date(text: str, *, year_first: bool = False) -> tuple[date, int, int] | None:
    """The first date in a text, and the places of its first character and behind its last one.

    A year of two digits is in this century. Month and day are swapped where only that makes a date (``12/25/2018``).

    Args:
        text: a date, perhaps with other text around it.
        year_first: three numbers of two digits begin with the year, as in Korea.
    """
    for form in (YEAR_FIRST, *FORMS) if year_first else FORMS:
        for found in form.finditer(text):
            parts = found.groupdict()
            year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
            month = MONTHS.index(parts["n"].casefold()) + 1 if parts.get("n") else int(parts["m"])
            for month_, day in ((month, int(parts["d"])), (int(parts["d"]), month)):
                try:
                    return date(year, month_, day), *found.span()
                except ValueError:
                    continue
    return None


def parse_date(text: str, *, year_first: bool = False) -> date | None:
    """The date that `find_date` finds, without its place."""
    found = find_date(text, year_first=year_first)
    return found[0] if found else None


def parse_amount(text: str) -> Decimal | None:
    """The amount in a text: its last number, with the sign before or behind it, without currency and grouping.

    ``None`` without a number, or if it has more than `MOST_DIGITS` characters. Percentages and numbers inside codes are
    none.

    The last of ``.`` and ``,`` is the decimal mark if one or two digits follow it, if more than three do and the other
    mark does not occur, or behind nothing or a single zero (``.14``, ``0.854``); otherwise it groups thousands, as in
    Korean amounts.
    """
    numbers = [number for number in AMOUNT.finditer(text) if text[number.end() :].lstrip()[:1] != "%"]
    if not numbers or CODED.search(text[: numbers[-1].start()]):
        return None
    found = numbers[-1]
    digits = found.group().rstrip(".,' ").replace(" ", "").replace("'", "")
    if len(digits) > MOST_DIGITS:
        return None
    place = max(digits.rfind("."), digits.rfind(","))
    decimals = len(digits) - place - 1
    whole, fraction = digits, ""
    ungrouped = decimals != 3 and ("." in digits) != ("," in digits)
    if place >= 0 and (decimals < 3 or ungrouped or digits[:place] in ("", "0")):
        whole, fraction = digits[:place], digits[place + 1 :]
    value = Decimal(re.sub(r"[.,]", "", whole) + ("." + fraction if fraction else ""))
    before, behind = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    negative = before.endswith(("-", "(")) or SIGN.search(before) is not None or behind[:1] == "-"
    return -value if negative else value


def parse_count(text: str) -> Decimal | None:
    """The number of pieces, or the weight, in a text: its first number; its last mark is a decimal one (``1.000``).

    ``None`` without a number, or if it has more than `MOST_PIECES` digits before that mark.
    """
    found = COUNT.search(text)
    if found is None:
        return None
    whole, mark, fraction = re.sub(r"[.,](?=.*[.,])", "", found.group().rstrip(".,")).replace(",", ".").partition(".")
    return Decimal(f"{whole}{mark}{fraction}") if len(whole) <= MOST_PIECES else None


PHONE = re.compile(r"\+?[\s(]*[0-9](?:[0-9\s).–-]|\([0-9]{1,4}\))*")
TRUNK = re.compile(r"(?<=[0-9])\s*\(0\)")
"""The zero that is dialled at home alone, as in ``+44 (0)20``."""
PHONE_DIGITS = range(5, 16)
"""How many digits a telephone number may have; ITU-T E.164 allows 15."""


def parse_phone(text: str) -> str | None:
    """The first telephone number in a text: its digits, behind a ``+`` if it is printed with one.

    Spaces, hyphens, dots and brackets are left out, and of an international number the ``(0)`` that is not dialled from
    abroad. What is printed is not completed: without a country code there is none. A second number, or an extension,
    that follows another mark or a letter is left out, and so is what stands in brackets with letters; one that follows
    after spaces alone is taken for a part of the first. ``None`` unless there are `PHONE_DIGITS` digits.
    """
    for found in PHONE.finditer(text):
        number = found.group()
        if number.startswith("+"):
            number = TRUNK.sub("", number, count=1)
        digits = re.sub(r"[^0-9]", "", number)
        if len(digits) in PHONE_DIGITS:
            return f"+{digits}" if number.startswith("+") else digits
    return None


CURRENCIES = tuple(
    (code, re.compile(sign))
    for code, sign in (
        ("MYR", r"\b(?:RM|MYR)(?=\s?-?\d|[):]|\s*$)"),
        ("SGD", r"\bS\$|\bSGD\b"),
        ("USD", r"\bUS\$|\bUSD\b"),
        ("EUR", r"€|\bEUR\b"),
        ("GBP", r"£|\bGBP\b"),
        ("KRW", r"[₩￦]|\bKRW\b|\d원|^원$"),
        ("$", r"(?<![A-Z])\$"),
    )
)
"""Currencies by what is printed for them. Of a dollar without its country it is not known which it is."""


def find_currency(texts: Iterable[str]) -> str | None:
    """The currency that texts state: its ISO 4217 code, or ``$``; ``None`` if there is none, or several."""
    page = list(texts)
    found = {code for code, sign in CURRENCIES if any(sign.search(text) for text in page)}
    if found & {"SGD", "USD"}:
        found.discard("$")
    return found.pop() if len(found) == 1 else None


def normalised(name: str, text: str) -> str | None:
    """The value of a field to compute with: a date as ISO 8601, an amount as a number, a phone's by `parse_phone`.

    Args:
        name: of `FIELDS`.
        text: as printed.

    Returns:
        ``None`` for fields of other kinds, and for a text that has no such value.
    """
    kind = FIELDS.get(name)
    if kind == "date":
        day = parse_date(text) or parse_date(text, year_first=True)
        return day.isoformat() if day else None
    if kind == "phone":
        return parse_phone(text)
    amount = parse_amount(text) if kind == "amount" else None
    return None if amount is None else format(amount, "f")
