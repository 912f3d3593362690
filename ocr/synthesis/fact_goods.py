"""The goods of an invented receipt."""

from __future__ import annotations

from dataclasses import replace

from ocr.synthesis import fact_words as words
from ocr.synthesis import words_korean
from ocr.synthesis.bill import ONE, Purchase
from ocr.synthesis.chance import Chance
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.varied import invented_hangul, invented_word
from ocr.synthesis.vocabulary import WORDS as VOCABULARY

QUALITIES = (*words.ENGLISH, "LARGE", "MINI", "HOT", "ICED", "FRESH", "PREMIUM", "RED", "BLACK", "SPICY")


def invented_items(manner: Manner) -> tuple[Purchase, ...]:
    """What was bought; a fifth of the receipts have zero-rated items, few have discounts."""
    chance = manner.chance
    count = chance.weighted(((chance.integer(1, 3), 6), (chance.integer(3, 8), 5), (chance.integer(9, 24), 1)))
    mixed, discounts = chance.coin(0.2), chance.coin(0.15)
    weighed = chance.coin(0.06) and manner.code != "kr"
    return tuple(_item(manner, weighed, discounts, not mixed or chance.coin(0.5)) for _ in range(count))


def _item(manner: Manner, weighed: bool, discounts: bool, taxed: bool) -> Purchase:
    chance = manner.chance
    quantity = chance.weighted(((1, 12), (2, 4), (3, 2), (chance.integer(4, 30), 1))) * ONE
    if weighed and chance.coin(0.6):
        quantity = chance.integer(40, 3999)
    unit = _unit_price(manner)
    amount = chance.integer(1, 20) * (100 if manner.code == "kr" else 5)
    item = Purchase(item_name(manner), quantity, unit, 0, taxed)
    if item.gross == 0:  # a few grams of something cheap
        item = replace(item, quantity=ONE)
    discount = chance.pick((amount, item.gross // 1000 * 100, item.gross // 5))
    return replace(item, discount=discount) if discounts and chance.coin(0.5) and discount < item.gross else item


def _unit_price(manner: Manner) -> int:
    chance = manner.chance
    if manner.code == "kr":
        return chance.integer(5, 400) * 100
    round_price, odd = chance.integer(4, 400) * 5, chance.integer(1, 99) * 100 - 1
    return chance.weighted(
        ((round_price, 6), (odd, 2), (chance.integer(10, 999) * 10, 3), (chance.integer(100, 40000), 1))
    )


def _common(chance: Chance) -> str:
    return " ".join(chance.pick(VOCABULARY) for _ in range(chance.integer(1, 3))).upper()


def _rare(chance: Chance) -> str:
    return invented_word(chance, chance.integer(3, 9)).upper()


def item_name(manner: Manner) -> str:
    """The name of an item, in the receipt's letter case."""
    chance = manner.chance
    if manner.code == "kr":
        name = chance.pick(words_korean.GOODS) if chance.coin(0.6) else invented_hangul(chance, chance.integer(2, 6))
        name = f"{chance.pick(words_korean.QUALITIES)} {name}" if chance.coin(0.25) else name
        return f"{name} {chance.pick(words_korean.SIZES)}" if chance.coin(0.3) else name
    parts = [chance.weighted(((chance.pick(words.GOODS), 5), (_common(chance), 3), (_rare(chance), 2)))]
    if chance.coin(0.3):
        parts.insert(0, chance.pick(QUALITIES))
    if chance.coin(0.2):
        parts.insert(0, invented_word(chance, chance.integer(3, 7)).upper())
    if chance.coin(0.15):
        parts += [chance.pick(("&", "WITH", "+", "W/", "/")), chance.pick(words.GOODS)]
    if chance.coin(0.35):
        number = chance.integer(1, 50)
        sizes = (
            "{}00G",
            "{}KG",
            "{}50ML",
            "{}S",
            '3/4"',
            "(S)",
            "(L)",
            "{}PCS",
            "{}L",
            "{}MM X 2M",
            "A4",
            "#2",
            "{}G",
            "1{}S",
        )
        parts.append(chance.pick(sizes).format(number))
    if chance.coin(0.08):
        parts.append(f"{chance.pick(('ES', 'WA', 'HC', 'EZ'))}{chance.integer(1, 999)}-{chance.integer(1, 99)}")
    return manner.case(" ".join(parts))
