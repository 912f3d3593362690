"""English receipts: shops, tax invoices, restaurants and card slips with invented, generic names."""

from __future__ import annotations

from ocr.synthesis import words_english as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, CodeRow, FrameRow, GapRow, LogoRow, Row, Style, TextRow, cell, pair, single
from ocr.synthesis.english_items import item_rows, pick_items
from ocr.synthesis.english_totals import card_rows, tax_rows, total_rows
from ocr.synthesis.english_voice import Voice
from ocr.synthesis.marked import Marked, fact, fill, marked

Detail = tuple[str, Marked | str]
"""A label and its value."""


class EnglishReceipt:
    """The rows of one English receipt, section by section."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.voice = Voice(chance)

    def rows(self, item_count: int) -> list[Row]:
        """All rows of a receipt with the given number of items."""
        chance, voice = self.chance, self.voice
        items = pick_items(voice, item_count)
        rows = [*self.head(), *self.meta(), voice.separator(), *item_rows(voice, items), voice.separator()]
        rows += total_rows(voice, items)
        if chance.coin(0.55):
            rows += [voice.separator(), *tax_rows(voice)]
        if chance.coin(0.25):
            rows += [voice.separator(), *card_rows(voice)]
        return [*rows, voice.separator(), *self.footer()]

    def head(self) -> list[Row]:
        """Store name, address, numbers and title."""
        chance, voice = self.chance, self.voice
        align = voice.head_align
        size = chance.weighted(((1.0, 4), (1.25, 2), (1.5, 2), (2.0, 1)))
        display = chance.coin(0.6)
        rows = self.top()
        rows.append(
            single(
                voice.cased(fact(voice.company(), "company")),
                align,
                Style(size, size, chance.coin(0.4), display=display),
            )
        )
        lines: list[Marked] = []
        if chance.coin(0.7):
            form = chance.pick(("(CO.REG : {})", "({})", "CO. REG NO : {}", "COMPANY REG NO. {}", "{}"))
            lines.append(fill(form, fact(voice.registration(), "registration")))
        lines += [fact(line, "address") for line in voice.address()]
        rows += [single(voice.cased(line), align) for line in lines]
        if chance.coin(0.8):
            rows += self.contact()
        if chance.coin(0.75):
            number = chance.pick(("GST ID NO : {}", "GST REG NO: {}", "(GST REG. NO : {})", "GST ID: {}", "TAX ID {}"))
            text = voice.case(number.format(chance.digits(12)))
            rows.append(FrameRow((single(text, "center"),), 0.15, 0.85) if chance.coin(0.05) else single(text, align))
        if chance.coin(0.75):
            rows += self.title()
        return [*rows, GapRow(chance.uniform(0.2, 1.0))]

    def top(self) -> list[Row]:
        """Occasional rows above the name: a filing number in another font, a logo."""
        chance = self.chance
        rows: list[Row] = []
        if chance.coin(0.06):
            size = chance.pick((1.4, 1.8, 2.2))
            text = chance.pick((chance.digits(4), f"{chance.digits(1)}-{chance.digits(7)}", chance.digits(8), "COPY"))
            rows += [single(text, "center", Style(size, size, display=True)), GapRow(chance.uniform(0.5, 3.0))]
        if chance.coin(0.08):
            rows.append(LogoRow(chance.pick(("disc", "ring", "diamond", "stripes", "steps")), chance.uniform(1.5, 4.0)))
        return rows

    def contact(self) -> list[Row]:
        """Telephone, fax, web."""
        chance, voice = self.chance, self.voice
        label = chance.pick(("TEL : ", "TEL: ", "PHONE: ", "TEL.", "TEL:"))
        phone = voice.cased(label + fact(voice.phone(), "phone"))
        rows: list[Row] = [single(phone, voice.head_align)]
        if chance.coin(0.35):
            fax = voice.case(f"FAX{chance.pick((' : ', ': ', ':'))}{voice.phone()}")
            form = chance.pick(("joined", "pair", "own"))
            if form == "pair":
                rows = [TextRow((cell(phone, 0.0, 0.5), cell(fax, 0.52, 1.0)))]
            else:
                rows = [single(phone + " " + fax, voice.head_align)] if form == "joined" else [
                    *rows, single(fax, voice.head_align)]  # fmt: skip
        if chance.coin(0.15):
            rows.append(single(chance.pick(("www.example.com.my", "EMAIL: INFO@EXAMPLE.COM")), voice.head_align))
        return rows

    def title(self) -> list[Row]:
        """The title of the document."""
        chance = self.chance
        text = self.voice.case(chance.pick(words.TITLES))
        scale = chance.weighted(((1.0, 3), (1.4, 1), (1.8, 1)))
        style = Style(scale, scale if chance.coin(0.7) else 1.0, chance.coin(0.4), chance.coin(0.06), chance.coin(0.5))
        return [GapRow(chance.uniform(0.3, 1.5)), single(text, chance.pick(("center", "center", "left")), style)]

    def meta(self) -> list[Row]:
        """Receipt number, date, cashier."""
        chance, voice = self.chance, self.voice
        day, clock = voice.moment()
        date, time = fact(day, "date"), fact(clock, "time")
        letters = chance.pick(("INV", "CS", "R", "POS", "A", ""))
        number = fact(f"{letters}{chance.digits(chance.integer(4, 11))}", "number")
        staff = chance.pick(words.STAFF)
        form = chance.weighted((("slip", 2), ("grid", 3), ("aligned", 3), ("joined", 3)))
        if form == "slip":
            return [pair(date + " " + time, chance.pick(("Slip No.:", "NO:", "#")) + " " + number, split=0.55)]
        label = chance.pick(("INVOICE NO", "RECEIPT NO", "DOC NO.", "BILL NO"))
        labels: list[Detail] = [(label, number), ("DATE", date)]
        labels += [("TIME", time), (chance.pick(("CASHIER", "USER", "SERVED BY")), voice.case(staff))]
        extras: list[Detail] = [
            ("TABLE", str(chance.integer(1, 60))),
            ("MEMBER", chance.digits(8)),
            ("SALESPERSON", ""),
        ]
        extras += [("TERMINAL", f"T{chance.digits(2)}"), ("PAX(S)", str(chance.integer(1, 9))), ("REF.", "")]
        labels += chance.sample(extras, chance.integer(0, 3))
        rows: list[Row] = []
        if chance.coin(0.08):
            rows = [single(voice.case("BILL TO:")), single(voice.case(voice.company())), voice.separator()]
        if form == "grid":
            start = chance.uniform(0.52, 0.66)
            texts = [voice.label(*label) for label in labels]
            return rows + [
                TextRow((cell(left, 0.0, start), cell(right, start, 1.0)))
                for left, right in zip(texts[::2], texts[1::2], strict=False)
            ]
        if form == "aligned":
            start, mark = chance.uniform(0.22, 0.4), chance.pick((": ", ": ", ""))
            return rows + [
                TextRow((cell(voice.case(label), 0.0, start), cell(mark + marked(value), start, 1.0)))
                for label, value in labels
                if mark or marked(value).text
            ]
        return rows + [single(voice.label(*label)) for label in labels]

    def footer(self) -> list[Row]:
        """Closing lines and perhaps a code."""
        chance, voice = self.chance, self.voice
        align: Align = "center" if chance.coin(0.85) else "left"
        rows: list[Row] = []
        for text in chance.sample(words.FOOTERS, chance.integer(1, 5)):
            rows.append(single(voice.case(text), align))
            if chance.coin(0.2):
                rows.append(GapRow(chance.uniform(0.3, 1.5)))
        code = chance.weighted((("", 8), ("bar", 2), ("qr", 1)))
        if code == "bar":
            data = chance.digits(chance.integer(10, 14))
            rows += [GapRow(0.5), CodeRow("bar", data), *([single(data, "center")] if chance.coin(0.6) else [])]
        elif code == "qr":
            rows += [GapRow(0.5), CodeRow("qr", f"https://www.example.com/r/{chance.digits(12)}")]
        return rows
