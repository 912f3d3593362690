"""The sums of an invented receipt, from the subtotal to the change, with lines that look like a total and are none."""

from __future__ import annotations

from dataclasses import replace

from ocr.synthesis.bill import ONE, Bill
from ocr.synthesis.content import Align, Row, Style, TextRow, cell, pair, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_taxes import rate_text
from ocr.synthesis.marked import Marked

INCLUDED = (
    "TOTAL INCLUDES {1}% {0}", "{0} @{1}% INCLUDED IN TOTAL", "INC {1}% {0}", "{1}% {0}", "INCL. {0} {1}%",
    "{0} {1}%",
)  # fmt: skip
ADDED = (
    "{0} {1}%", "{0}", "TOTAL {0}", "{0} @{1}%", "{1}% {0}", "{0} ({1}%)", "{0} PAYABLE", "{0} PAYABLE ({1}%)",
    "ADD : {0} @ {1}%", "{0} AMT", "{0} {1} %", "<{0}>",
)  # fmt: skip
"""Labels of the tax; 0 its name, 1 its rate."""


class Totals:
    """The lines of sums of one receipt, arranged alike."""

    def __init__(self, manner: Manner, bill: Bill) -> None:
        chance = manner.chance
        self.manner, self.bill = manner, bill
        self.form = chance.weighted((("pair", 12), ("inner", 4), ("joined", 2), ("joined right", 1), ("below", 1)))
        self.start = chance.uniform(0.15, 0.4) if self.form == "inner" else 0.0
        self.align: Align = chance.pick(("left", "right")) if self.form in {"inner", "below"} else "left"
        self.colon = chance.weighted((("", 8), (":", 3), (" :", 3), ("column", 3)))
        self.place = manner.money_place
        self.named = chance.coin(0.12) and bool(manner.money)
        self.plus = chance.coin(0.5)
        self.tax_shown = False
        self._said: set[str] = set()
        self._named: set[str] = set()

    def word(self, name: str) -> str:
        """A label that no other line of sums has, where the country has so many."""
        word = self.manner.word(name)
        for _ in range(4):
            if word not in self._said:
                break
            word = self.manner.word(name)
        self._said.add(word)
        self._named.add(name)
        return word

    def rows(self) -> list[Row]:
        """All lines down to the change."""
        manner, chance = self.manner, self.manner.chance
        bill = self.bill
        rows: list[Row] = self.counts() if chance.coin(0.45) else []
        rows += self.sums()
        if chance.coin(0.07):
            rows.insert(chance.integer(0, len(rows)), chance.pick(self.supplies()))
        rows += [*self.total_lines(), *self.payment()]
        if self.start > 0.22 and chance.coin(0.4):
            rows = self.beside(rows)
        if not self.tax_shown and bill.tax and chance.coin(0.4):
            form = chance.pick(INCLUDED)
            rows += self.line(self.tax_label(form), manner.amount(bill.tax, "tax"))
            self.tax_shown = True
        if chance.coin(0.08):
            saved = sum(item.discount for item in bill.items) + bill.discount
            label = chance.pick(("TOTAL SAVING", "YOU SAVED", "YOUR SAVINGS FOR TODAY", "TOTAL SAVINGS"))
            rows += self.line(label, manner.amount(saved))
        return rows

    def supplies(self) -> list[Row]:
        """Lines that say total and are a part of it, or nothing."""
        manner, bill = self.manner, self.bill
        untaxed = sum(item.price for item in bill.items if not item.taxed)
        name, rate = manner.country.taxes[0], rate_text(bill.rules.tax_rate)
        if manner.code == "kr":
            return self.line("면세물품가액", manner.amount(untaxed)) + self.line("면세금액", manner.amount(untaxed))
        return [
            *self.line("TOTAL 0% SUPPLIES", manner.amount(untaxed)),
            *self.line(f"TOTAL {rate}% SUPPLIES (INC. {name})", manner.amount(bill.subtotal - untaxed)),
            *self.line("TOTAL ITEM DISCOUNT", manner.amount(sum(item.discount for item in bill.items))),
            *self.line(f"TOTAL {name} 0%", manner.amount(0)),
            *self.line("DEPOSIT", manner.amount(0)),
        ]

    def beside(self, rows: list[Row]) -> list[Row]:
        """The rows with counts at the left of the first ones."""
        manner, bill = self.manner, self.bill
        pieces = sum(item.quantity for item in bill.items) // ONE or 1
        texts = [f"{manner.word('kinds')}: {len(bill.items)}", f"{manner.word('qty')}: {pieces}", "TOTAL SAVING: 0.00"]
        free = [row for row in rows if isinstance(row, TextRow) and len(row.cells) > 1 and row.cells[0].start >= 0.2]
        said = {id(row): text for row, text in zip(free, texts, strict=False)}
        return [
            replace(row, cells=(cell(manner.case(said[id(row)]), 0.0, 0.2), *row.cells))
            if isinstance(row, TextRow) and id(row) in said
            else row
            for row in rows
        ]

    def sums(self) -> list[Row]:
        """From the items' sum to the tax."""
        manner, chance, bill = self.manner, self.manner.chance, self.bill
        added = bill.rules.tax_added
        rows: list[Row] = []
        splits = not added and bill.tax and not bill.discount and not bill.service
        if splits and chance.coin(0.7 if manner.code == "kr" else 0.35):
            self.tax_shown = True
            rows += self.line(self.word("net"), manner.amount(bill.unrounded - bill.tax, "subtotal"))
            if chance.coin(0.1) and manner.code != "kr":
                rows += self.line(self.word("discount"), manner.amount(0, "discount"))
            return rows + self.line(self.tax_label(), manner.amount(bill.tax, "tax"))
        adjusted = bill.discount or bill.service or (added and bill.tax)
        if chance.coin(0.92 if adjusted else 0.5):
            rows += self.line(self.word("subtotal"), manner.amount(bill.subtotal, "subtotal"))
        if bill.discount or chance.coin(0.12):
            sign = 1 if self.plus else -1
            rows += self.line(self.word("discount"), manner.amount(sign * bill.discount, "discount"))
        if bill.service:
            rate = chance.pick((" {}%", " ({}%)", "", " @ {}%")).format(bill.rules.service_rate)
            label = self.word("service") + rate
            rows += self.line(label, manner.amount(bill.service, "service"))
        if added and (bill.tax or chance.coin(0.5)):
            self.tax_shown = True
            rows += self.line(self.tax_label(), manner.amount(bill.tax, "tax"))
        return rows

    def total_lines(self) -> list[Row]:
        """The total, perhaps before and after rounding; only the amount to pay is marked as the total."""
        manner, chance, bill = self.manner, self.manner.chance, self.bill
        scale = chance.weighted(((1.0, 6), (1.3, 2), (1.6, 1), (2.0, 1)))
        style = Style(scale, scale)
        total = manner.amount(bill.total, "total")
        if bill.rounding or (bill.rules.step > 1 and chance.coin(0.35)):
            rows: list[Row] = []
            if chance.coin(0.65):
                rows += self.line(self.word("unrounded"), manner.amount(bill.unrounded))
            last = self.word("rounded" if rows else "total")
            rows += self.line(self.word("rounding"), manner.amount(bill.rounding, "rounding"))
            return rows + self.line(last, total, style)
        plain = bill.total == bill.subtotal and "subtotal" not in self._named
        label = self.word("subtotal" if plain and chance.coin(0.06) else "total")
        rows = self.line(label, total, style)
        if chance.coin(0.12):
            others = [word for word in (self.word("total"), self.word("unrounded")) if word != label]
            rows += self.line(others[0], total) if others else []
        if chance.coin(0.05):
            count = cell(str(sum(item.quantity for item in bill.items) // ONE or 1), 0.0, 0.1)
            value = cell(manner.priced(total, self.place), 0.6, 1.0, "right")
            return [TextRow((count, cell(manner.case(label), 0.12, 0.6), value))]
        return rows

    def payment(self) -> list[Row]:
        """How it was paid."""
        manner, chance, bill = self.manner, self.manner.chance, self.bill
        if not chance.coin(0.88):
            return []
        rows: list[Row] = []
        if chance.coin(0.06):
            rows.append(pair(manner.case(manner.word("payment")), manner.case(manner.word("amount"))))
        if bill.card:
            label = self.word("card")
            if chance.coin(0.12):
                label += f" {chance.pick(('XXXXXXXXXXXX', '************', 'XXXX'))}{chance.digits(4)}"
            rows += self.line(label, manner.amount(bill.card, "card"))
            return rows + (self.line(self.word("change"), manner.amount(0, "change")) if chance.coin(0.3) else [])
        rows += self.line(self.word("cash"), manner.amount(bill.cash, "cash"))
        if bill.change or chance.coin(0.5):
            rows += self.line(self.word("change"), manner.amount(bill.change, "change"))
        return rows

    def counts(self) -> list[Row]:
        """How many items, perhaps with their sum beside it."""
        manner, chance, bill = self.manner, self.manner.chance, self.bill
        pieces, kinds = str(sum(item.quantity for item in bill.items) // ONE or 1), str(len(bill.items))
        form = chance.weighted((("pair", 3), ("single", 3), ("sum", 2), ("column", 3)))
        label = manner.word("pieces")
        if form == "pair":
            left, right = (
                f"{manner.word('kinds')}{manner.colon}{kinds}",
                f"{manner.word('pieces')}{manner.colon}{pieces}",
            )
            return [
                TextRow(
                    (
                        cell(manner.case(left), 0.0, 0.5),
                        cell(manner.case(right), 0.5, 1.0, chance.pick(("left", "right"))),
                    )
                )
            ]
        if form == "single":
            return [single(manner.labelled(label, pieces), chance.pick(("left", "left", "center")))]
        if form == "sum":
            return [
                TextRow(
                    (
                        cell(manner.case(label) + ":", 0.0, 0.45),
                        cell(pieces, 0.45, 0.6),
                        cell(manner.number(bill.subtotal), 0.65, 1.0, "right"),
                    )
                )
            ]
        return [TextRow((cell(manner.case(label), 0.0, 0.5), cell(pieces, 0.5, 0.7, "right")))]

    def tax_label(self, form: str = "") -> str:
        """The name of the tax with its rate."""
        chance, rate = self.manner.chance, rate_text(self.bill.rules.tax_rate)
        form = form or chance.pick(ADDED)
        if self.manner.code not in {"my", "sg"}:
            form = chance.pick(("{0}", "{0}", "{0} {1}%", "{0} ({1}%)", "{0} {1} %"))
        return form.format(chance.pick(self.manner.country.taxes), rate)

    def line(self, label: str, value: Marked, style: Style | None = None) -> list[Row]:
        """A label and an amount in this receipt's arrangement."""
        manner, style = self.manner, style or Style()
        if self.named and not label.endswith((")", manner.money)):
            label += f" ({manner.money})" if self.plus else f" {manner.money}"
        elif not (manner.money and label.endswith((manner.money, f"{manner.money})"))):
            value = manner.priced(value, self.place)
        text = manner.case(label)
        if self.form == "below":
            return [single(text, self.align, style), single(value, self.align, style)]
        if self.form.startswith("joined"):
            mark = ":" if self.colon == "column" else self.colon
            return [single(text + mark + " " + value, "right" if self.form.endswith("right") else "left", style)]
        end = 0.62 if style.wide == 1.0 else 0.5
        cells = [cell(text if self.colon == "column" else text + self.colon, self.start, end, self.align)]
        if self.colon == "column":
            cells.append(cell(":", end + 0.01, end + 0.04))
        if self.place == "column":
            cells.append(cell(manner.money, end + 0.05, end + 0.13))
        left = end + 0.14 if len(cells) > 1 else end
        return [TextRow((*cells, cell(value, left, 1.0, "right")), style)]
