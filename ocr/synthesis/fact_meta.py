"""When and by whom an invented receipt was made: number, date, time, and other details that look like them."""

from __future__ import annotations

import re
from datetime import timedelta

from ocr.synthesis.content import Align, Row, TextRow, cell, columns, pair, single
from ocr.synthesis.fact_manner import WEEKDAYS, Manner
from ocr.synthesis.fact_names import coded, company, person
from ocr.synthesis.marked import Marked, fact, fill

SEPARATE = ("grid", "grid", "own", "own", "aligned", "aligned", "colons")

NUMBERS = (
    "####", "######", "########", "##########", "############", "CS########", "INV######", "R######",
    "OR##############", "CB#####", "A######", "POS#####", "CSP#######", "BM-######", "T##-####", "###-#######",
    "V###-######", "CS-SA-#######", "CS-PJ-#####", "#####/###/T####", "########-####", "@##-######",
    "##/SE######/#####", "##/KL######/#####", "CR#######", "##################", "####-####-####", "#-######",
    "CS######-####", "#####",
)  # fmt: skip
"""Forms of receipt numbers, for `ocr.synthesis.fact_names.coded`."""


CLOCK = re.compile(r"\d{1,2}:\d\d")


class Moment:
    """Date, time and number of one receipt, always printed in the same format."""

    def __init__(self, manner: Manner) -> None:
        chance = manner.chance
        self.manner = manner
        self.clock = manner.clock()
        self.hour, self.minute, self.second = chance.integer(0, 23), chance.integer(0, 59), chance.integer(0, 59)
        day = manner.date_text(manner.day)
        self.date = fact(day.rstrip("."), "date") + day[len(day.rstrip(".")) :]
        self.time = fact(self.clock(self.hour, self.minute, self.second), "time")
        self.number = fact(receipt_number(manner), "number")
        self.weekday = chance.coin(0.05)

    def dated(self) -> Marked:
        """The date, perhaps with its weekday."""
        day = WEEKDAYS[self.manner.day.weekday()]
        if not self.weekday:
            return self.date
        return f"{self.manner.case(day)} " + self.date if self.hour % 2 else self.date + f" ({self.manner.case(day)})"

    def both(self) -> Marked:
        """Date and time in one text."""
        chance = self.manner.chance
        form = chance.weighted((("{} {}", 14), ("{}  {}", 2), ("{} - {}", 1), ("{}, {}", 1), ("[{}] [{}]", 1),
        ("{}/{}", 1),
                                ("{} AT {}", 1), ("{}T{}", 1)))  # fmt: skip
        if chance.coin(0.04):
            return fill("{} {}", self.time, self.dated())
        if " " not in form and not CLOCK.match(self.time.text):
            form = "{} {}"  # 01/06/2018/1830 does not say where its time begins
        return fill(form, self.dated(), self.time)

    def later(self) -> str:
        """Another moment, some minutes or days later."""
        chance = self.manner.chance
        day = self.manner.day + timedelta(days=chance.pick((0, 0, 0, 0, 7, 14, 30, 365)))
        time = self.clock(min(23, self.hour + chance.integer(0, 2)), chance.integer(0, 59), chance.integer(0, 59))
        return f"{self.manner.date_text(day)} {time}"


def receipt_number(manner: Manner) -> str:
    """The number of a receipt."""
    return coded(manner.chance, manner.chance.pick(NUMBERS))


def meta_rows(manner: Manner, moment: Moment) -> list[Row]:
    """The details, in one of the usual arrangements."""
    chance = manner.chance
    form = chance.weighted((("labels", 10), ("slip", 3), ("bare", 3), ("below", 1), ("mixed", 2)))
    if form == "slip":
        return _slip(manner, moment)
    if form == "bare":
        rows: list[Row] = [single(moment.both(), chance.pick(("left", "center", manner.align)))]
        if chance.coin(0.8):
            rows.insert(chance.integer(0, 1), single(manner.labelled(manner.word("number"), moment.number)))
        return rows
    if form == "below":
        return _below(manner, moment)
    if form == "mixed":
        label = manner.case(chance.pick(("INV NO/DATE:", "NO./DATE : ", "BILL: ")))
        return [
            single(label + fill("{} ({})", moment.number, moment.date)),
            single(manner.labelled(manner.word("time"), moment.time)),
        ]
    rows = _arranged(manner, _details(manner, moment))
    if chance.coin(0.04):  # a second company, not the one at the top
        label = chance.pick(("OWNED BY :", "OPERATED BY", "BANK ACC :"))
        rows += [single(manner.case(label)), single(manner.case(company(manner).name))]
    return rows


def _details(manner: Manner, moment: Moment) -> list[tuple[str, Marked]]:
    """Labels and values in the order of printing."""
    chance = manner.chance
    details: list[tuple[str, Marked]] = []
    if chance.coin(0.88):
        details.append((manner.word("number"), moment.number))
    if chance.coin(0.6):
        value = moment.both() if chance.coin(0.85) else moment.dated()
        details.append((manner.word("date"), value))
    else:
        details += [(manner.word("date"), moment.dated()), (manner.word("time"), moment.time)]
    extras = [
        ("CASHIER", person(chance)), ("SALESPERSON", chance.pick(("", "AH002", "C3"))),
        ("TABLE", str(chance.integer(1, 60))),
        ("PAX(S)", str(chance.integer(0, 9))), ("ORDER#", chance.digits(6)), ("TERMINAL", f"T{chance.digits(2)}"),
        ("REF.", ""),
        ("COUNTER", chance.digits(2)), ("MEMBER NO", chance.digits(10)), ("SERVED BY", person(chance)),
        ("POS NO", chance.digits(3)),
        ("USER", "ADMIN"), ("SHIFT", "1"), ("TRANS", chance.digits(6)), ("CLOSED BILL", moment.later()),
        ("PRINTED", moment.later()),
        ("PAYMENT TYPE", "CASH"), ("AGENT", ""), ("SITE", chance.digits(4)), ("TERMS", "C.O.D."),
        ("DUE DATE", moment.later()),
    ]  # fmt: skip
    for label, text in chance.sample(extras, chance.integer(0, 5)):
        details.insert(chance.integer(0, len(details)), (label, manner.cased(text)))
    if chance.coin(0.1):
        details.reverse()
    return details


def _arranged(manner: Manner, details: list[tuple[str, Marked]]) -> list[Row]:
    """Labels and values as single texts, in two columns, or two to a row."""
    chance = manner.chance
    form = chance.pick(SEPARATE)
    start = chance.uniform(0.2, 0.36)
    if form == "own":
        return [single(manner.labelled(label, value)) for label, value in details]
    if form == "grid":
        texts = [manner.labelled(label, value) for label, value in details]
        middle = chance.uniform(0.48, 0.66)
        pairs = zip(texts[::2], [*texts[1::2], Marked("")], strict=False)
        return [TextRow((cell(left, 0.0, middle), cell(right, middle, 1.0))) for left, right in pairs]
    if form == "colons":
        rows = (
            (cell(manner.case(label), 0.0, start), cell(":", start, start + 0.05), cell(value, start + 0.06, 1.0))
            for label, value in details
        )
        return [TextRow(cells) for cells in rows]
    mark = chance.pick((": ", ": ", ":", ""))
    behind = chance.pick(("", ":", " :")) if not mark else ""
    return [
        TextRow((cell(manner.case(label) + behind, 0.0, start), cell((mark + value).strip(), start, 1.0)))
        for label, value in details
    ]


def _slip(manner: Manner, moment: Moment) -> list[Row]:
    """All in one row, as on the last line of many receipts."""
    chance = manner.chance
    form = chance.pick(("pair", "pair", "line", "order", "three"))
    counter = f"SH{chance.digits(2)} {chance.pick('BZ')}{chance.digits(3)}"
    if form == "pair":
        left = moment.both() + (f" {counter}" if chance.coin(0.5) else "")
        prefix = chance.pick(("", "T2 ", "NO: ", "SLIP: ", "RCPT NO.", "#", "T1 "))
        return [pair(left, manner.case(prefix) + moment.number, split=0.6)]
    if form == "line":
        return [
            single(
                f"#{chance.digits(3)} "
                + moment.both()
                + f" {chance.pick(('-R', 'R' + chance.digits(5), counter, ''))}".rstrip()
            )
        ]
    if form == "order":
        number = manner.labelled(chance.pick(("INV#", "MFY SIDE 1 INV#", "INVOICE")), moment.number)
        return [
            single(number),
            single(manner.case(f"ORD #{chance.digits(2)} -REG #{chance.digits(1)}- ") + moment.both()),
        ]
    return [
        TextRow((cell(moment.date, 0.0, 0.3), cell(moment.time, 0.3, 0.55), cell(moment.number, 0.6, 1.0, "right")))
    ]


def _below(manner: Manner, moment: Moment) -> list[Row]:
    """Values below their labels."""
    borders = (0.0, 0.28, 0.48, 0.72, 1.0)
    heads = tuple(map(manner.case, (manner.word("date"), manner.word("time"), manner.word("number"), "POS")))
    values = (moment.date, moment.time, moment.number, Marked(manner.chance.digits(2)))
    aligns: tuple[Align, ...] = ("left", "left", "left", "right")
    return [columns(heads, borders, aligns), columns(values, borders, aligns)]
