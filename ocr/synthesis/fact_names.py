"""Invented names of companies and people, telephone and registration numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.synthesis import fact_words as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.fact_places import place
from ocr.synthesis.varied import invented_word
from ocr.synthesis.vocabulary import WORDS as VOCABULARY

LETTERS = "ABDHKMPTUVWX"


@dataclass(frozen=True, slots=True)
class Company:
    """A shop.

    Attributes:
        brand: what its sign says.
        name: its full name, with its legal form if it has one.
        legal: ``name`` ends with a legal form.
    """

    brand: str
    name: str
    legal: bool


def company(manner: Manner) -> Company:
    """A company, in capitals."""
    chance = manner.chance
    core = chance.weighted(((_family, 3), (_invented, 5), (_malay, 3), (_english, 4), (_initials, 2)))(chance)
    brand = core
    if manner.code in {"my", "sg"} and chance.coin(0.22):
        brand = f"{chance.pick(words.PREFIXES)} {core}"
    elif chance.coin(0.7):
        brand = f"{core} {chance.pick(words.TRADES)}"
        if chance.coin(0.08):
            brand += f" {chance.pick(('&', 'AND', 'N'))} {chance.pick(words.TRADES)}"
    if chance.coin(0.07):
        brand += chance.pick(
            (f" ({place(chance)})", f" @ {place(chance)}", f" - {place(chance)}", f" {chance.integer(2, 999)}")
        )
    if not chance.coin(0.68):
        return Company(brand, brand, legal=False)
    name = brand
    if chance.coin(0.3):  # the legal name has little to do with the sign
        name = f"{chance.pick((_family, _invented, _initials, _english))(chance)} {chance.pick(words.TRADES)}"
    return Company(brand, f"{name} {chance.pick(manner.country.forms)}", legal=True)


def sentence(manner: Manner) -> str:
    """Common words in no meaningful order, in capitals."""
    chance = manner.chance
    text = " ".join(chance.pick(VOCABULARY) for _ in range(chance.weighted(((3, 1), (4, 2), (6, 3), (9, 1), (16, 1)))))
    return text.upper() + chance.pick(("", "", ".", "!", " !", "..."))


def _family(chance: Chance) -> str:
    return " ".join(chance.pick(words.SYLLABLES) for _ in range(chance.weighted(((2, 5), (3, 3), (1, 1)))))


def _invented(chance: Chance) -> str:
    core = invented_word(chance, chance.integer(3, 8)).upper()
    return f"{core} {invented_word(chance, chance.integer(3, 6)).upper()}" if chance.coin(0.2) else core


def _malay(chance: Chance) -> str:
    return " ".join(chance.pick(words.MALAY) for _ in range(chance.integer(1, 2)))


def _english(chance: Chance) -> str:
    if chance.coin(0.35):
        return " ".join(chance.pick(VOCABULARY) for _ in range(chance.integer(1, 2))).upper()
    if chance.coin(0.3):
        return f"{chance.pick(words.GIVEN)}'S {chance.pick(words.ENGLISH)}"
    return (
        f"{chance.pick(words.ENGLISH)} {chance.pick((*words.ENGLISH, 'STAR', 'LEAF', 'MOON', 'FRESH', 'HOUSE', 'TOP'))}"
    )


def _initials(chance: Chance) -> str:
    letters = [chance.pick("ABCDEFGHJKLMNPRSTWYZ") for _ in range(chance.integer(2, 4))]
    return chance.pick(("", "", ".", " ")).join(letters) + chance.pick(("", "", f" {chance.pick(words.ENGLISH)}"))


def person(chance: Chance) -> str:
    """A person's name."""
    first, other = chance.pick(words.GIVEN), chance.pick(words.GIVEN)
    return chance.pick((first, _family(chance), f"{first} {chance.pick(words.SYLLABLES)}", f"{first} BINTI {other}"))


PHONES = {
    "sg": ("#### ####", "6#######", "+65 #### ####", "(65) ########", "6### ####"),
    "us": ("(###) ###-####", "###-###-####", "###.###.####", "(###)###-####", "1-800-###-####"),
    "uk": ("0#### ######", "020 #### ####", "0### ### ####", "+44 #### ######", "(0#) #### ####"),
    "de": ("0###/######", "0#### #####", "+49 ### ######", "0###-#######"),
    "fr": ("0# ## ## ## ##", "0#.##.##.##.##", "+33 # ## ## ## ##"),
}  # fmt: skip
AREAS = ("03", "03", "03", "04", "05", "06", "07", "09", "012", "016", "019", "017", "011")
MALAYSIAN_PHONES = (
    "{}-########", "{}-#### ####", "{} #### ####", "+6{}-#### ####", "{}-#######", "{}-### ####", "{}- ########",
    "6{}-#### ####", "{}########", "(+6{}) #### ####", "{} - #######", "1300-##-####", "({}) #######", "{}-####-####",
    "+6{}########",
)  # fmt: skip
MALAYSIAN_REGISTRATIONS = (
    ("######-@", 8), ("#####-@", 2), ("#######-@", 6), ("SA#######-@", 1), ("JM#######-@", 1), ("00#######-@", 1),
    ("###### @", 1), ("20########## (######-@)", 1),
)  # fmt: skip
REGISTRATIONS = {
    "my": ("({})", "({})", "({})", "{}", "{}", "(CO.REG : {})", "CO. REG. NO.: {}", "(CO. NO. {})",
        "COMPANY REG NO : {}", "(NO. {})", "ROC : {}", "CO-REG : {}", "(REG NO: {})", "BR NO.: ({})", "<{}>",
        "COMPANY NO : {}", "( ROC : {} )"),
    "sg": ("UEN: {}", "CO. REG. NO. {}", "({})", "REG NO : {}", "ROC NO: {}"),
    "us": ("STORE LIC {}", "EIN {}", "REG# {}"),
    "uk": ("COMPANY NO. {}", "REG NO {}", "CO REG NO: {}", "ABN {}", "COMPANY REG: {}"),
    "de": ("HRB {}", "HANDELSREGISTER HRB {}"),
    "fr": ("SIRET {}", "SIRET : {}", "RCS {}"),
}  # fmt: skip
NUMBERS = {
    "sg": "#########@",
    "us": "##-#######",
    "uk": "########",
    "de": "#####",
    "fr": "### ### ### #####",
}  # fmt: skip


def coded(chance: Chance, form: str) -> str:
    """The form with a digit for each ``#`` and a letter for each ``@``."""
    digits = iter(chance.digits(form.count("#")))
    return "".join(next(digits) if sign == "#" else chance.pick(LETTERS) if sign == "@" else sign for sign in form)


def phone(manner: Manner) -> str:
    """A telephone number."""
    chance = manner.chance
    if manner.code == "my":
        return coded(chance, chance.pick(MALAYSIAN_PHONES).format(chance.pick(AREAS)))
    return coded(chance, chance.pick(PHONES[manner.code]))


def registration(manner: Manner) -> tuple[str, str]:
    """A form for a company's registration number, with its label, and the number."""
    chance = manner.chance
    form = chance.weighted(MALAYSIAN_REGISTRATIONS) if manner.code == "my" else NUMBERS[manner.code]
    return chance.pick(REGISTRATIONS[manner.code]), coded(chance, form)
