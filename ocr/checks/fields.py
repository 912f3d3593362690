"""Check what an annotation says of a receipt: the values of its fields, and the labels of its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocr.checks.kinds import Kind
from ocr.checks.texts import quoted
from ocr.checks.words import CheckedWord, Flaws
from ocr.fields import FIELDS, ITEM
from ocr.formats.common.labels import joined_text
from ocr.formats.common.writing import by_line
from ocr.types import Word
from ocr.values import AMOUNT, parse_amount, parse_date

LONGEST = 10_000
"""Characters of a text that are searched: more than a receipt has, and no more than hostile data may cost."""
NAME, PRICE = "menu.nm", "menu.price"


def check_fields(checked: Sequence[CheckedWord], fields: Mapping[str, str]) -> Flaws:
    """Add the flaws of labels to the words, and return those of the receipt's values.

    Dates and amounts are compared by their value, so that 9.00 is found in "RM 9.00". They are not looked for if the
    text of a word that is not ignored is unknown.

    Args:
        checked: the words of one image.
        fields: the receipt's values as text, by field.
    """
    usable = [(each, each.word) for each in checked if each.word is not None]
    check_values(usable)
    check_items(usable)
    texts = texts_of([word for _, word in usable])
    flaws = []
    for name, value in fields.items():
        text = value[:LONGEST]
        flaw = value_flaw(name, text)
        if flaw is not None:
            flaws.append(flaw)
        elif texts and not is_among(name, text, texts):
            flaws.append((Kind.FIELD_NOT_IN_TEXT, f"{name}: {quoted(text)}"))
    return flaws


def check_values(usable: Sequence[tuple[CheckedWord, Word]]) -> None:
    """Add a flaw to the first word of each labelled date without a date, and of each amount without a number."""
    groups: dict[object, list[tuple[CheckedWord, Word]]] = {}
    for each, word in usable:
        if word.field is not None and not word.ignore:
            # Facts of an item whose number is unknown: one on each line.
            alone = word.field.startswith(ITEM) and word.item is None
            place = (each.key if word.line is None else word.line) if alone else None
            groups.setdefault((word.field, word.item, place), []).append((each, word))
    for group in groups.values():
        first, labelled = group[0]
        text = joined_text([word for _, word in group])
        if text is not None and (flaw := value_flaw(labelled.field or "", text[:LONGEST])):
            first.flaws.append(flaw)


def check_items(usable: Sequence[tuple[CheckedWord, Word]]) -> None:
    """Add a flaw to the first word of each item that has a name but no price."""
    priced = {word.item for _, word in usable if word.field == PRICE}
    for each, word in usable:
        if word.field == NAME and word.item is not None and word.item not in priced:
            each.flaws.append((Kind.ITEM_WITHOUT_PRICE, f"item {word.item}: {quoted(word.text or '')}"))
            priced.add(word.item)  # named once


def value_flaw(name: str, text: str) -> tuple[Kind, str] | None:
    """The flaw of a field's value that cannot be what the field is; ``None`` if it can."""
    kind = FIELDS.get(name)
    if kind == "date" and parse_date(text) is None and parse_date(text, year_first=True) is None:
        return Kind.NOT_A_DATE, f"{name}: {quoted(text)}"
    if kind == "amount" and parse_amount(text) is None:
        return Kind.NOT_AN_AMOUNT, f"{name}: {quoted(text)}"
    return None


def texts_of(words: Sequence[Word]) -> list[str]:
    """The texts of the words, of the lines and of all together; none if one that is not ignored is unknown."""
    if any(word.text is None and not word.ignore for word in words):
        return []
    known = [word for word in words if word.text is not None]
    lines = by_line((str(number), word) for number, word in enumerate(known))
    groups = [*([word] for word in known), *(line.values() for line in lines if len(line) > 1), known]
    return [(joined_text(group) or "")[:LONGEST] for group in groups]


def is_among(name: str, text: str, texts: Sequence[str]) -> bool:
    """Whether a date or an amount is in one of the texts; fields of other kinds are not looked for."""
    kind = FIELDS.get(name)
    if kind == "amount":
        return any(abs(parse_amount(text) or 0) in amounts_in(each) for each in texts)
    if kind == "date" and not any(text in each for each in texts):
        dates = {parse_date(text), parse_date(text, year_first=True)} - {None}
        return any({parse_date(each), parse_date(each, year_first=True)} & dates for each in texts)
    return True


def amounts_in(text: str) -> set[object]:
    """The amounts in a text without their signs: digits with blanks between are one, and several."""
    numbers = [match.group() for match in AMOUNT.finditer(text)]
    return {parse_amount(part) for number in numbers for part in (number, *number.split())}
