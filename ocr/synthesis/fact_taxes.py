"""Below the sums of an invented receipt: the table of taxes and the card slip."""

from __future__ import annotations

from ocr.synthesis.bill import Bill
from ocr.synthesis.content import Align, Row, columns, pair, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.marked import Marked, fact, fill


def rate_text(rate: int) -> str:
    """A rate in tenths of a percent, such as ``6`` or ``8.8``."""
    return str(rate // 10) if rate % 10 == 0 else f"{rate // 10}.{rate % 10}"


def summary_rows(manner: Manner, bill: Bill, *, tax_known: bool) -> list[Row]:
    """The table of taxes; its tax is the receipt's where no line above says it."""
    chance = manner.chance
    name = manner.country.taxes[0]
    taxed = bill.taxable - (0 if bill.rules.tax_added else bill.tax)
    untaxed = bill.subtotal - bill.discount + bill.service - bill.taxable
    rate = rate_text(bill.rules.tax_rate)
    money = manner.money or "RM"
    code = (
        chance.pick(
            ("SR @ {}%", "S = {}%", "SR", "S {}%", "SR = GST @{}%", "T: GST {}%", "SR (@ {}%)", "{}%", "SR={}%")
        )
        .format(rate)
        .replace("GST", name)
    )
    heads = chance.pick(((f"{name} SUMMARY", f"AMOUNT({money})", f"TAX({money})"),
        (f"{name} SUMMARY", "AMOUNT", "TAX"), ("TAX CODE", "AMT", name),
                         (f"{name} ANALYSIS", "GOODS", "TAX AMOUNT"), (f"{name} RATE", "NET", name)))  # fmt: skip
    borders: tuple[float, ...] = (0.0, 0.42, 0.72, 1.0)
    aligns: tuple[Align, ...] = ("left", "right", "right")
    tax = Marked(manner.number(bill.tax)) if tax_known else fact(manner.number(bill.tax), "tax")
    table: list[list[Marked | str]] = [list(map(manner.case, heads)), [manner.case(code), manner.number(taxed), tax]]
    if untaxed or chance.coin(0.25):
        table.append(
            [
                chance.pick(("ZRL (@ 0%)", "Z = 0%", "ZR @ 0%", "Z: ZERO RATED", "ZRL")),
                manner.number(untaxed),
                manner.number(0),
            ]
        )
    if chance.coin(0.45):
        table.append(
            [
                manner.case(chance.pick(("TOTAL", "TOTAL :", "TOTAL:", "TAX TOTAL"))),
                manner.number(taxed + untaxed),
                manner.number(bill.tax),
            ]
        )
    if chance.coin(0.2):  # a column more: the rate, or the sum
        borders, aligns = (0.0, 0.34, 0.5, 0.76, 1.0), ("left", "right", "right", "right")
        table = [[row[0], extra, *row[1:]] for row, extra in zip(table, ["%", rate, *[""] * 3], strict=False)]
    rows: list[Row] = [columns(row, borders, aligns) for row in table]
    if chance.coin(0.3):
        rows.insert(0, single(manner.case(f"{name} SUMMARY"), chance.pick(("left", "center"))))
    return rows


def card_rows(manner: Manner, bill: Bill) -> list[Row]:
    """A card slip, whose amount repeats what was paid."""
    chance = manner.chance
    number = chance.pick(
        (
            f"************{chance.digits(4)}",
            f"XXXX XXXX XXXX {chance.digits(4)}",
            f"{chance.digits(4)} {chance.digits(2)}XX XXXX {chance.digits(4)}",
        )
    )
    lines = [("CARD NO", number), ("APP CODE", chance.digits(6)), ("TERMINAL ID", chance.digits(8)),
        ("MERCHANT ID", chance.digits(10)),
             ("BATCH NO", chance.digits(6)), ("TRACE NO", chance.digits(6)), ("AID", f"A000000{chance.digits(7)}"),
             ("AMOUNT", f"{manner.money} {manner.number(bill.card or bill.total)}".strip())]  # fmt: skip
    kept = [line for line in lines if chance.coin(0.6)]
    if chance.coin(0.5):
        return [pair(manner.case(label), value, split=0.45) for label, value in kept]
    return [single(fill("{}{}{}", manner.case(label), manner.colon, value)) for label, value in kept]
