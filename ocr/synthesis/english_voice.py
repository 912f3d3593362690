"""Style of one English receipt: letter case, currency, separators, formats of dates and numbers."""

from __future__ import annotations

from ocr.synthesis import words_english as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align, GapRow, Row, RuleRow, Style
from ocr.synthesis.marked import Marked, fact, marked


def mixed_case(word: str) -> str:
    """A word in capitals converted to title case; abbreviations and numbers are unchanged."""
    if any(letter.isdigit() for letter in word) or word.strip("().,:*-") in words.ABBREVIATIONS:
        return word
    return word.lower() if "@" in word or word.startswith("WWW") else word[:1] + word[1:].lower()


class Voice:
    """The style of one shop's receipts.

    Attributes:
        chance: the receipt's random numbers.
        head_align: alignment of the heading's lines.
        colon: separator between a label and its value.
    """

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.upper = chance.coin(0.55)
        self.currency = chance.pick(("RM", "$", "", "RM", "RM", "S$"))
        self.rule = chance.pick(("-", "-", "=", "line", "double", "*", ".", "gap", "-"))
        self.head_align: Align = "center" if chance.coin(0.8) else "left"
        self.colon = chance.pick((" : ", ": ", " :", ":", " "))
        self._date = chance.integer(0, 4)
        self._time = chance.integer(0, 2)

    def case(self, text: str) -> str:
        """The text in this receipt's letter case."""
        if self.upper:
            return text
        return " ".join(mixed_case(word) for word in text.split())

    def cased(self, text: Marked) -> Marked:
        """The same for marked text."""
        return text.cased(self.case)

    def label(self, name: str, value: Marked | str) -> Marked:
        """A label and its value as one text."""
        return f"{self.case(name)}{self.colon.rstrip()} " + marked(value)

    def separator(self) -> Row:
        """This receipt's separator, or sometimes a gap."""
        if self.rule == "gap" or self.chance.coin(0.15):
            return GapRow(self.chance.uniform(0.5, 1.2))
        return RuleRow(self.rule)

    def heading(self, likely: float) -> Style:
        """The style of a title: bold, magnified, or neither."""
        scale = self.chance.weighted(((1.0, 4), (1.25, 2), (1.5, 2)))
        return Style(scale, scale, self.chance.coin(likely))

    def money(self, cents: int, with_currency: bool = False) -> str:
        """An amount in this receipt's format."""
        sign = "-" if cents < 0 else ""
        amount = f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
        if not with_currency or not self.currency:
            return amount
        return self.currency + amount if self.currency.endswith("$") else f"{self.currency} {amount}"

    def amount(self, cents: int, field: str, item: int | None = None, with_currency: bool = False) -> Marked:
        """An amount in this receipt's format, of which the number is marked as a fact."""
        number, whole = self.money(cents), self.money(cents, with_currency)
        return whole.removesuffix(number) + fact(number, field, item)

    def company(self) -> str:
        """The shop's name."""
        chance = self.chance
        name = f"{chance.pick(words.SHOP_HEADS)} {chance.pick(words.SHOP_TAILS)}"
        if chance.coin(0.35):
            name = f"{chance.pick(words.SHOP_KINDS)} {chance.pick(words.SHOP_HEADS)}"
        return f"{name} {chance.pick(words.COMPANY_FORMS)}" if chance.coin(0.65) else name

    def registration(self) -> str:
        """A company registration number."""
        return f"{self.chance.digits(self.chance.integer(5, 7))}-{self.chance.pick('ABDHKMPTVWX')}"

    def phone(self) -> str:
        """A telephone number."""
        chance = self.chance
        return chance.pick(
            (
                f"0{chance.integer(2, 9)}-{chance.digits(8)}",
                f"0{chance.integer(2, 9)}-{chance.digits(4)} {chance.digits(4)}",
                f"+60{chance.digits(2)}-{chance.digits(3)} {chance.digits(4)}",
                f"({chance.digits(3)}) {chance.digits(3)}-{chance.digits(4)}",
                f"0{chance.integer(2, 9)} {chance.digits(4)} {chance.digits(4)}",
            )
        )

    def address(self) -> list[str]:
        """The lines of an address."""
        chance = self.chance
        lot = f"{chance.integer(1, 40)}/{chance.integer(1, 9)}{chance.pick(('', '', 'A', 'G'))}"
        house = chance.pick(("NO. {}", "NO {}", "LOT {}", "NO.{}-G", "LOT {}-A & {}-B", "{}", "UNIT {}")).format(
            chance.integer(1, 1999), chance.integer(1, 299)
        )
        lines = [f"{house}, {chance.pick(words.STREETS)} {lot},"]
        if chance.coin(0.6):
            lines.append(f"{chance.pick(words.AREAS)},")
        if chance.coin(0.3):
            lines.append(f"{chance.pick(words.STREETS)}")
        end = chance.pick((",", ".", "", f", {chance.pick(words.TOWNS)}"))
        lines.append(f"{chance.digits(5)} {chance.pick(words.TOWNS)}{end}")
        return [" ".join(lines)] if chance.coin(0.12) else lines

    def moment(self) -> tuple[str, str]:
        """A date and a time as printed."""
        chance = self.chance
        day, month, year = chance.integer(1, 28), chance.integer(1, 12), chance.integer(2014, 2026)
        hour, minute, second = chance.integer(7, 23), chance.integer(0, 59), chance.integer(0, 59)
        dates = (
            f"{day:02d}/{month:02d}/{year}",
            f"{day:02d}-{month:02d}-{year % 100:02d}",
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d} {words.MONTHS[month - 1]} {year}",
            f"{month:02d}/{day:02d}/{year % 100:02d}",
        )
        times = (
            f"{hour:02d}:{minute:02d}",
            f"{hour:02d}:{minute:02d}:{second:02d}",
            f"{(hour - 1) % 12 + 1:02d}:{minute:02d}{chance.pick((' ', ''))}{'PM' if hour > 11 else 'AM'}",
        )
        return dates[self._date], times[self._time]
