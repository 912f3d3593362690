"""The goods on an English receipt, and their tables."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.fields import ITEM
from ocr.synthesis import words_english as words
from ocr.synthesis.content import Align, Cell, Row, TextRow, cell, columns, pair, single
from ocr.synthesis.english_voice import Voice
from ocr.synthesis.marked import Marked, fact, fill

TABLES: tuple[tuple[tuple[str, ...], tuple[float, ...], tuple[Align, ...]], ...] = (
    (("QTY", "DESCRIPTION", "AMOUNT"), (0.0, 0.14, 0.74, 1.0), ("left", "left", "right")),
    (("Item", "Qty", "Price", "Amount"), (0.0, 0.42, 0.54, 0.76, 1.0), ("left", "right", "right", "right")),
    (("Description", "Qty", "U.Price", "Total"), (0.0, 0.40, 0.52, 0.75, 1.0), ("left", "center", "right", "right")),
    (("ITEM", "PRICE", "AMT"), (0.0, 0.5, 0.74, 1.0), ("left", "right", "right")),
    (("No", "Item", "Qty", "Amt"), (0.0, 0.1, 0.62, 0.74, 1.0), ("left", "left", "right", "right")),
    (("Code", "Desc", "Qty", "Price", "Disc", "Amt", "Tax"), (0.0, 0.16, 0.42, 0.5, 0.64, 0.76, 0.92, 1.0),
     ("left", "left", "right", "right", "right", "right", "right")),
    (("Qty", "Item", "Total", "Tax"), (0.0, 0.1, 0.66, 0.88, 1.0), ("left", "left", "right", "right")),
)  # fmt: skip
STACKED: tuple[tuple[tuple[str, ...], tuple[float, ...], tuple[Align, ...]], ...] = (
    (("Item", "Qty", "S/Price", "Amount", "Tax"), (0.0, 0.3, 0.42, 0.63, 0.86, 1.0),
     ("left", "right", "right", "right", "right")),
    (("Code", "Qty", "U/P", "Disc%", "Amount", "Tax"), (0.0, 0.34, 0.42, 0.58, 0.72, 0.92, 1.0),
     ("left", "right", "right", "right", "right", "right")),
    (("Qty", "Price", "Disc", "Amount", "Tax"), (0.0, 0.26, 0.46, 0.62, 0.86, 1.0),
     ("center", "right", "right", "right", "right")),
)  # fmt: skip

NAME, COUNT, UNIT, PRICE = (ITEM + name for name in ("nm", "cnt", "unitprice", "price"))


@dataclass(frozen=True, slots=True)
class Item:
    """An item sold: name, quantity, unit price in cents."""

    name: str
    quantity: int
    price: int


def pick_items(voice: Voice, count: int) -> list[Item]:
    """Random items."""
    chance = voice.chance
    return [
        Item(
            _name(voice),
            chance.weighted(((1, 6), (2, 2), (3, 1), (chance.integer(4, 24), 1))),
            chance.integer(2, 900) * chance.pick((5, 10, 10)),
        )
        for _ in range(count)
    ]


def item_rows(voice: Voice, items: list[Item]) -> list[Row]:
    """The items, in one of the usual layouts."""
    layout = voice.chance.weighted(((_column_table, 4), (_stacked_table, 3), (_two_row_list, 3), (_plain_list, 2)))
    return layout(voice, items)


def _name(voice: Voice) -> str:
    chance = voice.chance
    parts = [chance.pick(words.GOODS)]
    if chance.coin(0.5):
        parts.insert(0, chance.pick(words.QUALITIES))
    if chance.coin(0.25):
        parts.insert(0, chance.pick(words.BRANDS))
    if chance.coin(0.12):
        parts += [chance.pick(("&", "WITH", "+", "/")), chance.pick(words.GOODS)]
    if chance.coin(0.45):
        parts.append(chance.pick(words.SIZES))
    if chance.coin(0.15):
        parts.append(
            f"{chance.pick(('HC', 'SX', 'WA', 'FZ', 'EZ'))}{chance.integer(1, 99):02d}-{chance.integer(1, 99)}"
        )
    return voice.case(" ".join(part for part in parts if part))


def _column_table(voice: Voice, items: list[Item]) -> list[Row]:
    """One row per item below a heading, with columns."""
    heads, borders, aligns = voice.chance.pick(TABLES)
    rows = _headings(voice, heads, borders, aligns)
    for number, item in enumerate(items, start=1):
        values = _values(voice, item, number)
        rows.append(columns(tuple(values[head.lower()] for head in heads), borders, aligns))
    return rows


def _stacked_table(voice: Voice, items: list[Item]) -> list[Row]:
    """Figures in columns, the name on a separate row above or below them."""
    chance = voice.chance
    heads, borders, aligns = chance.pick(STACKED)
    rows, below, indent = _headings(voice, heads, borders, aligns), chance.coin(0.5), chance.pick((0.0, 0.0, 0.03))
    for number, item in enumerate(items, start=1):
        values = _values(voice, item, number) | {"item": Marked(chance.digits(chance.integer(4, 13)))}
        figures = columns(tuple(values[head.lower()] for head in heads), borders, aligns)
        name = TextRow((cell(fact(item.name, NAME, number), indent, 1.0),))
        rows += [figures, name] if below else [name, figures]
    return rows


def _headings(voice: Voice, heads: tuple[str, ...], borders: tuple[float, ...], aligns: tuple[Align, ...]) -> list[Row]:
    """The table's heading: one row or two, with or without a separator."""
    chance = voice.chance
    rows: list[Row] = [columns(tuple(voice.case(head) for head in heads), borders, aligns)]
    if voice.currency and chance.coin(0.15):
        below = tuple(f"({voice.currency})" if align == "right" else "" for align in aligns)
        rows.append(columns(below, borders, aligns))
    return [*rows, voice.separator()] if chance.coin(0.75) else rows


def _values(voice: Voice, item: Item, number: int) -> dict[str, Marked]:
    """The item's values by column heading."""
    chance = voice.chance
    amount = voice.amount(item.price * item.quantity, PRICE, number)
    quantity = fact(f"{item.quantity}.00" if chance.coin(0.1) else str(item.quantity), COUNT, number)
    unit, name = voice.amount(item.price, UNIT, number), fact(item.name, NAME, number)
    others = {
        "no": str(number), "code": chance.digits(chance.integer(4, 7)), "disc": "0.00",
        "disc%": chance.pick(("0.00", "0", "")), "tax": chance.pick(("SR", "SR", "S", "ZR", "T")),
    }  # fmt: skip
    return {
        "qty": quantity, "price": unit, "u.price": unit, "s/price": unit, "u/p": unit, "amount": amount,
        "total": amount, "amt": amount, "item": name, "description": name, "desc": name,
    } | {head: Marked(text) for head, text in others.items()}  # fmt: skip


def _two_row_list(voice: Voice, items: list[Item]) -> list[Row]:
    """The name on one row, article number, quantity and amount on the next."""
    chance = voice.chance
    flag, flag_above = chance.pick(("", "", "SR", "*S", "T", "S")), chance.coin(0.4)
    sign, coded = chance.pick((" X ", " x ", "X", " @ ", " PKT * ", " UNIT x ")), chance.coin(0.7)
    rows: list[Row] = []
    for number, item in enumerate(items, start=1):
        name = fact(item.name, NAME, number)
        rows.append(pair(name, flag, split=0.88) if flag and flag_above else single(name))
        cells = [Cell(chance.digits(chance.integer(6, 13)), 0.0, 0.40)] if coded else []
        times = fact(str(item.quantity), COUNT, number) + sign + voice.amount(item.price, UNIT, number)
        cells.append(cell(times, 0.40, 0.72, "right" if coded else "left"))
        last = 0.90 if flag and not flag_above else 1.0
        cells.append(cell(voice.amount(item.price * item.quantity, PRICE, number), 0.72, last, "right"))
        if last < 1.0:
            cells.append(Cell(flag, 0.91, 1.0, "right"))
        rows.append(TextRow(tuple(cells)))
        if chance.coin(0.06):
            off = voice.amount(-chance.integer(1, 40) * 5, ITEM + "discountprice", number)
            rows.append(pair(voice.case("MEMBER DISCOUNT"), off, split=0.72))
    return rows


def _plain_list(voice: Voice, items: list[Item]) -> list[Row]:
    """Quantity and name on the left, amount on the right; the quantity may have its own column."""
    style = voice.chance.pick(("{} {}", "{}x {}", "", ""))
    rows: list[Row] = []
    for number, item in enumerate(items, start=1):
        amount = voice.amount(item.price * item.quantity, PRICE, number)
        quantity, name = fact(str(item.quantity), COUNT, number), fact(item.name, NAME, number)
        if style:
            rows.append(pair(fill(style, quantity, name), amount, split=0.72))
        else:
            rows.append(columns((quantity, name, amount), (0.0, 0.1, 0.74, 1.0), ("left", "left", "right")))
        if voice.chance.coin(0.08):
            rows.append(TextRow((Cell(f"- {_name(voice)}", 0.1, 1.0),)))
    return rows
