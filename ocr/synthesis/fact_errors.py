"""Plant an error in an invented receipt: an amount for a check of sums to find."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from ocr.fields import FIELDS, ITEM, Span
from ocr.synthesis.chance import Chance
from ocr.synthesis.facts import FactSheet, printed_fields
from ocr.values import parse_amount


@dataclass(frozen=True, slots=True)
class PlantedError:
    """A receipt with one wrong amount.

    Attributes:
        sheet: the receipt as it is printed now; its ``bill`` is still the right one.
        region: place of the changed region in ``sheet.words``, from 0.
        span: the changed characters; it has the same place in the text before and after.
        before: the amount that adds up.
        after: the amount that is printed instead.
    """

    sheet: FactSheet
    region: int
    span: Span
    before: str
    after: str


def planted_error(seed: int, sheet: FactSheet) -> PlantedError:
    """Change one digit of one printed amount, or swap two, so that the receipt's amounts no longer add up.

    Only amounts that follow from other printed ones are changed: an item's price, the total and what leads to it, and
    what was paid where the change is printed. A pure function of its arguments.

    Args:
        seed: not negative; another seed changes another amount.
        sheet: what `ocr.synthesis.facts.invented_facts` returned.

    Raises:
        ValueError: the receipt has no amounts, or one that is no number.
    """
    chance = Chance(seed, f"error/{'/'.join(sheet.fields.values())}", 0)
    known = {abs(_value(sheet, number, span)) for number, span in _amounts(sheet)}
    known |= {2 * Decimal(abs(sheet.bill.rounding)).scaleb(-2)}
    checked = _checked(sheet)
    for number, span in chance.sample(checked, len(checked)):
        before = _text(sheet, number, span)
        # A difference as large as another amount may add up in another way: a subtotal without the tax, rounding with
        # the other sign.
        wrong = [text for text in _changed(before) if abs(_parsed(text) - _parsed(before)) not in known]
        if wrong:
            return _planted(sheet, number, span, chance.pick(wrong))
    raise ValueError(f"no amount of the receipt can be changed so that its sums are wrong: {sheet.fields}")


def _planted(sheet: FactSheet, number: int, span: Span, after: str) -> PlantedError:
    before = _text(sheet, number, span)
    words = list(sheet.words)
    text = words[number].transcription or ""
    words[number] = replace(words[number], transcription=text[: span.start] + after + text[span.end :])
    fields = printed_fields([word.transcription or "" for word in words], list(sheet.spans))
    return PlantedError(replace(sheet, words=tuple(words), fields=fields), number, span, before, after)


def _text(sheet: FactSheet, number: int, span: Span) -> str:
    return (sheet.words[number].transcription or "")[span.start : span.end]


def _value(sheet: FactSheet, number: int, span: Span) -> Decimal:
    return _parsed(_text(sheet, number, span))


def _parsed(text: str) -> Decimal:
    value = parse_amount(text)
    if value is None:
        raise ValueError(f"{text!r} is marked as an amount and is none")
    return value


def _amounts(sheet: FactSheet) -> list[tuple[int, Span]]:
    """All amounts with their regions."""
    places = ((number, span) for number, spans in enumerate(sheet.spans) for span in spans)
    return [(number, span) for number, span in places if FIELDS[span.field] == "amount"]


def _checked(sheet: FactSheet) -> list[tuple[int, Span]]:
    """The amounts that follow from others, with their regions."""
    amounts = _amounts(sheet)
    printed = [span.field for _, span in amounts]
    fields = {ITEM + "price", "subtotal", "discount", "service", "rounding", "card"}
    if printed.count("total") == 1:  # where it is printed twice, the other one still adds up
        fields.add("total")
    if "change" in printed and "cash" in printed:
        fields |= {"cash", "change"}
    if sheet.bill.rules.tax_added and sheet.bill.tax:
        fields.add("tax")
    return [(number, span) for number, span in amounts if span.field in fields]


def _changed(amount: str) -> list[str]:
    """The amount with another digit, or with two neighbouring digits swapped, in every way."""
    places = [place for place, letter in enumerate(amount) if letter.isdigit()]
    digits = [(place, digit) for place in places for digit in "0123456789" if digit != amount[place]]
    swaps = [(a, b) for a, b in pairwise(places) if amount[a] != amount[b]]
    return [amount[:place] + digit + amount[place + 1 :] for place, digit in digits] + [
        amount[:a] + amount[b] + amount[a + 1 : b] + amount[a] + amount[b + 1 :] for a, b in swaps
    ]
