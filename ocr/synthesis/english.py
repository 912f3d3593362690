"""English receipts: shops, tax invoices, restaurants and card slips with invented, generic names."""

from __future__ import annotations

from ocr.synthesis import words_english as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, Cell, CodeRow, GapRow, Row, RuleRow, Style, TextRow, columns, pair, single

TABLES: tuple[tuple[tuple[str, ...], tuple[float, ...], tuple[Align, ...]], ...] = (
    (("QTY", "DESCRIPTION", "AMOUNT"), (0.0, 0.14, 0.74, 1.0), ("left", "left", "right")),
    (("Item", "Qty", "Price", "Amount"), (0.0, 0.42, 0.54, 0.76, 1.0), ("left", "right", "right", "right")),
    (("Description", "Qty", "U.Price", "Total"), (0.0, 0.40, 0.52, 0.75, 1.0), ("left", "center", "right", "right")),
    (("ITEM", "PRICE", "AMT"), (0.0, 0.5, 0.74, 1.0), ("left", "right", "right")),
    (("No", "Item", "Qty", "Amt"), (0.0, 0.1, 0.62, 0.74, 1.0), ("left", "left", "right", "right")),
)


def _mixed_case(word: str) -> str:
    """A word in capitals as it is written in running text; abbreviations and numbers stay as they are."""
    if any(letter.isdigit() for letter in word) or word.strip("().,:*-") in words.ABBREVIATIONS:
        return word
    return word.lower() if "@" in word or word.startswith("WWW") else word[:1] + word[1:].lower()


class EnglishReceipt:
    """The rows of one English receipt, section by section."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.upper = chance.coin(0.65)
        self.currency = chance.pick(("RM", "$", "", "RM", "USD", "S$"))
        self.rule = chance.pick(("-", "-", "=", "line", "double", "*", ".", "gap", "-"))
        self.head_align: Align = "center" if chance.coin(0.85) else "left"
        self.items: list[tuple[str, int, int]] = []

    def rows(self, item_count: int) -> list[Row]:
        """All rows of a receipt with the given number of items."""
        rows = [*self.head(), *self.meta(), self.separator(), *self.item_table(item_count), self.separator()]
        rows += self.totals()
        if self.chance.coin(0.5):
            rows += [self.separator(), *self.tax_summary()]
        if self.chance.coin(0.35):
            rows += [self.separator(), *self.card_slip()]
        return [*rows, self.separator(), *self.footer()]

    def case(self, text: str) -> str:
        """The text in this receipt's letter case."""
        if self.upper:
            return text
        return " ".join(_mixed_case(word) for word in text.split())

    def separator(self) -> Row:
        """This receipt's separator, or now and then a gap."""
        if self.rule == "gap" or self.chance.coin(0.15):
            return GapRow(self.chance.uniform(0.5, 1.2))
        return RuleRow(self.rule)

    def money(self, cents: int, with_currency: bool = False) -> str:
        """An amount as this receipt prints it."""
        sign = "-" if cents < 0 else ""
        amount = f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
        if not with_currency or not self.currency:
            return amount
        return self.currency + amount if self.currency.endswith("$") else f"{self.currency} {amount}"

    def phone(self) -> str:
        """A telephone number."""
        chance = self.chance
        return chance.pick(
            (
                f"0{chance.integer(2, 9)}-{chance.digits(8)}",
                f"+60{chance.digits(2)}-{chance.digits(3)} {chance.digits(4)}",
                f"({chance.digits(3)}) {chance.digits(3)}-{chance.digits(4)}",
                f"0{chance.integer(2, 9)} {chance.digits(4)} {chance.digits(4)}",
            )
        )

    def head(self) -> list[Row]:
        """Store name, address, numbers and title."""
        chance = self.chance
        name = f"{chance.pick(words.SHOP_HEADS)} {chance.pick(words.SHOP_TAILS)}"
        if chance.coin(0.6):
            name += f" {chance.pick(words.COMPANY_FORMS)}"
        size = chance.weighted(((1.0, 4), (1.25, 2), (1.5, 2), (2.0, 1)))
        rows: list[Row] = [single(name, self.head_align, Style(size, size, chance.coin(0.4)))]
        lines = []
        if chance.coin(0.7):
            lines.append(chance.pick(("(CO.REG : {}-{})", "({}-{})", "CO. REG NO : {}-{}")).format(
                chance.digits(6), chance.pick("ABDHKMPTVWX")))  # fmt: skip
        house, lot = f"NO. {chance.integer(1, 299)}", f"{chance.integer(1, 40)}/{chance.integer(1, 9)}"
        lines.append(f"{house}, {chance.pick(words.STREETS)} {lot},")
        if chance.coin(0.6):
            lines.append(f"{chance.pick(words.STREETS)},")
        lines.append(f"{chance.digits(5)} {chance.pick(words.TOWNS)}{chance.pick((',', '.', ''))}")
        if chance.coin(0.8):
            lines.append(f"{chance.pick(('TEL : ', 'TEL: ', 'Phone: ', 'Tel.'))}{self.phone()}")
        if chance.coin(0.3):
            lines.append(f"FAX: {self.phone()}")
        if chance.coin(0.7):
            lines.append(f"{chance.pick(('GST ID NO : ', 'GST Reg No: ', 'TAX ID: ', 'VAT NO. '))}{chance.digits(12)}")
        rows += [single(self.case(line), self.head_align) for line in lines]
        if chance.coin(0.7):
            title = chance.pick(("TAX INVOICE", "RECEIPT", "CASH SALES", "SIMPLIFIED TAX INVOICE", "-TAX INVOICE-"))
            scale = chance.weighted(((1.0, 3), (1.4, 1)))
            style = Style(scale, scale, chance.coin(0.4), chance.coin(0.06))
            rows += [GapRow(chance.uniform(0.3, 1.0)), single(self.case(title), "center", style)]
        return [*rows, GapRow(chance.uniform(0.2, 1.0))]

    def moment(self) -> tuple[str, str]:
        """A date and a time as printed."""
        chance = self.chance
        day, month, year = chance.integer(1, 28), chance.integer(1, 12), chance.integer(2014, 2026)
        hour, minute, second = chance.integer(7, 23), chance.integer(0, 59), chance.integer(0, 59)
        date = chance.pick(
            (
                f"{day:02d}/{month:02d}/{year}",
                f"{day:02d}-{month:02d}-{year % 100:02d}",
                f"{year}-{month:02d}-{day:02d}",
                f"{day:02d} {words.MONTHS[month - 1]} {year}",
                f"{month:02d}/{day:02d}/{year % 100:02d}",
            )
        )
        time = chance.pick(
            (
                f"{hour:02d}:{minute:02d}",
                f"{hour:02d}:{minute:02d}:{second:02d}",
                f"{(hour - 1) % 12 + 1:02d}:{minute:02d} {'PM' if hour > 11 else 'AM'}",
            )
        )
        return date, time

    def meta(self) -> list[Row]:
        """Receipt number, date, cashier."""
        chance = self.chance
        date, time = self.moment()
        number = f"{chance.pick(('INV', 'CS', 'R', 'POS', 'A', ''))}{chance.digits(chance.integer(4, 9))}"
        if chance.coin(0.3):
            return [pair(f"{date} {time}", f"{chance.pick(('Slip No.:', 'NO:', '#'))} {number}", split=0.55)]
        labels = [("Invoice No", number), ("Date", f"{date} {time}"), ("Cashier", chance.pick(words.STAFF))]
        if chance.coin(0.3):
            labels.append(("Table", str(chance.integer(1, 60))))
        if chance.coin(0.3):
            labels.append(("Member", chance.digits(8)))
        if chance.coin(0.3):
            start = chance.uniform(0.22, 0.4)
            return [
                TextRow((Cell(self.case(label), 0.0, start), Cell(f": {value}", start, 1.0))) for label, value in labels
            ]
        colon = chance.pick((" : ", ": ", " "))
        return [single(self.case(f"{label}{colon}{value}")) for label, value in labels]

    def item_name(self) -> str:
        """The name of something on sale."""
        chance = self.chance
        parts = [chance.pick(words.GOODS)]
        if chance.coin(0.5):
            parts.insert(0, chance.pick(words.QUALITIES))
        if chance.coin(0.45):
            parts.append(chance.pick(words.SIZES))
        return self.case(" ".join(part for part in parts if part))

    def item_table(self, count: int) -> list[Row]:
        """The items, in one of the usual layouts."""
        chance = self.chance
        for _ in range(count):
            price = chance.integer(1, 40) * 100 + chance.pick((0, 10, 50, 90, 99, 75, 20))
            self.items.append((self.item_name(), chance.weighted(((1, 6), (2, 3), (3, 1), (12, 1))), price))
        kind = chance.pick(("table", "table", "two rows", "plain"))
        if kind == "table":
            return self.column_table()
        return self.two_row_table() if kind == "two rows" else self.plain_list()

    def column_table(self) -> list[Row]:
        """One row per item below a heading, with columns."""
        heads, borders, aligns = self.chance.pick(TABLES)
        rows: list[Row] = [columns(tuple(self.case(head) for head in heads), borders, aligns)]
        if self.chance.coin(0.7):
            rows.append(self.separator())
        for number, (name, quantity, price) in enumerate(self.items, start=1):
            values = {
                "qty": str(quantity), "price": self.money(price), "u.price": self.money(price), "no": str(number),
                "amount": self.money(price * quantity), "total": self.money(price * quantity),
                "amt": self.money(price * quantity), "item": name, "description": name,
            }  # fmt: skip
            rows.append(columns(tuple(values[head.lower()] for head in heads), borders, aligns))
        return rows

    def two_row_table(self) -> list[Row]:
        """The name on one row, article number, quantity and amount on the next."""
        chance = self.chance
        flag = chance.pick(("", "", "SR", "*S", "T"))
        rows: list[Row] = []
        for name, quantity, price in self.items:
            rows.append(single(name))
            cells = [Cell(chance.digits(chance.integer(6, 13)), 0.0, 0.40)] if chance.coin(0.7) else []
            cells.append(Cell(f"{quantity} X {self.money(price)}", 0.40, 0.70, "right"))
            cells.append(Cell(self.money(price * quantity), 0.70, 0.90 if flag else 1.0, "right"))
            if flag:
                cells.append(Cell(flag, 0.91, 1.0, "right"))
            rows.append(TextRow(tuple(cells)))
        return rows

    def plain_list(self) -> list[Row]:
        """Quantity and name on the left, amount on the right."""
        style = "{0} {1}" if self.chance.coin(0.6) else "{0}x {1}"
        return [
            pair(style.format(quantity, name), self.money(price * quantity), split=0.72)
            for name, quantity, price in self.items
        ]

    def totals(self) -> list[Row]:
        """Subtotal, tax, total, payment and change."""
        chance = self.chance
        net = sum(quantity * price for _, quantity, price in self.items)
        tax = net * chance.pick((6, 5, 10)) // 100
        start = chance.pick((0.0, 0.0, 0.25, 0.4))
        align: Align = "right" if start and chance.coin(0.6) else "left"

        def line(label: str, amount: int, style: Style | None = None) -> TextRow:
            colon = " :" if style is None and chance.coin(0.3) else ""
            border = max(0.62, start + 0.1)
            return TextRow(
                (
                    Cell(self.case(label) + colon, start, border, align),
                    Cell(self.money(amount, chance.coin(0.3)), border, 1.0, "right"),
                ),
                style or Style(),
            )

        scale = chance.weighted(((1.0, 3), (1.3, 2), (1.6, 1)))
        total = net + tax
        paid = -(-total // 1000) * 1000
        rows: list[Row] = []
        if chance.coin(0.5):
            rows.append(pair(self.case("ITEM(S) :") + f" {len(self.items)}",
                             self.case("QTY(S) :") + f" {sum(q for _, q, _ in self.items)}", split=0.5))  # fmt: skip
        rows.append(line(chance.pick(("SUB TOTAL", "Total Sales (Excl. GST)", "SUBTOTAL")), net))
        if chance.coin(0.4):
            rows.append(line("DISCOUNT", 0))
        rows.append(line(chance.pick(("GST 6%", "TAX", "SERVICE CHARGE 10%", "VAT")), tax))
        if chance.coin(0.4):
            rows.append(line("ROUNDING ADJ", chance.pick((0, 1, -2))))
        rows.append(line(chance.pick(("TOTAL", "GRAND TOTAL", "NET TOTAL", "AMT DUE")), total,
                         Style(scale, scale, chance.coin(0.5), chance.coin(0.04))))  # fmt: skip
        rows.append(line(chance.pick(("CASH", "PAID AMOUNT", "VISA", "CARD")), paid))
        rows.append(line("CHANGE", paid - total))
        return rows

    def tax_summary(self) -> list[Row]:
        """The little tax table below the totals."""
        amount = self.chance.integer(500, 90000)
        borders = (0.0, 0.4, 0.72, 1.0)
        aligns: tuple[Align, ...] = ("left", "right", "right")
        heads = (self.case("GST SUMMARY"), "Amount(RM)", "Tax(RM)")
        values = (
            self.chance.pick(("SR @ 6%", "S = 6%", "T @ 6%", "SR")),
            self.money(amount),
            self.money(amount * 6 // 100),
        )
        return [columns(row, borders, aligns) for row in (heads, values)]

    def card_slip(self) -> list[Row]:
        """Card payment details with a masked number."""
        chance = self.chance
        number = chance.pick(
            (f"{chance.digits(4)} {chance.digits(2)}** **** {chance.digits(4)}", f"************{chance.digits(4)}",
             f"XXXX-XXXX-XXXX-{chance.digits(4)}")
        )  # fmt: skip
        rows: list[Row] = [
            single(self.case("CARD SALE"), "center", Style(bold=True)),
            pair(self.case("CARD NO"), number, split=0.3),
            pair(self.case("APPROVAL CODE"), chance.digits(6), split=0.55),
            pair(self.case("TERMINAL ID"), chance.digits(8), split=0.5),
            pair(self.case("MERCHANT ID"), chance.digits(10), split=0.5),
        ]
        return rows[: chance.integer(3, 5)]

    def footer(self) -> list[Row]:
        """Closing lines and perhaps a code."""
        chance = self.chance
        align: Align = "center" if chance.coin(0.9) else "left"
        rows: list[Row] = [
            single(self.case(text), align) for text in chance.sample(words.FOOTERS, chance.integer(2, 5))
        ]
        code = chance.weighted((("", 5), ("bar", 2), ("qr", 2)))
        if code == "bar":
            data = chance.digits(chance.integer(10, 14))
            rows += [GapRow(0.5), CodeRow("bar", data), single(data, "center")]
        elif code == "qr":
            rows += [GapRow(0.5), CodeRow("qr", f"https://www.example.com/r/{chance.digits(12)}")]
        return rows
