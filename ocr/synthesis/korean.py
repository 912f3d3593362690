"""Korean receipts: shops, restaurants, card slips and cash receipts with invented, generic names."""

from __future__ import annotations

from ocr.fields import ITEM
from ocr.synthesis import words_korean as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, CodeRow, GapRow, Row, RuleRow, Style, TextRow, cell, columns, pair, single
from ocr.synthesis.marked import Marked, fact, fill

TABLES: tuple[tuple[tuple[str, ...], tuple[float, ...], tuple[Align, ...]], ...] = (
    (("상품명", "단가", "수량", "금액"), (0.0, 0.44, 0.64, 0.76, 1.0), ("left", "right", "right", "right")),
    (("품명", "수량", "금액"), (0.0, 0.56, 0.70, 1.0), ("left", "right", "right")),
    (("메뉴", "단가", "수량", "금액"), (0.0, 0.42, 0.63, 0.75, 1.0), ("left", "right", "right", "right")),
    (("NO", "상품명", "수량", "금액"), (0.0, 0.1, 0.6, 0.72, 1.0), ("left", "left", "right", "right")),
)


class KoreanReceipt:
    """The rows of one Korean receipt, section by section."""

    def __init__(self, chance: Chance, mixed: bool) -> None:
        self.chance = chance
        self.mixed = mixed
        self.rule = chance.pick(("-", "-", "=", "line", "double", "*", "-"))
        self.items: list[tuple[str, int, int]] = []

    def rows(self, item_count: int) -> list[Row]:
        """All rows of a receipt with the given number of items."""
        rows = [*self.head(), *self.meta(), self.separator(), *self.item_table(item_count), self.separator()]
        rows += [*self.totals(), self.separator()]
        if self.chance.coin(0.65):
            rows += [*self.card_slip(), self.separator()]
        elif self.chance.coin(0.5):
            rows += [*self.cash_receipt(), self.separator()]
        return [*rows, *self.footer()]

    def separator(self) -> Row:
        """This receipt's separator, or sometimes a gap."""
        return GapRow(0.8) if self.chance.coin(0.1) else RuleRow(self.rule)

    def won(self, amount: int) -> str:
        """An amount in won."""
        return f"{amount:,}"

    def head(self) -> list[Row]:
        """Store name, registration, owner, address and telephone."""
        chance = self.chance
        name = chance.pick(words.SHOP_HEADS) + chance.pick(("", " ")) + chance.pick(words.SHOP_TAILS)
        if chance.coin(0.5):
            name += f" {chance.pick(words.BRANCHES)}"
        size = chance.weighted(((1.0, 2), (1.5, 3), (2.0, 2)))
        align: Align = "center" if chance.coin(0.75) else "left"
        rows: list[Row] = []
        if chance.coin(0.5):
            title = chance.pick(("영 수 증", "[영수증]", "신용카드 매출전표", "거래명세서", "RECEIPT"))
            rows += [single(title, "center", Style(1.5, 1.5, chance.coin(0.4), chance.coin(0.08))), GapRow(0.5)]
        rows.append(single(fact(name, "company"), align, Style(size, size, chance.coin(0.4))))
        number = f"{chance.digits(3)}-{chance.digits(2)}-{chance.digits(5)}"
        area = chance.pick(("02", "070", "031", "051", f"0{chance.integer(32, 64)}"))
        phone = f"{area}-{chance.digits(chance.integer(3, 4))}-{chance.digits(4)}"
        address = " ".join(chance.pick(part) for part in (words.CITIES, words.DISTRICTS, words.ROADS))
        address += f" {chance.integer(1, 399)}"
        if chance.coin(0.4):
            address += f" {chance.integer(1, 9)}층 ({chance.integer(100, 130)}호)"
        lines = [
            chance.pick(("사업자번호: ", "사업자 등록번호: ", "등록번호: ")) + fact(number, "registration"),
            Marked(f"대표자: {chance.pick(words.PEOPLE)}"),
            chance.pick(("주소: ", "", "주 소 ")) + fact(address, "address"),
            chance.pick(("TEL: ", "TEL ", "전화번호: ", "전화 ")) + fact(phone, "phone"),
        ]
        if chance.coin(0.3):
            lines = [lines[0] + " " + lines[1], *lines[2:]]
        return [*rows, *(single(line, align) for line in lines), GapRow(chance.uniform(0.2, 0.8))]

    def moment(self) -> Marked:
        """A date and a time as printed."""
        chance = self.chance
        year, month, day = chance.integer(2015, 2026), chance.integer(1, 12), chance.integer(1, 28)
        time = f"{chance.integer(7, 23):02d}:{chance.integer(0, 59):02d}:{chance.integer(0, 59):02d}"
        date, clock = chance.pick(
            (
                (f"{year}-{month:02d}-{day:02d}", time),
                (f"{year}/{month:02d}/{day:02d}", time[:5]),
                (f"{year}년 {month:02d}월 {day:02d}일", time[:5]),
                (f"{year % 100:02d}.{month:02d}.{day:02d}", time),
            )
        )
        return fact(date, "date") + " " + fact(clock, "time")

    def meta(self) -> list[Row]:
        """Date, register, receipt number."""
        chance = self.chance
        number = fact(f"{chance.digits(4)}-{chance.digits(6)}", "number")
        rows: list[Row] = []
        if chance.coin(0.5):
            rows.append(
                single(fill("{} {}", chance.pick(("[판매]", "판매일시:", "거래일시", "[매 출]")), self.moment()))
            )
        else:
            rows.append(pair(self.moment(), f"POS:{chance.integer(1, 20):02d}", split=0.7))
        if chance.coin(0.7):
            rows.append(
                pair(
                    chance.pick(("영수증번호: ", "전표No: ", "BILL: ")) + number,
                    chance.pick(("", f"담당: {chance.pick(words.PEOPLE)}")),
                    split=0.6,
                )
            )
        if chance.coin(0.3):
            rows.append(single(f"테이블: {chance.integer(1, 40)}번", style=Style(bold=chance.coin(0.5))))
        return rows

    def item_name(self) -> str:
        """The name of an item."""
        chance = self.chance
        if self.mixed and chance.coin(0.35):
            return chance.pick(words.ENGLISH_GOODS)
        name = chance.pick(words.GOODS)
        if chance.coin(0.35):
            name = f"{chance.pick(words.QUALITIES)}{chance.pick(('', ' '))}{name}"
        return f"{name} {chance.pick(words.SIZES)}" if chance.coin(0.35) else name

    def item_table(self, count: int) -> list[Row]:
        """The items, in one of the usual layouts."""
        chance = self.chance
        for _ in range(count):
            price = chance.integer(5, 300) * 100
            self.items.append((self.item_name(), chance.weighted(((1, 6), (2, 3), (3, 1), (10, 1))), price))
        heads, borders, aligns = chance.pick(TABLES)
        rows: list[Row] = [columns(heads, borders, aligns)]
        if chance.coin(0.8):
            rows.append(self.separator())
        return rows + (self.two_row_items() if chance.coin(0.35) else self.column_items(heads, borders, aligns))

    def facts(self, number: int, name: str, quantity: int, price: int) -> tuple[Marked, Marked, Marked, Marked]:
        """Name, unit price, quantity and price of an item."""
        texts = {"nm": name, "unitprice": self.won(price), "cnt": str(quantity), "price": self.won(price * quantity)}
        said, unit, count, amount = (fact(text, ITEM + field, number) for field, text in texts.items())
        return said, unit, count, amount

    def column_items(self, heads: tuple[str, ...], borders: tuple[float, ...], aligns: tuple[Align, ...]) -> list[Row]:
        """One row per item."""
        rows: list[Row] = []
        for number, (name, quantity, price) in enumerate(self.items, start=1):
            said = self.facts(number, name, quantity, price)
            values = {
                "상품명": said[0],
                "품명": said[0],
                "메뉴": said[0],
                "단가": said[1],
                "수량": said[2],
                "금액": said[3],
            }
            values["NO"] = Marked(f"{number:02d}")
            rows.append(columns(tuple(values[head] for head in heads), borders, aligns))
        return rows

    def two_row_items(self) -> list[Row]:
        """The name on one row, article number, price, quantity and amount on the next."""
        rows: list[Row] = []
        for number, (name, quantity, price) in enumerate(self.items, start=1):
            said, *figures = self.facts(number, name, quantity, price)
            rows.append(single(f"{number:03d} " + said if self.chance.coin(0.5) else said))
            cells = (Marked(f"*880{self.chance.digits(10)}"), *figures)
            rows.append(columns(cells, (0.0, 0.42, 0.62, 0.74, 1.0), ("left", "right", "right", "right")))
        return rows

    def totals(self) -> list[Row]:
        """Taxable amount, VAT, total, payment and change."""
        chance = self.chance
        total = sum(quantity * price for _, quantity, price in self.items)
        tax = total // 11
        scale = chance.weighted(((1.0, 2), (1.5, 2), (2.0, 1)))
        rows: list[Row] = []
        if chance.coin(0.7):
            label = chance.pick(("과세물품가액", "과세금액", "공급가액", "과세 매출"))
            rows.append(pair(label, fact(self.won(total - tax), "subtotal")))
            rows.append(pair(chance.pick(("부가세", "부 가 세", "부가세(VAT)", "세금")), fact(self.won(tax), "tax")))
        if chance.coin(0.3):
            rows.append(pair("할인금액", fact(self.won(0), "discount")))
        label = chance.pick(("합계", "합 계", "합계금액", "총 합 계", "받을금액", "결제금액"))
        value = fact(self.won(total), "total") + chance.pick(("", "", "원"))
        rows.append(pair(label, value, Style(scale, scale, chance.coin(0.5)), 0.5))
        paid = -(-total // 10000) * 10000
        if chance.coin(0.6):
            label = chance.pick(("받은금액", "현금", "내신금액", "신용카드"))
            rows.append(pair(label, fact(self.won(paid), "card" if label == "신용카드" else "cash")))
            rows.append(pair(chance.pick(("거스름돈", "거스름", "잔돈")), fact(self.won(paid - total), "change")))
        return rows

    def card_slip(self) -> list[Row]:
        """Card payment details with a masked number."""
        chance = self.chance
        number = chance.pick(
            (
                f"{chance.digits(4)}-{chance.digits(2)}**-****-{chance.digits(4)}",
                f"{chance.digits(4)}********{chance.digits(3)}*",
            )
        )
        colon = chance.pick((": ", " : ", " "))
        details = [
            ("카드종류", chance.pick(words.CARDS)),
            ("카드번호", number),
            ("할부개월", chance.pick(("일시불", "00", "3개월"))),
            ("승인번호", chance.digits(8)),
            ("승인일시", self.moment().text),
            ("가맹점번호", chance.digits(10)),
            ("매입사", chance.pick(words.CARDS)),
            ("승인금액", f"{self.won(chance.integer(10, 900) * 100)}원"),
        ]
        keep = details[: chance.integer(4, len(details))]
        style = chance.pick(("joined", "pair", "column"))
        rows: list[Row] = [single("[신용카드 승인정보]", "center")] if chance.coin(0.5) else []
        if style == "joined":
            return rows + [single(f"{label}{colon}{value}") for label, value in keep]
        if style == "pair":
            return rows + [pair(label, value, split=0.35) for label, value in keep]
        start = chance.uniform(0.3, 0.36)
        return rows + [TextRow((cell(label, 0.0, start), cell(f": {value}", start, 1.0))) for label, value in keep]

    def cash_receipt(self) -> list[Row]:
        """Details of a cash receipt for the tax office."""
        chance = self.chance
        return [
            single("현금(소득공제)", "center", Style(bold=chance.coin(0.5))),
            single(f"식별번호 : 010-****-{chance.digits(4)}"),
            single(f"승인번호 : {chance.digits(9)}"),
            single("문의 : 국번없이 126"),
        ]

    def footer(self) -> list[Row]:
        """Closing lines and perhaps a code."""
        chance = self.chance
        align: Align = "center" if chance.coin(0.75) else "left"
        rows: list[Row] = [single(text, align) for text in chance.sample(words.FOOTERS, chance.integer(1, 5))]
        code = chance.weighted((("", 3), ("bar", 3), ("qr", 2)))
        if code == "bar":
            data = chance.digits(chance.integer(12, 16))
            rows += [GapRow(0.5), CodeRow("bar", data), single(data, "center")]
        elif code == "qr":
            rows += [GapRow(0.5), CodeRow("qr", f"https://www.example.co.kr/r/{chance.digits(12)}")]
        return rows
