"""Whether a receipt's amounts add up: items, subtotal, discount, service, tax, rounding, total, payment, change.

Receipts print the same sums in different ways: tax and service are added or included, a discount is taken off before or
after the subtotal, rounding has its sign or not. A sum counts as right if one of these ways gives it to the cent, and
as wrong if none does; where an amount of it is not printed, not found or too uncertain, nothing can be said of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import product
from typing import Literal

from ocr.fields import ITEM, Facts
from ocr.values import parse_amount, parse_count

Verdict = Literal["consistent", "inconsistent", "unknown"]

ALIKE: Mapping[str, str] = {
    "0": "689", "1": "47", "2": "7", "3": "859", "4": "19", "5": "369", "6": "058", "7": "12", "8": "0369", "9": "0438",
}  # fmt: skip
"""Digits that are read for each other."""
DOUBT = 0.9
"""Confidence of a digit below which another reading of it is considered."""
WIDE = Context(prec=200)
"""Precision in which no product of what is read overflows."""
LEADING_ZERO = re.compile(r"\D*0\d")
"""An amount that begins with a zero too many: no other reading of one that does not."""
MOST = 3
"""Most digits of a receipt of which other readings are considered."""
INPUTS: Mapping[str, frozenset[str]] = {
    "items": frozenset({"subtotal", "tax", "service", "discount"}),
    "total": frozenset({"subtotal", "tax", "service", "discount", "rounding", "total"}),
    "payment": frozenset({"total", "cash", "card", "change"}),
}
"""The receipt's amounts that a sum is computed from."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum of a receipt.

    Attributes:
        name: what is computed: ``item 3``, ``items``, ``total``, ``payment``.
        printed: the amount that is printed for it.
        computed: the nearest amount that the others give.
        unsure: its amounts that are too uncertain for it to be called wrong: places, as in `SumReport.changed`.
    """

    name: str
    printed: Decimal
    computed: Decimal
    unsure: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether both are equal."""
        return self.printed == self.computed

    def __str__(self) -> str:
        """The sum, and by how much it is off."""
        if self.right:
            return f"{self.name}: {self.printed} adds up"
        off = f"{self.printed} is printed, {self.computed} computed, {self.printed - self.computed:+} off"
        return f"{self.name}: {off}" + (f"; not sure: {', '.join(self.unsure)}" if self.unsure else "")


@dataclass(frozen=True, slots=True)
class SumReport:
    """The sums of a receipt that can be computed.

    Attributes:
        sums: those, in the order of print.
        changed: amounts of which another reading was chosen, because it alone adds up: place to (read, chosen). A place
            is a field, or ``menu.price 2`` of the second item.
    """

    sums: tuple[Sum, ...]
    changed: Mapping[str, tuple[str, str]]

    @property
    def verdict(self) -> Verdict:
        """``inconsistent`` if a sum is wrong, ``consistent`` if all are right.

        ``unknown`` if no sum can be computed, or if those that are not right have amounts that are too uncertain.
        """
        off = [each for each in self.sums if not each.right]
        if any(not each.unsure for each in off):
            return "inconsistent"
        return "consistent" if self.sums and not off else "unknown"


def check_sums(facts: Facts, unsure: Collection[str] = ()) -> SumReport:
    """Compute the sums of a receipt.

    Args:
        facts: what was read.
        unsure: places of amounts and counts, as in `SumReport.changed`, that are so uncertain that a sum is not called
            wrong for them.
    """
    sums = (
        replace(each, unsure=tuple(place for place in unsure if _takes(each.name, place, facts)))
        for each in _sums(facts)
    )
    return SumReport(tuple(sums), {})


def _takes(name: str, place: str, facts: Facts) -> bool:
    """Whether a sum is computed from the amount at a place."""
    field, _, number = place.partition(" ")
    if not number:
        return field in INPUTS.get(name, ())
    if name == f"item {number}":
        return True
    # Whether a discount is taken off before or after the subtotal follows from the items.
    without = "discount" in facts.fields or parse_amount(facts.fields.get("subtotal", "")) is None
    of_items = name == "items" or (name == "total" and without)
    unused = {ITEM + "cnt", *([ITEM + "unitprice"] if ITEM + "price" in facts.items[int(number) - 1] else [])}
    return of_items and field not in unused


def _sums(facts: Facts) -> Iterator[Sum]:
    amounts = {name: value for name, text in facts.fields.items() if (value := parse_amount(text)) is not None}
    prices, less = [], Decimal(0)
    for number, item in enumerate(facts.items, start=1):
        unit, count = (item.get(ITEM + name) for name in ("unitprice", "cnt"))
        price = parse_amount(item.get(ITEM + "price") or unit or "")
        off = abs(parse_amount(item.get(ITEM + "discountprice", "")) or Decimal(0))
        prices.append(price)
        less += off
        if (
            price is not None
            and ITEM + "price" in item
            and unit
            and count
            and (pieces := parse_count(count)) is not None
        ):
            # 2.730 is a price with three decimals where the amounts have two, and 2,730 where they have none.
            each = [value for value in (parse_amount(unit), parse_count(unit)) if value is not None]
            products = [(value * pieces).quantize(price, ROUND_HALF_UP, WIDE) for value in each]
            yield nearest(f"item {number}", price, [product - taken for product in products for taken in (0, off)])
    known = [price for price in prices if price is not None]
    items = sum(known, Decimal(0)) if known and len(known) == len(prices) else None
    yield from _of_receipt(amounts, items, less)
    total, paid = amounts.get("total"), [amounts[name] for name in ("cash", "card") if name in amounts]
    if total is not None and paid and ("change" in amounts or "cash" not in amounts):
        yield nearest("payment", total, [sum(paid, Decimal(0)) - abs(amounts.get("change", Decimal(0)))])


def _of_receipt(amounts: Mapping[str, Decimal], items: Decimal | None, less: Decimal) -> Iterator[Sum]:
    """The subtotal from the items, and the total from the subtotal or the items.

    Args:
        amounts: by field.
        items: sum of the items' prices, if all are known.
        less: sum of what is taken off single items, which their prices have or have not.
    """
    tax, service, discount, rounding = (
        abs(amounts.get(name, Decimal(0))) for name in ("tax", "service", "discount", "rounding")
    )
    of_items = [] if items is None else [items, items - less]
    total, subtotal = amounts.get("total"), amounts.get("subtotal")
    bases = of_items if subtotal is None else [subtotal]
    # What is taken off the whole is taken off once: after the subtotal, unless that is without it already. Some
    # receipts print the sum of what was taken off the items as such.
    taken = [discount] if of_items and discount != less else [Decimal(0), discount]
    if subtotal is not None and of_items:
        whole = [
            base + more + v for base in of_items for more in (Decimal(0), tax, -tax) for v in (Decimal(0), service)
        ]
        yield nearest("items", subtotal, [*whole, *(base - discount for base in whole)])
        if subtotal not in whole:
            taken = [Decimal(0)]
    if total is not None and bases:
        sums = product(bases, (Decimal(0), tax), (Decimal(0), service), taken, (rounding, -rounding))
        yield nearest("total", total, [base + t + v - off + r for base, t, v, off, r in sums])


def nearest(name: str, printed: Decimal, computed: Sequence[Decimal]) -> Sum:
    """The sum whose computed amount is nearest to the printed one."""
    return Sum(name, printed, min(computed, key=lambda value: abs(value - printed)))


def resolve(
    facts: Facts, doubtful: Mapping[str, Sequence[str]], unsure: Collection[str] = ()
) -> tuple[Facts, SumReport]:
    """The facts with another reading of an amount, if they do not add up, and do with exactly one other reading.

    Args:
        facts: what was read.
        doubtful: other readings of amounts by place, as in `SumReport.changed`; see `readings`.
        unsure: as for `check_sums`.

    Returns:
        The facts, changed or not, and their sums.
    """
    report = check_sums(facts, unsure)
    if all(each.right for each in report.sums):
        return facts, report
    fitting = []
    for place, others in doubtful.items():
        for text in others:
            changed = with_value(facts, place, text)
            if check_sums(changed).verdict == "consistent":
                fitting.append((place, text, changed))
    if len(fitting) != 1:
        return facts, report
    place, text, changed = fitting[0]
    return changed, replace(check_sums(changed), changed={place: (value_at(facts, place), text)})


def readings(text: str, confidences: Sequence[float]) -> list[str]:
    """Other readings of an amount: one of its uncertain digits replaced by one that looks like it.

    Args:
        text: the amount as read.
        confidences: of its characters, 0 to 1.
    """
    unsure = [n for n, letter in enumerate(text) if letter in ALIKE and confidences[n] < DOUBT]
    unsure = sorted(unsure, key=lambda n: confidences[n])[:MOST]
    others = [text[:n] + digit + text[n + 1 :] for n in sorted(unsure) for digit in ALIKE[text[n]]]
    return [other for other in others if LEADING_ZERO.match(text) or not LEADING_ZERO.match(other)]


def value_at(facts: Facts, place: str) -> str:
    """The value at a place, as in `SumReport.changed`."""
    name, _, number = place.partition(" ")
    return facts.items[int(number) - 1][name] if number else facts.fields[name]


def with_value(facts: Facts, place: str, text: str) -> Facts:
    """The facts with another value at a place."""
    name, _, number = place.partition(" ")
    if not number:
        return Facts({**facts.fields, name: text}, facts.items)
    at = int(number) - 1
    return Facts(facts.fields, (*facts.items[:at], {**facts.items[at], name: text}, *facts.items[at + 1 :]))
