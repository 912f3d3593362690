"""Invent receipts of varied layout and wording, with every fact known to the character, without drawing them.

A fact sheet is what a detector and a perfect recogniser would find on the receipt: the regions with their texts, and
for each which of its characters state which fact. ``bill`` computes the amounts; ``fact_head``, ``fact_meta``,
``fact_items``, ``fact_totals``, ``fact_taxes``, ``fact_special`` and ``fact_korean`` compose the rows; ``grid`` lays
them out.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr.fields import FIELDS, ITEM, Facts, Span
from ocr.metrics.facts import facts_of
from ocr.synthesis import fact_words as words
from ocr.synthesis import words_korean
from ocr.synthesis.bill import Bill, Rules, settle
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, GapRow, Row, RuleRow, single
from ocr.synthesis.fact_goods import invented_items
from ocr.synthesis.fact_head import customer_rows, head_rows, title_row
from ocr.synthesis.fact_items import ItemTable
from ocr.synthesis.fact_korean import korean_head, korean_meta, korean_slip
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_meta import Moment, meta_rows
from ocr.synthesis.fact_names import sentence
from ocr.synthesis.fact_special import fuel, parking
from ocr.synthesis.fact_taxes import card_rows, summary_rows
from ocr.synthesis.fact_totals import Totals
from ocr.synthesis.grid import Grid, placed
from ocr.types import FloatArray, Word

NOTES = (100, 500, 1000, 2000, 5000, 10000)
SEPARATORS: tuple[Row, ...] = (RuleRow("-"), RuleRow("="), GapRow(0.7), RuleRow("line"))
WON = (1000, 5000, 10000, 50000)


@dataclass(frozen=True, slots=True)
class FactSheet:
    """The regions of one receipt and the facts in them.

    Attributes:
        words: the regions in reading order, from top to bottom and left to right. ``line`` is the number of the region,
            from 1; ``field`` and ``item`` are set where the whole text is one fact.
        spans: of each region, the characters that state facts, from left to right without overlaps.
        fields: the values as printed by the name of the field, without those of the items; of a field that is printed
            several times the first, of ``company`` and ``address`` all lines, joined with a space. A currency belongs
            to an amount if no space separates them. ``total`` is what is to be paid; a total before rounding, of a
            part, or in the table of taxes has no field.
            ``subtotal`` is the sum of the items, or that without the tax that their prices include.
        size: width and height of the image in pixels.
        bill: the amounts as they add up.
    """

    words: tuple[Word, ...]
    spans: tuple[tuple[Span, ...], ...]
    fields: dict[str, str]
    size: tuple[int, int]
    bill: Bill

    @property
    def facts(self) -> Facts:
        """What the receipt says: its fields, and the values of its items."""
        labelled = [
            (span.field, span.item, (word.transcription or "")[span.start : span.end])
            for word, spans in zip(self.words, self.spans, strict=True)
            for span in spans
        ]
        return facts_of(self.fields, labelled)


def invented_facts(seed: int, split: str, index: int, korean: bool = False) -> FactSheet:
    """One invented receipt; a pure function of its arguments.

    Args:
        seed: not negative.
        split: name of the split.
        index: number of the receipt in its split, from 0.
        korean: a Korean receipt; otherwise one of Malaysia, Singapore, America or Europe.
    """
    chance = Chance(seed, f"{split}/facts/{'korean' if korean else 'latin'}", index)
    manner = Manner(chance, korean=korean)
    rows, bill = _korean_rows(manner) if korean else _rows(manner)
    letters = chance.integer(30, 58)
    pitch = chance.uniform(1.8, 3.0)
    grid = Grid(letters, pitch, pitch * chance.uniform(0.65, 0.9), chance.pick((1.5, 2.5, 2.5, 3.5)))
    sheet = placed(chance, grid.regions(rows), letters)
    parts = zip(sheet.texts, sheet.polygons, sheet.spans, strict=True)
    found = [region(*part, number) for number, part in enumerate(parts, start=1)]
    return FactSheet(tuple(found), tuple(sheet.spans), printed_fields(sheet.texts, sheet.spans), sheet.size, bill)


def printed_fields(texts: list[str], spans: list[tuple[Span, ...]]) -> dict[str, str]:
    """The values of a receipt's own facts, as `FactSheet.fields` describes them.

    Args:
        texts: of the regions in reading order.
        spans: of each region.
    """
    found: dict[str, list[str]] = {}
    for text, inside in zip(texts, spans, strict=True):
        for span in inside:
            found.setdefault(span.field, []).append(text[span.start : span.end])
    own = [name for name in FIELDS if name in found and not name.startswith(ITEM)]
    return {name: " ".join(found[name]) if name in {"company", "address"} else found[name][0] for name in own}


def region(text: str, points_N2: FloatArray, spans: tuple[Span, ...], number: int) -> Word:
    """A region as a word of its own line, with field and item where its whole text is one fact."""
    whole = spans[0] if len(spans) == 1 and (spans[0].start, spans[0].end) == (0, len(text)) else None
    field, item = (whole.field, whole.item) if whole else (None, None)
    return Word(points_N2, text, line=number, field=field, item=item)


def _rules(manner: Manner) -> Rules:
    """Tax, service and rounding of a shop."""
    chance, code = manner.chance, manner.code
    rate = chance.pick(manner.country.rates) if chance.coin(0.8) else 0
    added = chance.coin({"us": 1.0, "my": 0.35, "sg": 0.5, "uk": 0.1, "kr": 0.0}.get(code, 0.0))
    service = chance.pick((10, 10, 5, 3, 15)) if chance.coin({"my": 0.1, "sg": 0.3, "kr": 0.0}.get(code, 0.06)) else 0
    step = 5 if code in {"my", "sg"} and chance.coin(0.75) else 1
    return Rules(rate if code != "kr" else 100, added, service, step, WON if code == "kr" else NOTES)


def _separated(manner: Manner, *blocks: list[Row]) -> list[Row]:
    """The blocks with rules, gaps or nothing between them."""
    rows: list[Row] = []
    for block in blocks:
        if block and rows and manner.chance.coin(0.7):
            rows.append(manner.chance.pick(SEPARATORS))
        rows += block
    return rows


def _rows(manner: Manner) -> tuple[list[Row], Bill]:
    chance = manner.chance
    moment = Moment(manner)
    kind = chance.weighted((("goods", 30), ("fuel", 1), ("parking", 1)))
    title: list[Row] = [title_row(manner)] if chance.coin(0.75) else []
    meta = meta_rows(manner, moment) if kind != "parking" else []
    customer: list[Row] = customer_rows(manner) if chance.coin(0.1) else []
    if kind == "goods":
        items = invented_items(manner)
        goods = ItemTable(manner).rows(items)
    else:
        items, goods = fuel(manner) if kind == "fuel" else parking(manner, moment)
    bill = settle(chance, items, _rules(manner))
    totals = Totals(manner, bill)
    sums = totals.rows()
    taxes: list[Row] = []
    if bill.rules.tax_rate and chance.coin(0.55 if manner.code in {"my", "de", "fr"} else 0.25):
        taxes = summary_rows(manner, bill, tax_known=totals.tax_shown)
    slip = card_rows(manner, bill) if chance.coin(0.35 if bill.card else 0.04) else []
    head = head_rows(manner)
    place = chance.weighted((("top", 13), ("bottom", 4), ("early", 1)))
    early, late = (meta, []) if place == "early" else ([], meta if place == "bottom" else [])
    top = meta if place == "top" else []
    order = [title, customer, top] if chance.coin(0.75) else [customer, top, title]
    if early and len(head) > 1:
        head[1:1] = early
    tail = [sums, taxes, slip, late] if chance.coin(0.8) else [sums, late, slip, taxes]
    return _separated(manner, head, *order, goods, *tail, _footer(manner, moment)), bill


def _korean_rows(manner: Manner) -> tuple[list[Row], Bill]:
    chance = manner.chance
    moment = Moment(manner)
    items = invented_items(manner)
    bill = settle(chance, items, _rules(manner))
    meta, goods, sums = korean_meta(manner, moment), ItemTable(manner).rows(items), Totals(manner, bill).rows()
    slip = korean_slip(manner, moment) if chance.coin(0.5) else []
    head = korean_head(manner)
    blocks = [head, meta, goods, sums, slip] if chance.coin(0.85) else [head, goods, sums, meta, slip]
    return _separated(manner, *blocks, _footer(manner, moment)), bill


def _footer(manner: Manner, moment: Moment) -> list[Row]:
    """Closing lines, some with dates, telephone numbers and amounts that are none of the receipt's facts."""
    chance = manner.chance
    align: Align = "center" if chance.coin(0.8) else "left"
    known = words_korean.FOOTERS if manner.code == "kr" else words.FOOTERS
    lines = chance.sample(known, chance.integer(0, 6))
    if manner.code != "kr":  # other words too, so that no sentence is learnt by heart
        lines = [sentence(manner) if chance.coin(0.4) else line for line in lines]
    if chance.coin(0.2) and manner.code != "kr":
        distractors = (
            f"VALID UNTIL {moment.later()}", f"HOTLINE : 1-300-{chance.digits(2)}-{chance.digits(4)}",
            f"SPEND {manner.money or 'RM'}50.00 AND GET 10% OFF",
            f"PRINTED ON {moment.later()}", f"POINTS BALANCE : {chance.integer(1, 9999)}",
            f"REF NO: {chance.digits(16)}", f"*** {moment.later()} ***",
            f"ENQUIRIES: 03-{chance.digits(4)} {chance.digits(4)}",
        )  # fmt: skip
        lines.insert(chance.integer(0, len(lines)), chance.pick(distractors))
    return [single(manner.case(line), align) for line in lines]
