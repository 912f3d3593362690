"""The facts of a receipt by their names.

Names of a receipt's own facts are plain words (``company``), those of a purchased item are CORD's (``menu.nm``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FieldKind = Literal["text", "phone", "date", "time", "amount", "count"]

FIELDS: Mapping[str, FieldKind] = {
    "company": "text",
    "registration": "text",
    "address": "text",
    "phone": "phone",
    "date": "date",
    "time": "time",
    "number": "text",
    "menu.nm": "text",
    "menu.cnt": "count",
    "menu.unitprice": "amount",
    "menu.discountprice": "amount",
    "menu.price": "amount",
    "subtotal": "amount",
    "discount": "amount",
    "service": "amount",
    "tax": "amount",
    "rounding": "amount",
    "total": "amount",
    "cash": "amount",
    "card": "amount",
    "change": "amount",
}
"""What is said of a receipt, in the order in which it is usually printed: name to the kind of its value. ``number`` is
the receipt's own, ``registration`` the company's, ``cash`` and ``card`` are what was paid."""

ITEM = "menu."
"""Beginning of the names of an item's facts, of which a receipt has several."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text that state a fact.

    Attributes:
        start: place of the first character in the text, from 0.
        end: place behind the last character, greater than ``start``.
        field: a name of `FIELDS`.
        item: number of the purchase that the fact belongs to, from 1, or ``None``.
    """

    start: int
    end: int
    field: str
    item: int | None = None

    def moved(self, by: int) -> Span:
        """The same characters where so many others stand before them."""
        return Span(self.start + by, self.end + by, self.field, self.item)

    def within(self, start: int, end: int) -> Span | None:
        """What is left of it in the text from start to end, or ``None``."""
        first, last = max(self.start, start), min(self.end, end)
        return Span(first - start, last - start, self.field, self.item) if first < last else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a receipt says.

    Attributes:
        fields: its values as printed, by names of `FIELDS`.
        items: what was bought, in the order of print, each with its values as printed by the names that begin with
            `ITEM`.
    """

    fields: dict[str, str] = field(default_factory=dict)
    items: tuple[dict[str, str], ...] = ()

    @property
    def known(self) -> bool:
        """Whether it says anything."""
        return bool(self.fields or self.items)
