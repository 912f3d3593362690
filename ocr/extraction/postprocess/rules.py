"""Rules for a receipt's company, address, date and total: what can be found without a trained network.

They are the floor that a network is compared with, and work in English and Malay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from ocr.extraction.postprocess.printed import printed
from ocr.extraction.postprocess.structure import Extraction, Value
from ocr.extraction.tokens import Token, TokenPage, level_boxes
from ocr.fields import FIELDS
from ocr.types import FloatArray, Word
from ocr.values import find_date, parse_amount

HEAD = 8
"""Regions from the top among which the company is."""
ADDRESS = 20
"""Regions from the top among which the address is."""

FORM = re.compile(
    r"\b(SDN|BHD|S/B|PTE|LTD|INC|LLC|GMBH|ENTERPRISE|TRADING|RESTAURANT|RESTORAN|CAFE|MART|MARKET|STORE|HARDWARE|BOOK|"
    r"PHARMACY|FARMASI|STATIONERY|HOUSE|KITCHEN|BAKERY|COMPANY|CO\.)", re.IGNORECASE,
)  # fmt: skip
STREET = re.compile(
    r"\b(NO\.? ?\d|LOT|JALAN|JLN|LORONG|TAMAN|TMN|STREET|ROAD|AVENUE|LEVEL|FLOOR|BLOCK|PLAZA|MALL|BANDAR|KAWASAN|"
    r"SEKSYEN|SELANGOR|JOHOR|KUALA LUMPUR|SINGAPORE|MALAYSIA|\d{5})\b", re.IGNORECASE,
)  # fmt: skip
NO_PART = re.compile(
    r"\b(TEL|FAX|GST|PHONE|REG|CO\.? ?REG|INVOICE|RECEIPT|DATE|CASHIER|EMAIL|WWW|TAX)\b", re.IGNORECASE
)
TOTAL = re.compile(r"\b(TOTAL|AMOUNT DUE|AMT DUE|JUMLAH|NETT?)\b", re.IGNORECASE)
NOT_TOTAL = re.compile(
    r"\b(SUB|QTY|QUANTITY|ITEMS?|EXCL\w*|GST|TAX|DISC\w*|SAVINGS?|CHANGE|CASH|TENDER\w*|SALES|PAID)\b", re.IGNORECASE
)
SURE = re.compile(r"\b(ROUND\w*|INCL\w*)\b", re.IGNORECASE)
MONEY = re.compile(r"(?:RM|MYR|[$€£¥])?\d[\d,]*[.,]\d\d(?!\d)")
NUMBER = re.compile(r"\s*\(?(?:\w+[. ]*)?\d{4,}.*$")


def by_rules(page: TokenPage, words: Sequence[Word]) -> Extraction:
    """The facts of a page; a rule that finds nothing gives none. The confidences are 1.

    Args:
        page: the tokens.
        words: the regions that they were made from.
    """
    texts = [word.text or "" for word in words]
    found = {"company": company(texts), "address": address(texts), "date": dated(texts), "total": total(words, texts)}
    fields = {
        name: value(name, regions, texts, page.tokens) for name, regions in found.items() if regions and name in FIELDS
    }
    return Extraction({name: each for name, each in fields.items() if each.text}, ())


def value(name: str, regions: Sequence[int], texts: Sequence[str], tokens: Sequence[Token]) -> Value:
    """The value that regions have."""
    text = " ".join(texts[region] for region in regions)
    if name == "total":
        text = MONEY.findall(text)[-1]
    elif name == "company":
        text = NUMBER.sub("", text) or text
    return Value(printed(name, text), 1.0, tuple(n for n, token in enumerate(tokens) if token.region in regions))


def company(texts: Sequence[str]) -> list[int]:
    """The first region at the top that is named like a company, else the first that is mostly letters."""
    top = list(range(min(HEAD, len(texts))))
    named = [n for n in top if FORM.search(texts[n]) and not NO_PART.search(texts[n])]
    lettered = [n for n in top if sum(map(str.isalpha, texts[n])) > max(3, len(texts[n]) // 2)]
    return (named or lettered)[:1]


def address(texts: Sequence[str]) -> list[int]:
    """The regions near the top from the first to the last that has words of addresses, but for numbers and names."""
    like = [n for n in range(min(ADDRESS, len(texts))) if STREET.search(texts[n]) and not NO_PART.search(texts[n])]
    if not like:
        return []
    last = like[0]
    for number in like[1:]:
        if number - last <= 2:
            last = number
    return [n for n in range(like[0], last + 1) if not NO_PART.search(texts[n])]


def dated(texts: Sequence[str]) -> list[int]:
    """The first region with a date behind the word, else the first with a date."""
    dates = [n for n, text in enumerate(texts) if find_date(text)]
    named = [n for n in dates if "DATE" in (texts[n] + (texts[n - 1] if n else "")).upper()]
    return (named or dates)[:1]


def total(words: Sequence[Word], texts: Sequence[str]) -> list[int]:
    """The largest amount in a row with the label of a total, of those that are surely totals if there are such."""
    places_R4 = level_boxes([word.points_N2 for word in words])
    labels = [n for n, text in enumerate(texts) if TOTAL.search(text)]
    sure = [n for n in labels if SURE.search(texts[n])]
    for chosen in (sure, [n for n in labels if not NOT_TOTAL.search(texts[n])], labels):
        amounts = {n for label in chosen for n in in_row(label, places_R4) if MONEY.search(texts[n])}
        if amounts:
            return [max(sorted(amounts), key=lambda n: parse_amount(MONEY.findall(texts[n])[-1]) or 0)]
    return []


def in_row(region: int, places_R4: FloatArray) -> Iterator[int]:
    """The regions whose middle is within half a line of a region's, itself included."""
    near_R = np.abs(places_R4[:, 2] - places_R4[region, 2]) < 0.5 * places_R4[region, 3]
    yield from np.flatnonzero(near_R).tolist()
