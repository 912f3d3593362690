"""The heading of an invented receipt: company, registration, address, telephone, title, customer."""

from __future__ import annotations

from ocr.synthesis import fact_words as words
from ocr.synthesis.content import Row, Style, TextRow, cell, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_names import Company, coded, company, person, phone, registration
from ocr.synthesis.fact_places import address, place
from ocr.synthesis.marked import Marked, fact, fill

FORMERLY = ("(FORMERLY KNOWN AS {})", "(F.K.A. {})", "(PREVIOUSLY KNOWN AS {})")
OWNED = ("OWN BY: {}", "DIMILIKI: {}", "OPERATED BY {}", "OWNED BY {}", "A DIVISION OF {}", "MANAGED BY: {}")
LONG = 20
"""Characters of a name from which it may be printed in two rows."""
STRAY = ("YOUR ORDER NUMBER IS", "WELCOME TO", "*** COPY ***", "CUSTOMER COPY", "REPRINT", "SELAMAT DATANG", "WELCOME")


def head_rows(manner: Manner) -> list[Row]:
    """The rows from the top of the paper to the title."""
    chance = manner.chance
    shop = company(manner)
    rows: list[Row] = _above(manner) if chance.coin(0.14) else []
    if not chance.coin(0.03):  # else the name is in a picture
        rows += _name_rows(manner, shop)
    blocks = [_address_rows(manner, fact_field="address"), _contact_rows(manner)]
    if chance.coin(0.55):
        tax = _tax_number(manner)
        blocks.insert(chance.weighted(((0, 2), (1, 2), (2, 5))), [tax])
    if chance.coin(0.1):
        blocks.insert(chance.integer(0, len(blocks)), [single(f"({manner.case(place(chance))})", manner.align)])
    if chance.coin(0.06):
        blocks[0], blocks[1] = blocks[1], blocks[0]
    for block in blocks:
        rows += block
    return rows


def _above(manner: Manner) -> list[Row]:
    """What may stand above the name: a note, a number, a greeting, a title."""
    chance = manner.chance
    kind = chance.pick(("note", "number", "stray", "title", "queue"))
    if kind == "note":
        return [single(manner.case(person(chance)), chance.pick(("left", "center", "right")), Style(1.4, 1.4))]
    if kind == "number":
        return [single(chance.digits(chance.integer(1, 8)), "right", Style(1.3, 1.3))]
    if kind == "title":
        return [title_row(manner)]
    if kind == "queue":
        return [single(manner.case(STRAY[0]), "center"), single(str(chance.integer(1, 999)), "center", Style(2.0, 2.0))]
    return [single(manner.case(chance.pick(STRAY)), "center")]


def _name_rows(manner: Manner, shop: Company) -> list[Row]:
    """The name in one row or more, with the registration behind or below it, and what else is said of it."""
    chance, align = manner.chance, manner.align
    size = chance.weighted(((1.0, 6), (1.25, 2), (1.5, 2), (2.0, 2)))
    rows: list[Row] = []
    owned = False
    if shop.legal and chance.coin(0.3):
        owned = chance.coin(0.2)
        # A sign that the legal name does not repeat is larger, or it would look like the beginning of the name.
        large = chance.coin(0.5) or not shop.name.startswith(shop.brand)
        rows.append(single(manner.case(shop.brand), align, Style(2.0, 2.0) if large else Style()))
        size = min(size, 1.25)
    name = fact(shop.name, "company")
    form, number = registration(manner)
    registered = manner.cased(fill(form, fact(number, "registration")))
    has_number = chance.coin(0.72 if shop.legal else 0.4)
    if owned:
        name = fill(chance.pick(OWNED), name)
    name = manner.cased(name)
    if has_number and chance.coin(0.3):
        gap = chance.pick((" ", " ", "", "  "))
        if registered.text[0] not in "(<":  # else the name and what follows would be one word
            gap = gap or " "
        name, has_number = name + gap + registered, False
    name_rows = [single(name, align, Style(size, size))]
    if len(name.text) > LONG and not rows and chance.coin(0.25):
        pieces = list(name.lines(max(8, len(name.text) * 2 // 3)))
        name_rows = [single(piece, align, Style(size, size)) for piece in pieces]
    rows += name_rows
    if shop.legal and chance.coin(0.03):
        other = company(manner).name
        rows.append(single(manner.case(chance.pick(FORMERLY).format(other)), align))
    if has_number:
        rows.append(single(registered, align))
    return rows


def _address_rows(manner: Manner, fact_field: str) -> list[Row]:
    """An address over one to six rows; ``fact_field`` is empty for a customer's."""
    chance = manner.chance
    if fact_field and chance.coin(0.03):
        return []
    parts = address(manner)
    comma = chance.weighted(((", ", 8), (",", 2), (" ", 2), (" , ", 1)))
    room = chance.pick((14, 22, 28, 34, 34, 40, 40, 60, 200))
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 2 <= room and not chance.coin(0.12):
            lines[-1] += comma + part
        else:
            lines.append(part)
    behind = comma.rstrip() if chance.coin(0.75) else ""
    end = chance.weighted((("", 5), (".", 3), (",", 1)))
    lines = [line + behind for line in lines[:-1]] + [lines[-1] + end]
    texts: list[Marked] = [
        fact(manner.case(line), fact_field) if fact_field else Marked(manner.case(line)) for line in lines
    ]
    if fact_field and chance.coin(0.05):
        texts[0] = manner.case(chance.pick(("ADDRESS: ", "ADD : ", "ALAMAT: "))) + texts[0]
    return [single(text, manner.align) for text in texts]


def phone_text(manner: Manner) -> Marked:
    """A telephone number with its label, if any, and perhaps a second number, which is not marked."""
    chance = manner.chance
    value = fact(phone(manner), "phone")
    if chance.coin(0.08):
        value = value + chance.pick((" / ", ", ", " , ")) + phone(manner)
    label = chance.pick(manner.country.phone)
    colon = chance.pick((": ", " : ", ":", " ", ". ", ": ")) if label else ""
    return manner.cased(label + colon + value)


def _contact_rows(manner: Manner) -> list[Row]:
    """Telephone, fax, mail and web."""
    chance, align = manner.chance, manner.align
    if not chance.coin(0.72):
        return []
    text = phone_text(manner)
    rows: list[Row] = [single(text, align)]
    if chance.coin(0.3):
        fax = manner.case(f"FAX{chance.pick((' : ', ': ', ':', ' '))}{phone(manner)}")
        form = chance.pick(("joined", "pair", "own"))
        if form == "pair":
            rows = [TextRow((cell(text, 0.0, 0.5), cell(fax, 0.52, 1.0)))]
        else:
            rows = [single(text + " " + fax, align)] if form == "joined" else [*rows, single(fax, align)]
    if chance.coin(0.12):
        host = place(chance).replace(" ", "").lower() + chance.pick((".com", ".com.my", ".net", ".co"))
        site = chance.pick((f"www.{host}", f"info@{host}", f"Email: sales@{host}", f"facebook.com/{host[:9]}"))
        rows.append(single(site.upper() if manner.upper else site, align))
    return rows


def _tax_number(manner: Manner) -> TextRow:
    chance = manner.chance
    tax = manner.country.taxes[0]
    number = coded(chance, chance.pick(("00##########", "############", "#########", "M#-#######")))
    form = chance.pick(("{0} ID NO : {1}", "{0} REG NO: {1}", "({0} REG. NO : {1})", "{0} ID: {1}", "{0} NO: {1}",
    "{0} NO.{1}",
                        "({0} ID NO:{1})", "{0} REG NO {1}", "{0} : {1}", "{0} REG #{1}", "{0} NO :{1}",
                        "{1}"))  # fmt: skip
    return single(manner.case(form.format(tax, number)), manner.align)


def title_row(manner: Manner) -> TextRow:
    """The document's title."""
    scale = manner.chance.weighted(((1.0, 6), (1.4, 2), (1.8, 1)))
    text = manner.chance.pick(words.TITLES)
    return single(manner.case(text), "center" if manner.chance.coin(0.8) else "left", Style(scale, scale))


def customer_rows(manner: Manner) -> list[Row]:
    """The customer, whose name, address and telephone are not the shop's."""
    chance = manner.chance
    label = chance.pick(("BILL TO", "BILL TO:", "TO :", "CUSTOMER :", "SOLD TO", "DELIVER TO:", "MEMBER", "NAME :"))
    name = chance.pick((person(chance), company(manner).name, "CASH", "CASH CUSTOMER"))
    if chance.coin(0.25):
        return [single(manner.case(f"{label} {name}"))]
    rows: list[Row] = [single(manner.case(label)), single(manner.case(name))]
    if chance.coin(0.6):
        left, manner.align = manner.align, "left"
        rows += _address_rows(manner, fact_field="")
        manner.align = left
    if chance.coin(0.35):
        rows.append(single(f"{chance.pick(('TEL : ', 'TEL: ', ''))}{phone(manner)}"))
    if chance.coin(0.15):
        rows.append(single(manner.case(f"ATTN : {person(chance)}")))
    return rows
