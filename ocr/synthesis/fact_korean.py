"""Heading and details of an invented Korean receipt."""

from __future__ import annotations

from ocr.synthesis import words_korean as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, Row, Style, TextRow, cell, columns, pair, single
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_meta import Moment
from ocr.synthesis.marked import Marked, fact, fill
from ocr.synthesis.varied import invented_hangul

TITLES = (
    "영 수 증", "[영수증]", "신용카드 매출전표", "거래명세서", "RECEIPT", "영수증", "현금영수증", "[ 영 수 증 ]",
    "매출전표", "계 산 서", "간이영수증",
)  # fmt: skip
OWNERS = ("대표자: {}", "대표 : {}", "대표자 {}", "성명: {}", "대표:{}", "대 표 자 : {}")
NUMBERS = (
    "사업자번호: {}", "사업자 등록번호: {}", "등록번호: {}", "사업자번호 {}", "사업자:{}", "사업자등록번호 : {}",
    "({})", "[{}]", "등록번호 {}",
)  # fmt: skip


def korean_head(manner: Manner) -> list[Row]:
    """Title, name, registration, owner, address and telephone in varied orders."""
    chance = manner.chance
    align: Align = "center" if chance.coin(0.6) else "left"
    size = chance.weighted(((1.0, 3), (1.5, 2), (2.0, 2)))
    title: list[Row] = [single(chance.pick(TITLES), "center", Style(1.5, 1.5))] if chance.coin(0.6) else []
    named: list[Row] = [] if chance.coin(0.03) else [_name(manner, align, size)]
    registration = fill(chance.pick(NUMBERS), fact(_registration(chance), "registration"))
    owner = chance.pick(OWNERS).format(_person(chance))
    area = chance.pick(("02", "070", "031", "051", "1588", f"0{chance.integer(32, 64)}"))
    number = (
        f"{area}-{chance.digits(4)}"
        if area == "1588"
        else f"{area}-{chance.digits(chance.integer(3, 4))}-{chance.digits(4)}"
    )
    number = number.replace("-", ")", 1) if chance.coin(0.1) else number
    label = chance.pick(manner.country.phone) if chance.coin(0.9) else ""
    phone = (label + (chance.pick((": ", " : ", ":", " ")) if label else "") + fact(number, "phone")).strip()
    lines: list[list[Marked]] = [[registration], [Marked(owner)], _address(chance), [phone]]
    lines = [line for line in lines if chance.coin(0.85)]
    if chance.coin(0.25):
        chance.generator.shuffle(lines)
    texts = [text for line in lines for text in line]
    rows: list[Row] = [single(text, align) for text in texts]
    if chance.coin(0.3) and len(texts) > 1:
        rows[:2] = (
            [pair(texts[0], texts[1], split=0.6)] if chance.coin(0.6) else [single(texts[0] + " " + texts[1], align)]
        )
    return [*title, *named, *rows] if chance.coin(0.7) else [*named, *rows, *title]


def _name(manner: Manner, align: Align, size: float) -> TextRow:
    chance = manner.chance
    head = chance.pick(words.SHOP_HEADS) if chance.coin(0.4) else invented_hangul(chance, chance.integer(2, 4))
    name = head + chance.pick(("", " ")) + chance.pick(words.SHOP_TAILS)
    if chance.coin(0.3):
        form = chance.pick(manner.country.forms)
        name = chance.pick((f"{form}{name}", f"{form} {name}", f"{name}{form}"))
    if chance.coin(0.45):
        branch = chance.pick(words.BRANCHES) if chance.coin(0.5) else invented_hangul(chance, 2) + "점"
        name += chance.pick((f" {branch}", f"({branch})", f" - {branch}", branch))
    label = chance.pick(("상호: ", "상 호 : ", "가맹점명: ", "매장명: ", "[매장명] ", "점포명 : "))
    return (
        single(label + fact(name, "company"), "left")
        if chance.coin(0.2)
        else single(fact(name, "company"), align, Style(size, size))
    )


def _registration(chance: Chance) -> str:
    return f"{chance.digits(3)}-{chance.digits(2)}-{chance.digits(5)}"


def _person(chance: Chance) -> str:
    return (
        chance.pick(words.PEOPLE)
        if chance.coin(0.4)
        else chance.pick("김이박최정강조윤장임한오서신권황") + invented_hangul(chance, 2)
    )


def _address(chance: Chance) -> list[Marked]:
    city = chance.pick(words.CITIES)
    district = (
        chance.pick(words.DISTRICTS)
        if chance.coin(0.5)
        else invented_hangul(chance, 2) + chance.pick(("구", "시", "군", "읍", "면"))
    )
    road = (
        chance.pick(words.ROADS)
        if chance.coin(0.4)
        else invented_hangul(chance, 2) + chance.pick(("로", "길", "동", "대로", "가"))
    )
    behind = chance.pick(("", f"-{chance.integer(1, 40)}", "번지", f"번길 {chance.integer(1, 60)}"))
    text = f"{city} {district} {road} {chance.integer(1, 999)}{behind}"
    if chance.coin(0.45):
        floor, room = chance.integer(1, 9), chance.integer(101, 420)
        text += chance.pick((" ", ", ")) + chance.pick(("지하 1층", f"{floor}층", f"{room}호", f"{floor}층 {room}호"))
    if chance.coin(0.3):
        text += f" ({invented_hangul(chance, 2)}동{chance.pick(('', ', ' + invented_hangul(chance, 3) + '빌딩'))})"
    whole = fact(text, "address")
    lines = list(whole.lines(chance.pick((12, 16, 20, 40))))
    lines[0] = chance.pick(("주소: ", "주소 : ", "", "", "주 소 ", "소재지 ")) + lines[0]
    return lines


def korean_meta(manner: Manner, moment: Moment) -> list[Row]:
    """Date, number, register and cashier."""
    chance = manner.chance
    both = fill("{} {}", moment.dated(), moment.time) if chance.coin(0.85) else moment.dated()
    rows: list[Row] = []
    form = chance.pick(("label", "pair", "bare", "column"))
    label = manner.word("date")
    number = manner.labelled(manner.word("number"), moment.number)
    if form == "label":
        rows = [single(manner.labelled(label, both))]
    elif form == "pair":
        rows = [pair(both, f"POS{chance.pick((':', ' ', '-'))}{chance.integer(1, 20):02d}", split=0.7)]
    elif form == "bare":
        rows = [single(both), single(number)] if chance.coin(0.5) else [pair(both, moment.number, split=0.65)]
    else:
        rows = [columns((label, both), (0.0, 0.3, 1.0), ("left", chance.pick(("left", "right"))))]
    if form in {"label", "pair", "column"} and chance.coin(0.8):
        staff = f"{chance.pick(('담당', '담당자', '계산원', '캐셔'))}: {_person(chance)}" if chance.coin(0.5) else ""
        rows.insert(chance.integer(0, 1), TextRow((cell(number, 0.0, 0.6), cell(staff, 0.6, 1.0, "right"))))
    if chance.coin(0.3):
        rows.append(
            single(
                chance.pick(("테이블: {}번", "테이블명 : {}", "[ {} ]", "주문번호 {}", "대기번호 : {}")).format(
                    chance.integer(1, 300)
                )
            )
        )
    return rows


def korean_slip(manner: Manner, moment: Moment) -> list[Row]:
    """A card slip or a cash receipt, whose dates and amounts are not marked."""
    chance = manner.chance
    number = chance.pick(
        (
            f"{chance.digits(4)}-{chance.digits(2)}**-****-{chance.digits(4)}",
            f"{chance.digits(4)}********{chance.digits(3)}*",
        )
    )
    card, card_2 = chance.pick(words.CARDS), chance.pick(words.CARDS)
    details = [
        ("카드종류", card), ("카드번호", number), ("할부개월", chance.pick(("일시불", "00"))),
        ("승인번호", chance.digits(8)),
        ("승인일시", moment.later()), ("가맹점번호", chance.digits(9)), ("매입사", card_2), ("유효기간", "**/**"),
        ("현금영수증", f"010-****-{chance.digits(4)}"),
    ]  # fmt: skip
    kept = [detail for detail in details if chance.coin(0.6)]
    if chance.coin(0.5):
        return [pair(label, value, split=0.35) for label, value in kept]
    return [single(manner.labelled(label, value)) for label, value in kept]
