"""The manner of one invented receipt: country, letter case, and how labels, amounts, dates and times are printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Literal

from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Align
from ocr.synthesis.english_voice import mixed_case
from ocr.synthesis.fact_countries import COUNTRIES, WORDS
from ocr.synthesis.marked import Marked, fact, fill, marked

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
FULL_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
    "DECEMBER",
)  # fmt: skip
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

TIMES = (
    ("{0:02d}:{1:02d}", 14), ("{0:02d}:{1:02d}:{2:02d}", 14), ("{3}:{1:02d}:{2:02d} {4}", 4),
    ("{3:02d}:{1:02d}{4}", 3), ("{3}:{1:02d} {4}", 3), ("{3:02d}:{1:02d}:{2:02d} {4}", 5), ("{0}:{1:02d}:{2:02d}", 1),
    ("{0:02d}.{1:02d}", 1), ("{0:02d}{1:02d} HRS", 1), ("{0:02d} : {1:02d}", 1), ("{0:02d} {1:02d} {2:02d}", 1),
)  # fmt: skip
KOREAN_TIMES = (
    ("{0:02d}:{1:02d}:{2:02d}", 6), ("{0:02d}:{1:02d}", 6), ("{0:02d}시 {1:02d}분", 1), ("{5} {3}:{1:02d}", 1),
)  # fmt: skip
"""Formats with their weights; 0 hour, 1 minute, 2 second, 3 hour of twelve, 4 AM or PM, 5 the same in Korean."""

MoneyPlace = Literal["none", "joined", "spaced", "column", "behind"]


class Manner:
    """Choices that hold for the whole receipt.

    Attributes:
        chance: the receipt's random numbers.
        code: the country, a key of `ocr.synthesis.fact_countries.COUNTRIES`.
        country: its names of things.
        upper: everything is in capitals.
        align: alignment of the heading.
        money: sign or name of the currency, or nothing.
        money_place: where totals print it.
        colon: what separates a label from its value in one text.
    """

    def __init__(self, chance: Chance, *, korean: bool = False) -> None:
        self.chance = chance
        self.code = (
            "kr" if korean else chance.weighted((("my", 62), ("sg", 7), ("us", 13), ("uk", 9), ("de", 5), ("fr", 4)))
        )
        self.country = COUNTRIES[self.code]
        self.upper = chance.coin(0.72)
        self.align: Align = "center" if chance.coin(0.8) else "left"
        self.money = chance.pick(self.country.money)
        self.places = 0 if korean else 2
        forms: tuple[tuple[MoneyPlace, int], ...] = (
            ("none", 9),
            ("joined", 4),
            ("spaced", 3),
            ("column", 4),
            ("behind", 3 if self.country.comma else 1),
        )
        if korean:
            forms = (("none", 3), ("behind" if self.money == "원" else "joined", 1))  # fmt: skip
        self.money_place: MoneyPlace = chance.weighted(forms) if self.money else "none"
        self.colon = chance.pick((": ", " : ", " :", ":", " ", ": ", " : "))
        self.minus = chance.weighted((("-{}", 6), ("{}-", 1), ("({})", 1)))
        self.day = date(2009, 1, 1) + timedelta(days=chance.integer(0, 6900))
        self._date_form = self._pick_date_form()
        self._group = chance.coin(0.8)

    def case(self, text: str) -> str:
        """A text in capitals in the receipt's letter case, as long as before."""
        return text if self.upper else " ".join(map(mixed_case, text.split(" ")))

    def cased(self, text: Marked | str) -> Marked:
        """The same for marked text."""
        return marked(text).cased(self.case)

    def word(self, name: str) -> str:
        """One of the country's labels of a thing, in capitals."""
        return self.chance.pick(self.country.words.get(name) or WORDS[name])

    def labelled(self, label: str, value: Marked | str) -> Marked:
        """A label and its value as one text, the label in the receipt's letter case."""
        colon = self.colon if self.colon.strip() or not label.endswith(("#", ":", ".")) else " "
        return (marked(self.case(label) + colon) + value).strip() if label else marked(value)

    def number(self, amount: int, places: int | None = None) -> str:
        """An amount of the smallest unit, without currency, with sign; places as usual in the country unless given."""
        places = self.places if places is None else places
        scale = 10**places
        whole = f"{abs(amount) // scale:,}" if self._group else str(abs(amount) // scale)
        text = f"{whole}.{abs(amount) % scale:0{places}d}" if places else whole
        if self.country.comma:
            text = text.translate({ord(","): ".", ord("."): ","})
        return self.minus.format(text) if amount < 0 else text

    def amount(self, amount: int, field: str | None = None, item: int | None = None) -> Marked:
        """An amount without its currency, marked if it has a field."""
        text = self.number(amount)
        return fact(text, field, item) if field else Marked(text)

    def priced(self, amount: Marked, place: MoneyPlace) -> Marked:
        """An amount with its currency, except where that has a column of its own.

        A currency without a space between belongs to the value.
        """
        form = {
            "joined": self.money + "{}",
            "spaced": self.money + " {}",
            "behind": "{}" + ("" if self.code == "kr" else " ") + self.money,
        }.get(place, "{}")
        text = fill(form, amount)
        if self.money and " " not in form:
            text = Marked(text.text, tuple(replace(span, start=0, end=len(text.text)) for span in text.spans))
        return text

    def _pick_date_form(self) -> str:
        numbers = {"us": ("m/d/Y", "m/d/y", "n/j/Y", "n/j/y", "m-d-Y"), "de": ("d.m.Y", "d.m.y")}
        usual = numbers.get(
            self.code, ("d/m/Y", "d/m/Y", "d/m/Y", "d-m-Y", "d/m/y", "d-m-y", "j/n/Y", "d.m.y", "d.m.Y")
        )
        other = ("d M Y", "d-M-Y", "d/M/Y", "M j, Y", "d M y", "Y-m-d", "Y/m/d", "dMY", "d F Y", "F j, Y", "Ymd",
                 "d-M-y", "d / m / Y", "j M Y", "y/m/d")  # fmt: skip
        if self.code == "kr":
            return self.chance.pick(("Y-m-d", "Y-m-d", "Y/m/d", "Y.m.d", "Y년 m월 d일", "Y년m월d일", "y-m-d", "y/m/d",
                "y.m.d", "Ymd", "Y.m.d.",
                                     "m/d/Y", "Y-m-d", "Y/m/d"))  # fmt: skip
        return self.chance.pick(usual) if self.chance.coin(0.72) else self.chance.pick(other)

    def date_text(self, day: date) -> str:
        """A day in the receipt's format."""
        parts = {
            "d": f"{day.day:02d}", "j": str(day.day), "m": f"{day.month:02d}", "n": str(day.month), "Y": str(day.year),
            "y": f"{day.year % 100:02d}", "M": MONTHS[day.month - 1], "F": FULL_MONTHS[day.month - 1],
        }  # fmt: skip
        return self.case("".join(parts.get(letter, letter) for letter in self._date_form))

    def clock(self) -> partial[str]:
        """A function from (hour, minute, second) to text, the same format each time."""
        return partial(_clock, self.chance.weighted(KOREAN_TIMES if self.code == "kr" else TIMES))


def _clock(form: str, hour: int, minute: int, second: int) -> str:
    return form.format(
        hour, minute, second, hour % 12 or 12, "AM" if hour < 12 else "PM", "오전" if hour < 12 else "오후"
    )
