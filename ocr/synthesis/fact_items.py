"""The goods of an invented receipt and the many ways to print them."""

from __future__ import annotations

from ocr.fields import ITEM
from ocr.synthesis import fact_words as words
from ocr.synthesis.bill import ONE, Purchase
from ocr.synthesis.content import Align, Row, TextRow, cell, columns, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.marked import Marked, fact, fill

ONE_ROW = (
    ("qty", "name", "amount"), ("name", "amount"), ("name", "qty", "amount"), ("name", "qty", "unit", "amount"),
    ("no", "name", "qty", "unit", "amount"), ("code", "name", "qty", "unit", "disc", "amount", "flag"),
    ("code", "name", "amount"), ("qty", "name", "unit", "amount"), ("qty", "name", "unit", "disc", "amount", "flag"),
    ("name", "unit", "qty", "amount"), ("qty", "name", "amount", "flag"), ("name", "qty", "unit", "disc", "amount"),
    ("no", "name", "qty", "amount"), ("no", "code", "name", "qty", "amount"), ("name", "unit", "amount"),
    ("name", "amount", "flag"), ("qty", "name", "amount"),
)  # fmt: skip
FIGURES = (
    ("code", "times", "amount"), ("code", "qty", "x", "unit", "amount"), ("times", "amount"),
    ("times", "amount", "flag"), ("code", "qty", "unit", "amount", "flag"), ("code", "qty", "unit", "amount"),
    ("qty", "unit", "amount"), ("qty", "unit", "disc", "amount"), ("qty", "x", "unit", "amount"),
    ("code", "times", "amount", "flag"), ("qtyx", "unit", "amount", "flag"), ("unit", "qty", "amount"),
    ("code", "amount"), ("no", "code", "qty", "unit", "amount"), ("code", "unit", "qty", "amount"),
    ("code", "qty", "unit", "disc", "amount", "flag"),
)  # fmt: skip
NUMERIC: tuple[Align, ...] = ("right", "right", "center", "left")
WIDTHS = {
    "no": 0.08,
    "code": 0.3,
    "qty": 0.11,
    "name": 0.4,
    "unit": 0.18,
    "disc": 0.14,
    "amount": 0.2,
    "flag": 0.08,
    "times": 0.3,
    "x": 0.06,
    "qtyx": 0.12,
}  # fmt: skip
TIMES = (
    "{} X {}", "{} X {}", "{} x {}", "{}X{}", "{} @ {}", "{}*{}", "{} PKT * {}", "{} UNIT x {}", "{}X {}", "{} @{}",
    "{} x{}", "{} PCS X {}", "{} @ $ {}", "({} X {})",
)  # fmt: skip


class ItemTable:
    """The arrangement of the items on one receipt."""

    def __init__(self, manner: Manner) -> None:
        chance = manner.chance
        self.manner = manner
        self.kind = chance.weighted((("one", 9), ("above", 7), ("below", 4), ("three", 1), ("ticket", 2)))
        self.keys = chance.pick(ONE_ROW) if self.kind == "one" else chance.pick(FIGURES)
        self.times = chance.pick(TIMES)
        self.sign = chance.pick(("X", "x", "*", "@", "X"))
        self.money = manner.money_place if chance.coin(0.35) and manner.money_place != "column" else "none"
        self.quantity = chance.weighted((("{}", 8), ("{}.00", 2), ("{}.000", 1), ("{}.0", 1)))
        self.decimals = chance.weighted(((2, 9), (4, 1)))
        self.flags = chance.pick(
            (("SR", "ZRL"), ("S", "Z"), ("*S", "Z"), ("T", "N"), ("SR", "ZR"), ("ST", "NS"), ("A", "B"), ("S", ""))
        )
        self.flag_joined = "flag" not in self.keys and chance.coin(0.25)
        self.coded_name = chance.weighted(
            (("", 8), ("{0} {1}", 2), ("{2}. {1}", 1), ("{3} {0}- {1}", 1), ("[{0}]{1}", 1), ("{2} {1}", 1))
        )
        self.digits = chance.pick((4, 5, 6, 7, 8, 12, 13, 13))
        self.indent = chance.pick((0.0, 0.0, 0.0, 0.04))
        self.off = manner.case(manner.word("discount"))
        self.borders, self.aligns = self._borders()

    def _borders(self) -> tuple[tuple[float, ...], tuple[Align, ...]]:
        """Borders as fractions of the width, the name's or the first column taking what the others leave."""
        chance = self.manner.chance
        wide = "name" if "name" in self.keys else self.keys[0]
        sizes = [WIDTHS[key] * chance.uniform(0.85, 1.2) for key in self.keys]
        sizes[self.keys.index(wide)] = 0.0
        rest = 1.0 - sum(sizes)
        if rest < 0.2:
            sizes = [size * 0.8 / sum(sizes) for size in sizes]
            rest = 0.2
        sizes[self.keys.index(wide)] = rest
        borders = [0.0]
        for size in sizes:
            borders.append(min(1.0, borders[-1] + size))
        numeric: Align = chance.pick(NUMERIC)
        aligns: dict[str, Align] = dict.fromkeys(("unit", "disc", "amount", "flag"), "right")
        aligns |= {"qty": numeric, "times": numeric, "x": "center"}
        return tuple(borders), tuple(aligns.get(key, "left") for key in self.keys)

    def rows(self, items: tuple[Purchase, ...]) -> list[Row]:
        """The heading, if any, and the items."""
        chance = self.manner.chance
        rows: list[Row] = []
        if chance.coin(0.72):
            rows += self.heading()
        for number, item in enumerate(items, start=1):
            rows += self.item(item, number)
            if chance.coin(0.05):
                note = chance.pick(("- {}", ": {}", "  {}", "* {}", "({})")).format(chance.pick(words.NOTES_BELOW))
                rows.append(TextRow((cell(self.manner.case(note.strip()), 0.08, 1.0),)))
        return rows

    def heading(self) -> list[Row]:
        """The names of the columns."""
        manner, chance = self.manner, self.manner.chance
        names = {"no": "NO", "code": "CODE", "flag": "TAX", "times": "QTY X PRICE", "x": "", "qtyx": manner.word("qty")}
        if self.kind == "ticket":
            text = f"{manner.word('qty')} {manner.word('name')}"
            return [
                columns((manner.case(text), manner.case(manner.word("amount"))), (0.0, 0.7, 1.0), ("left", "right"))
            ]
        heads = [manner.case(names.get(key) or ("" if key == "x" else manner.word(key))) for key in self.keys]
        if self.kind != "one" and chance.coin(0.6):
            heads[0] = manner.case(manner.word("name"))
        rows: list[Row] = [columns(heads, self.borders, self.aligns)]
        if manner.money and chance.coin(0.15):
            rows.append(
                columns(
                    [f"({manner.money})" if align == "right" else "" for align in self.aligns],
                    self.borders,
                    self.aligns,
                )
            )
        if self.kind in {"above", "below"} and chance.coin(0.12):
            rows.insert(0, single(manner.case(manner.word("name"))))
        return rows

    def item(self, item: Purchase, number: int) -> list[Row]:
        """The rows of one item."""
        manner, chance = self.manner, self.manner.chance
        in_column = "disc" in self.keys and self.kind != "ticket"
        code = chance.digits(self.digits)
        values = self._values(item, number, code, item.price if in_column else item.gross)
        name = values["name"]
        if self.kind == "ticket":
            rows = self._ticket(values)
        elif self.kind == "one":
            rows = [columns([values[key] for key in self.keys], self.borders, self.aligns)]
        else:
            if self.coded_name:
                form = self.coded_name.format(code, "{}", number, self.flags[0])
                name = fill(form, name)
            figures = columns([values[key] for key in self.keys], self.borders, self.aligns)
            named = TextRow((cell(name, self.indent, 1.0),))
            rows = [figures, named] if self.kind == "below" else [named, figures]
            if self.kind == "three":
                rows.insert(
                    1, single(f"{chance.pick(('WA', 'LE', 'UH', 'PI'))}{chance.digits(2)} - {chance.integer(2, 96)}")
                )
        if item.discount and not in_column:
            off = fact(manner.number(-item.discount), ITEM + "discountprice", number)
            rows = [
                *rows,
                columns((self.off, manner.priced(off, self.money)), (self.indent, 0.7, 1.0), ("left", "right")),
            ]
        return rows

    def _ticket(self, values: dict[str, Marked]) -> list[Row]:
        """Quantity and name as one text, the amount at the right."""
        form = "{} {}" if self.times.startswith("{} ") else "{}X {}"
        return [
            columns((fill(form, values["qty"], values["name"]), values["amount"]), (0.0, 0.72, 1.0), ("left", "right"))
        ]

    def _values(self, item: Purchase, number: int, code: str, price: int) -> dict[str, Marked]:
        """The item's values by column."""
        manner = self.manner
        whole = item.quantity % ONE == 0
        count = self.quantity.format(item.quantity // ONE) if whole else manner.number(item.quantity, 3)
        if manner.country.comma:
            count = count.replace(".", ",")
        quantity = fact(count, ITEM + "cnt", number)
        scale = 10 ** (self.decimals - 2)
        unit = manner.number(item.unit * scale, self.decimals) if manner.places else manner.number(item.unit, 0)
        unit_price = manner.priced(fact(unit, ITEM + "unitprice", number), self.money)
        amount = manner.priced(manner.amount(price, ITEM + "price", number), self.money)
        flag = self.flags[0] if item.taxed else self.flags[1]
        if self.flag_joined and flag:
            amount = amount + f" {flag}"
        off = (
            fact(manner.number(-item.discount), ITEM + "discountprice", number)
            if item.discount
            else Marked(manner.number(0))
        )
        return {
            "no": Marked(str(number)), "code": Marked(code), "qty": quantity,
            "name": fact(item.name, ITEM + "nm", number), "unit": unit_price,
            "disc": off, "amount": amount, "flag": Marked(flag), "times": fill(self.times, quantity, unit_price),
            "x": Marked(self.sign),
            "qtyx": fill("{} " + self.sign, quantity),
        }  # fmt: skip
