"""Totals, tax tables and card slips of an English receipt."""

from __future__ import annotations

from ocr.synthesis.content import Align, Cell, FrameRow, Row, RuleRow, Style, TextRow, cell, columns, pair, single
from ocr.synthesis.english_items import Item
from ocr.synthesis.english_voice import Voice


def total_rows(voice: Voice, items: list[Item]) -> list[Row]:
    """Subtotal, tax, total, payment and change."""
    chance = voice.chance
    net = sum(item.quantity * item.price for item in items)
    tax = net * chance.pick((6, 5, 10)) // 100
    total = net + tax
    paid = -(-total // 1000) * 1000
    line = _TotalLine(voice)
    scale = chance.weighted(((1.0, 3), (1.3, 2), (1.6, 1)))
    rows: list[Row] = _counts(voice, items)
    label = chance.pick(("SUB TOTAL", "TOTAL SALES (EXCLUDING GST)", "SUBTOTAL", "SUB-TOTAL"))
    rows.append(line.row(label, "subtotal", net))
    if chance.coin(0.4):
        label = chance.pick(("DISCOUNT", "TOTAL DISCOUNT", "SERV CHARGE 10%"))
        rows.append(line.row(label, "service" if label.startswith("SERV") else "discount", 0))
    label = chance.pick(("GST 6%", "TAX", "TOTAL GST", "SERVICE CHARGE 10%", "GST @ 6%"))
    rows.append(line.row(label, "service" if label.startswith("SERV") else "tax", tax))
    if chance.coin(0.5):
        label = chance.pick(("ROUNDING ADJ", "ROUNDING ADJUSTMENT", "ROUNDING"))
        rows.append(line.row(label, "rounding", chance.pick((0, 1, -2))))
    if chance.coin(0.25):
        rows.append(RuleRow(chance.pick(("-", "=", "line")), chance.pick((0.0, 0.5, 0.72))))
    rows.append(line.row(chance.pick(("TOTAL", "GRAND TOTAL", "NET TOTAL", "TOTAL SALES (INCLUSIVE OF GST)", "AMT DUE",
                                      "ROUNDED TOTAL (RM)", "TOTAL INCL. GST 6%")), "total", total,
                         Style(scale, scale, chance.coin(0.5), chance.coin(0.04), chance.coin(0.4))))  # fmt: skip
    if chance.coin(0.2):
        rows.append(RuleRow(chance.pick(("=", "double", "line")), chance.pick((0.0, 0.6, 0.72))))
    label = chance.pick(("CASH", "PAID AMOUNT", "VISA", "CARD", "PAYMENT", "TENDERED"))
    rows.append(line.row(label, "card" if label in {"VISA", "CARD"} else "cash", paid))
    rows.append(line.row(chance.pick(("CHANGE", "CHANGE DUE", "CASH CHANGE")), "change", paid - total))
    return rows


def _counts(voice: Voice, items: list[Item]) -> list[Row]:
    """Number of items and pieces, in one row or two, or nothing."""
    kinds, pieces = str(len(items)), str(sum(item.quantity for item in items))
    style = voice.chance.weighted((("none", 3), ("pair", 2), ("column", 2), ("joined", 2)))
    if style == "pair":
        return [pair(voice.label("ITEM(S)", kinds), voice.label("QTY(S)", pieces), split=0.5)]
    if style == "column":
        return [
            TextRow((Cell(voice.case(name), 0.0, 0.4), Cell(value, 0.4, 0.6, "right")))
            for name, value in (("TOTAL QUANTITY", pieces), ("ITEM COUNT", kinds))
        ]
    return [single(voice.label("TOTAL QTY", pieces))] if style == "joined" else []


class _TotalLine:
    """Layout of the lines of totals: borders, and a colon or a currency in its own column."""

    def __init__(self, voice: Voice) -> None:
        chance = voice.chance
        self.voice = voice
        self.start = chance.pick((0.0, 0.0, 0.0, 0.2, 0.35))
        self.align: Align = "right" if self.start and chance.coin(0.8) else "left"
        self.leader = "." if chance.coin(0.04) else ""
        self.between = chance.weighted((("", 5), (":", 2), ("currency", 2), ("joined", 2)))

    def row(self, label: str, field: str, amount: int, style: Style | None = None) -> TextRow:
        voice, style = self.voice, style or Style()
        end = 0.62 if style.wide == 1.0 else 0.55
        cells = [Cell(voice.case(label), self.start, end, self.align)]
        if self.between == ":":
            cells.append(Cell(":", end + 0.02, end + 0.06))
        elif self.between == "currency" and voice.currency:
            cells.append(Cell(voice.currency, end + 0.02, end + 0.12))
        value = voice.amount(amount, field, with_currency=self.between == "joined")
        return TextRow((*cells, cell(value, end + 0.12 if len(cells) > 1 else end, 1.0, "right")), style, self.leader)


def tax_rows(voice: Voice) -> list[Row]:
    """The small tax table below the totals, sometimes framed."""
    chance = voice.chance
    amount = chance.integer(500, 90000)
    tax = voice.money(amount * 6 // 100)
    code = chance.pick(("SR @ 6%", "S = 6%", "T @ 6%", "SR", "S", "SR 6%"))
    borders: tuple[float, ...] = (0.0, 0.4, 0.72, 1.0)
    aligns: tuple[Align, ...] = ("left", "right", "right")
    table: list[tuple[str, ...]] = [
        (voice.case("GST SUMMARY"), f"Amount({voice.currency or 'RM'})", f"Tax({voice.currency or 'RM'})"),
        (code, voice.money(amount), tax),
    ]
    title: list[Row] = []
    if chance.coin(0.4):
        borders, aligns = (0.0, 0.32, 0.46, 0.74, 1.0), ("left", "right", "right", "right")
        title = [single(voice.case("GST SUMMARY"), chance.pick(("left", "center")), Style(bold=chance.coin(0.5)))]
        table = [
            (voice.case("TAX CODE"), "%", voice.case("AMT (RM)"), voice.case("TAX (RM)")),
            (code[:2], "6", voice.money(amount), tax),
        ]
    if chance.coin(0.25):
        table.append(
            (chance.pick(("ZR @ 0%", "Z = 0%", "ZR")), *[""] * (len(aligns) - 3), voice.money(0), voice.money(0))
        )
    if chance.coin(0.4):
        table.append((voice.case("TOTAL :"), *[""] * (len(aligns) - 3), voice.money(amount), tax))
    rows = [columns(row, borders, aligns) for row in table]
    if chance.coin(0.2):
        return [FrameRow(tuple(row for row in (*title, *rows) if isinstance(row, TextRow)))]
    return [*title, *rows]


def card_rows(voice: Voice) -> list[Row]:
    """Card payment details with a masked number."""
    chance = voice.chance
    number = chance.pick(
        (f"{chance.digits(4)} {chance.digits(2)}** **** {chance.digits(4)}", f"************{chance.digits(4)}",
         f"XXXX-XXXX-XXXX-{chance.digits(4)}", f"{chance.digits(2)}xxxxxxxx{chance.digits(4)}")
    )  # fmt: skip
    rows: list[Row] = [
        single(voice.case("CARD SALE"), "center", Style(bold=True)),
        pair(voice.case("CARD NO"), number, split=0.3),
        pair(voice.case("APPROVAL CODE"), chance.digits(6), split=0.55),
        pair(voice.case("TERMINAL ID"), chance.digits(8), split=0.5),
        pair(voice.case("MERCHANT ID"), chance.digits(10), split=0.5),
    ]
    return rows[: chance.integer(3, 5)]
