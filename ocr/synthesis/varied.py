"""Vary the words and numbers of a receipt's rows, so that a recogniser learns characters instead of a vocabulary.

A word becomes a common or an invented one of the same letter case, a number another one of the same form, and some
cells become codes, addresses of the internet, telephone numbers or any characters at all.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace

from ocr.synthesis.chance import Chance
from ocr.synthesis.content import Cell, FrameRow, Row, TextRow
from ocr.synthesis.fonts import is_wide
from ocr.synthesis.vocabulary import WORDS

ONSETS = ("", "", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "qu", "r", "s", "t", "v", "w", "x", "y",
          "z", "bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "kh", "ng", "ny", "ph", "pl", "pr", "sc",
          "sh", "sk", "sl", "sp", "st", "str", "sy", "th", "tr", "tw", "wh")  # fmt: skip
NUCLEI = ("a", "a", "a", "e", "e", "i", "i", "o", "o", "u", "ai", "au", "ea", "ee", "ia", "ie", "io", "oa", "oo", "ou")
CODAS = ("", "", "", "", "b", "ck", "d", "f", "g", "h", "k", "l", "ll", "m", "n", "n", "ng", "nt", "p", "r", "r", "rd",
         "rt", "s", "s", "ss", "st", "t", "tt", "x", "y")  # fmt: skip
DOMAINS = ("com", "com.my", "net", "org", "co", "my", "sg", "co.uk", "de", "info", "biz")
SIGNS = ("$", "€", "£", "¥", "RM", "RM ", "MYR ", "USD ", "S$", "€ ", "EUR ")
LABELS = ("TEL", "Tel", "FAX", "GST ID", "GST NO", "REG NO", "Co. No", "HP", "INV NO", "Bill#", "TID", "MID", "Ref",
          "Doc No.", "CIF", "SST ID", "Slip", "Table", "POS", "Trx", "Batch", "")  # fmt: skip
ANY = string.printable[:94] + "€£¥¢"
LETTERS = string.ascii_uppercase.replace("O", "")
"""Letters of codes: O is left out of most real ones, and looks like the zero."""
MIXED = string.digits * 2 + LETTERS
SYLLABLES = bytes(byte for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode(
    "euc-kr"
)
"""The 2,350 Korean syllables of KS X 1001."""
SLIM = (*(word for word in WORDS if word[0] in "il"), "incl", "incl.", "inc.", "ltd", "lot", "id", "ic")
"""Words that begin with I or l: in many faces only the rest of the word tells which."""
MARKS = tuple("-.,:;/*#&@!?%+=_~|'\"()[]<>{}$\\^`€£¥¢")


def vary(chance: Chance, rows: list[Row]) -> list[Row]:
    """The rows with some of their words, numbers and cells replaced; how many differs between receipts.

    No fact is marked in them any more.
    """
    words = chance.weighted(((0.0, 2), (0.35, 3), (0.8, 3)))
    cells = chance.weighted(((0.05, 2), (0.15, 3), (0.4, 3)))
    return list(_varied_rows(chance, rows, words, cells))


def _varied_rows(chance: Chance, rows: list[Row], words: float, cells: float) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, TextRow):
            yield _varied_row(chance, row, words, cells)
        elif isinstance(row, FrameRow):
            yield replace(row, rows=tuple(_varied_row(chance, inner, words, cells) for inner in row.rows))
        else:
            yield row


def _varied_row(chance: Chance, row: TextRow, words: float, cells: float) -> TextRow:
    return replace(row, cells=tuple(_varied_cell(chance, cell, words, cells) for cell in row.cells))


def _varied_cell(chance: Chance, cell: Cell, words: float, cells: float) -> Cell:
    if chance.coin(cells):
        return replace(cell, text=invented_text(chance), spans=())
    if words == 0.0:
        return cell
    text = " ".join(_varied_token(chance, token, words) for token in cell.text.split())
    return replace(cell, text=text, spans=())


def _varied_token(chance: Chance, token: str, likely: float) -> str:
    if not chance.coin(likely):
        return token
    if any(letter.isdigit() for letter in token):
        return "".join(chance.digits(1) if letter in string.digits else letter for letter in token)
    core = token.strip(string.punctuation)
    if core and all(is_wide(letter) for letter in core):
        return token.replace(core, invented_hangul(chance, len(core)), 1)
    if len(core) < 2 or not (core.isascii() and core.isalpha()):
        return token
    return token.replace(core, cased(chance, _word(chance, len(core)), core), 1)


def _word(chance: Chance, length: int) -> str:
    """A common word, or an invented one of about ``length`` letters, in lower case."""
    return chance.pick(WORDS) if chance.coin(0.5) else invented_word(chance, length)


def invented_word(chance: Chance, length: int) -> str:
    """A pronounceable word of about this many letters, in lower case."""
    word = ""
    while len(word) < length:
        word += chance.pick(ONSETS) + chance.pick(NUCLEI) + chance.pick(CODAS)
    return word[: length + chance.integer(0, 2)]


def invented_hangul(chance: Chance, length: int) -> str:
    """About this many Korean syllables, each of the 2,350 of KS X 1001 equally likely."""
    count = max(1, length + chance.integer(-1, 2))
    return "".join(SYLLABLES[chance.integer(0, len(SYLLABLES) - 1)] for _ in range(count))


def cased(chance: Chance, word: str, like: str) -> str:
    """A word in lower case, in the letter case of another one; rarely in a different one."""
    if chance.coin(0.06):
        return chance.pick((word, word.upper(), word.title()))
    return word.upper() if like.isupper() else word.title() if like[:1].isupper() else word


def invented_text(chance: Chance) -> str:
    """The text of a cell: a code, an amount, a number with its label, an address, or any characters."""
    kind = chance.weighted(
        (
            *((_code, 4), (_numbered, 3), (_amount, 4), (_number, 4), (_moment, 3)),
            *((_internet, 2), (_marked, 4), (_any, 3), (_sentence, 8), (_initials, 1), (_slim, 4)),
        )
    )
    return kind(chance)


def _letters(chance: Chance, count: int, upper: bool = True) -> str:
    letters = string.ascii_uppercase if upper else string.ascii_letters
    return "".join(chance.pick(letters) for _ in range(count))


def _code(chance: Chance) -> str:
    parts = []
    for _ in range(chance.integer(1, 4)):
        size = chance.integer(1, 7)
        kind = chance.weighted((("digits", 4), ("letters", 2), ("both", 3)))
        if kind == "digits":
            parts.append(chance.digits(size))
        elif kind == "letters":
            parts.append(_letters(chance, min(size, 4), chance.coin(0.8)))
        else:
            parts.append("".join(chance.pick(MIXED) for _ in range(size)))
    return chance.pick(("-", "-", "/", "", " ", ".", "_", ":")).join(parts)


def _numbered(chance: Chance) -> str:
    """Letters with a number of a fixed length, as of documents, counters and terminals: zeros follow letters."""
    number = chance.integer(0, 10 ** chance.integer(1, 5) - 1)
    digits = f"{number:0{chance.integer(2, 9)}d}"
    letters = "".join(chance.pick(LETTERS) for _ in range(chance.integer(1, 4)))
    text = letters + chance.pick(("", "", "", "-", "/", "#")) + digits
    return chance.pick(("", "", "", "INV NO: ", "No. ", "Ref : ", "#", "POS ")) + text


def _initials(chance: Chance) -> str:
    """A name with initials, the letter O as often as all others."""
    initials = [chance.pick(("O", _letters(chance, 1))) for _ in range(chance.integer(1, 3))]
    name = cased(chance, _word(chance, chance.integer(3, 9)), chance.pick(("A", "Aa")))
    return chance.pick((".", ". ", " ", ".")).join([*initials, name])


def _slim(chance: Chance) -> str:
    """Words of which many begin with I or l, in mixed letter case, as in ``Total (Inclusive of GST) :``."""
    count = chance.integer(1, 4)
    words = [chance.pick(SLIM) if chance.coin(0.6) else _word(chance, chance.integer(2, 8)) for _ in range(count)]
    text = " ".join(cased(chance, word, chance.weighted((("Aa", 4), ("a", 1), ("A", 1)))) for word in words)
    return chance.pick(("{}", "{}", "({})", "{}:", "{} :", "{} (RM)", "Total ({}) :", "Tax {}")).format(text)


def _amount(chance: Chance) -> str:
    whole = chance.weighted(((chance.integer(0, 99), 5), (chance.integer(0, 999), 3), (chance.integer(0, 999999), 1)))
    point, group = chance.weighted((((".", ","), 8), ((",", "."), 2), ((".", " "), 1), ((".", ""), 2)))
    text = f"{whole:,}".replace(",", group) + point + chance.digits(chance.weighted(((2, 8), (3, 1), (1, 1))))
    text = chance.pick(SIGNS) + text if chance.coin(0.4) else text
    text = chance.pick(("", "", "", "-", "+", "*")) + text
    return text + chance.pick(
        ("", "", "", "", "-", " SR", " ZRL", " Z", " S", "%", "*", " T", " x1", " CR", " *", ",", " ,", ".")
    )


def _number(chance: Chance) -> str:
    label = chance.pick(LABELS)
    digits = " ".join(chance.digits(chance.integer(2, 6)) for _ in range(chance.integer(1, 3)))
    digits = digits.replace(" ", chance.pick((" ", "-", "", "/")))
    shape = chance.pick(("{}", "({})", "{}-" + _letters(chance, 1), "({}-" + _letters(chance, 1) + ")", "#{}", "+{}"))
    return (label + chance.pick((": ", ":", " : ", " ", ".", " #")) + shape.format(digits)).strip()


def _moment(chance: Chance) -> str:
    day, month, year = chance.integer(1, 31), chance.integer(1, 12), chance.integer(1998, 2032)
    name = chance.pick(("Jan", "FEB", "Mar", "APR", "May", "Jun", "JUL", "Aug", "Sept", "OCT", "Nov", "December"))
    date = chance.pick(
        (
            f"{day:02d}/{month:02d}/{year}", f"{day}/{month}/{year % 100:02d}", f"{day:02d}.{month:02d}.{year}",
            f"{year}-{month:02d}-{day:02d}", f"{day:02d}-{name}-{year}", f"{name} {day}, {year}",
            f"{day:02d}{name}{year}", f"{year}{month:02d}{day:02d}",
        )
    )  # fmt: skip
    hour, minute = chance.integer(0, 23), chance.integer(0, 59)
    time = chance.pick(
        (
            f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d}:{chance.integer(0, 59):02d}",
            f"{hour % 12 or 12}:{minute:02d} {chance.pick(('AM', 'PM', 'am', 'p.m.'))}", f"{hour:02d}.{minute:02d}",
        )
    )  # fmt: skip
    return chance.pick((date, time, f"{date} {time}", f"{time} {date}", f"Date: {date}", f"DATE : {date} {time}"))


def _internet(chance: Chance) -> str:
    host = f"{invented_word(chance, chance.integer(3, 9))}.{chance.pick(DOMAINS)}"
    name = invented_word(chance, chance.integer(3, 8))
    text = chance.pick((f"www.{host}", f"{name}@{host}", f"http://www.{host}/{name}", f"https://{host}", f"@{name}_my"))
    return text.upper() if chance.coin(0.25) else text


def _marked(chance: Chance) -> str:
    word, mark = cased(chance, invented_word(chance, chance.integer(2, 8)), "A"), chance.pick(MARKS)
    other = invented_word(chance, chance.integer(1, 6))
    return chance.pick(
        (f"{mark}{word}{mark}", f"{word}{mark}{other}", f"{word} {mark} {other}", f"{mark * 3} {word} {mark * 3}",
         f"{word}{mark}", f"{mark} {word}", f"({word})", f"[{word}]", f'"{word}"', f"{word}'s", f"{mark}{mark}{other}",
         f"{word}{mark}{chance.digits(2)}", f"{chance.digits(1)}{mark}{chance.digits(2)}{mark}")
    )  # fmt: skip


def _any(chance: Chance) -> str:
    return " ".join("".join(chance.pick(ANY) for _ in range(chance.integer(1, 7))) for _ in range(chance.integer(1, 3)))


def _sentence(chance: Chance) -> str:
    like = chance.pick(("A", "Aa", "a"))
    words = [cased(chance, _word(chance, chance.integer(1, 9)), like) for _ in range(chance.integer(2, 7))]
    return chance.pick((" ", " ", " ", ", ", ". ", "-")).join(words) + chance.pick(("", "", ".", ",", "!", "?", ":"))
