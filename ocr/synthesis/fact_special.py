"""Receipts that are no list of goods: petrol and parking."""

from __future__ import annotations

from ocr.fields import ITEM
from ocr.synthesis.bill import ONE, Purchase
from ocr.synthesis.content import Row, TextRow, cell, columns, pair, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_meta import Moment
from ocr.synthesis.marked import fact, fill

FUELS = (
    "RON95",
    "V-POWER 97",
    "FUELSAVE 95",
    "DIESEL EURO 5",
    "PRIMAX 95",
    "PETROL",
    "UNLEADED",
    "SUPER 98",
    "FUELSAVE DIESEL",
)


def fuel(manner: Manner) -> tuple[tuple[Purchase, ...], list[Row]]:
    """One filling, and its rows."""
    chance = manner.chance
    item = Purchase(manner.case(chance.pick(FUELS)), chance.integer(300, 6000) * 10, chance.integer(150, 330))
    litres = fact(manner.number(item.quantity // 10, 2), ITEM + "cnt", 1)
    unit = fact(manner.number(item.unit * 10, 3), ITEM + "unitprice", 1)
    price = manner.amount(item.price, ITEM + "price", 1)
    name = fact(item.name, ITEM + "nm", 1)
    code, money = chance.pick(("", " A", " C", " K")), manner.money or "RM"
    first = manner.cased(
        fill(
            chance.pick(("{} LITRE PUMP # {}", "{} LITRE  PUMP # {}", "{}L PUMP {}")),
            litres,
            f"{chance.integer(1, 14):02d}",
        )
    )
    if chance.coin(0.3):
        pump = single(manner.case(f"PUMP {chance.integer(1, 14)}"))
        return (item,), [
            pump,
            columns((name, litres + "L @ " + unit, price), (0.0, 0.3, 0.75, 1.0), ("left", "right", "right")),
        ]
    priced = TextRow((cell(name, 0.0, 0.5), cell(money, 0.55, 0.65), cell(price + code, 0.66, 1.0, "right")))
    per = TextRow((cell(unit, 0.0, 0.3), cell(money, 0.55, 0.65), cell(manner.case("/ LITRE"), 0.66, 1.0)))
    return (item,), [single(first), priced, per]


def parking(manner: Manner, moment: Moment) -> tuple[tuple[Purchase, ...], list[Row]]:
    """One stay, and its rows; the moment of payment is the receipt's."""
    chance = manner.chance
    item = Purchase(manner.case("PARKING FEE"), ONE, chance.integer(1, 60) * 50)
    fee = manner.priced(manner.amount(item.price, ITEM + "price", 1), manner.money_place)
    name = fact(item.name, ITEM + "nm", 1)
    stay = f"{chance.integer(0, 9)}:{chance.integer(0, 59):02d}"
    hour = chance.integer(0, moment.hour)
    entry = f"{manner.date_text(manner.day)} {moment.clock(hour, chance.integer(0, 59), chance.integer(0, 59))}"
    rows: list[Row] = [
        pair(manner.case("TICKET NO."), moment.number, split=0.4),
        pair(manner.case("ENTRY TIME"), entry, split=0.4),
        pair(manner.case(chance.pick(("PAID TIME", "EXIT TIME", "PAYMENT TIME"))), moment.both(), split=0.4),
        pair(manner.case("PARKING TIME"), stay, split=0.5),
        TextRow((cell(name, 0.0, 0.45), cell(manner.case("RATE A"), 0.48, 0.66), cell(fee, 0.68, 1.0, "right"))),
    ]
    return (item,), [rows[0], *rows[1:3], *(rows[3:4] if chance.coin(0.6) else []), rows[4]]
