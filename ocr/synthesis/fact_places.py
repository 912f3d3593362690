"""Invented addresses."""

from __future__ import annotations

from ocr.synthesis import fact_words as words
from ocr.synthesis.chance import Chance
from ocr.synthesis.fact_manner import Manner
from ocr.synthesis.varied import invented_word


def place(chance: Chance) -> str:
    """The name of a quarter or a mall."""
    name = chance.pick((*words.MALAY, *words.ENGLISH)) if chance.coin(0.7) else invented_word(chance, 5).upper()
    return f"{name} {chance.pick((*words.MALLS, '', ''))}".strip()


def address(manner: Manner) -> list[str]:
    """The parts of an address from house to town, without the punctuation between them."""
    builder = {"us": _american, "uk": _british, "de": _german, "fr": _french, "sg": _singaporean}.get(
        manner.code, _malaysian
    )
    return builder(manner.chance)


def _road_name(chance: Chance) -> str:
    name = chance.weighted(((chance.pick(words.MALAY), 6), (invented_word(chance, 5).upper(), 2), (_code(chance), 3)))
    part = chance.pick(("", f"/{chance.integer(1, 90)}", f"/{chance.integer(1, 30)}A"))
    number = f"{chance.integer(1, 40)}{part}"
    return f"{name} {number}" if chance.coin(0.6) else name


def _code(chance: Chance) -> str:
    return f"{chance.pick(('SS', 'PJU', 'USJ', 'KPB', 'BK', 'TTDI', 'U', 'PJS', 'SG', 'MJ'))} {chance.integer(1, 30)}"


def _house(chance: Chance) -> str:
    number = chance.integer(1, 400)
    return chance.pick(
        (
            f"NO. {number}", f"NO {number}", f"NO.{number}", f"NO: {number}", f"{number}",
            f"LOT {chance.integer(1, 9999)}",
            f"{number}G", f"NO. {number}-G", f"{number} & {number + 2}", f"NO {number}.{number + 2}",
            f"LOT PT {chance.digits(4)}",
            f"LOT {number}-A & {number}-B", f"NO.{number}G&{number + 2}G",
            f"{chance.pick('ABCDEGKP')}-{chance.integer(1, 12)}-{chance.integer(1, 30)}",
            f"{chance.pick('BGKLS')}{chance.integer(1, 300)}", f"UNIT {chance.pick('ABG')}{chance.integer(1, 40)}",
            f"P.T. {chance.digits(4)}",
            f"{chance.integer(1, 12)} 1/2 MILES", f"BATU {chance.integer(1, 16)}", f"LOT F{chance.integer(1, 90)}",
        )
    )  # fmt: skip


def _malaysian(chance: Chance) -> list[str]:
    town, state = chance.pick(words.MALAYSIAN_TOWNS)
    if chance.coin(0.1):
        town = f"{chance.pick(('BANDAR', 'TANJUNG', 'SUNGAI', 'KUALA', 'PEKAN'))} {invented_word(chance, 5).upper()}"
    parts = [_house(chance)]
    if chance.coin(0.18):
        parts += [chance.pick(words.FLOORS), place(chance)]
    if chance.coin(0.93):
        parts.append(f"{chance.pick(words.ROADS)} {_road_name(chance)}")
    for _ in range(chance.weighted(((0, 3), (1, 6), (2, 2)))):
        parts.append(f"{chance.pick(words.ESTATES)} {chance.pick((*words.MALAY, str(chance.integer(1, 40))))}")
    postcode = f"{chance.integer(1, 98)}{chance.integer(0, 9)}00".zfill(5)
    parts.append(chance.weighted(((f"{postcode} {town}", 12), (f"{town} {postcode}", 1), (town, 1))))
    if state and chance.coin(0.75):
        parts.append(state + (chance.pick((" DARUL EHSAN", " D.E.", "")) if state == "SELANGOR" else ""))
    return [*parts, "MALAYSIA"] if chance.coin(0.05) else parts


def _singaporean(chance: Chance) -> list[str]:
    kind = chance.pick(("ROAD", f"AVENUE {chance.integer(1, 9)}", f"ST {chance.integer(11, 92)}", "DRIVE", "LINK"))
    road = f"{chance.pick((*words.ENGLISH, *words.MALAY))} {kind}"
    parts = [f"{chance.pick(('BLK ', '', ''))}{chance.integer(1, 900)} {road}"]
    if chance.coin(0.75):
        parts.append(f"#{chance.pick(('01', '02', 'B1', '03', '05'))}-{chance.integer(1, 200):02d}")
    if chance.coin(0.3):
        parts.insert(chance.integer(0, 1), place(chance))
    town = chance.pick(("SINGAPORE {}", "SINGAPORE {}", "S({})", "SINGAPORE ({})", "SPORE {}"))
    return [*parts, town.format(chance.digits(6))]


def _american(chance: Chance) -> list[str]:
    parts = [f"{chance.integer(1, 19999)} {chance.pick(('', '', 'N ', 'W. '))}{_english_road(chance)}"]
    if chance.coin(0.2):
        parts.append(f"{chance.pick(('SUITE', 'STE', 'UNIT', '#'))} {chance.integer(1, 400)}")
    town, state = _english_town(chance), chance.pick(words.AMERICAN_STATES)
    return (
        [*parts, town, f"{state} {chance.digits(5)}"]
        if chance.coin(0.7)
        else [*parts, f"{town} {state} {chance.digits(5)}"]
    )


def _british(chance: Chance) -> list[str]:
    area = f"{chance.pick('BCEGLMNSW')}{chance.pick('ADHNS')}{chance.integer(1, 29)}"
    code = f"{area} {chance.integer(1, 9)}{chance.pick('ABDEHJL')}{chance.pick('ABDEHJLN')}"
    parts = [f"{chance.integer(1, 400)} {_english_road(chance)}"]
    if chance.coin(0.25):
        parts.insert(0, f"{chance.pick(('UNIT', 'SHOP'))} {chance.integer(1, 60)} {place(chance)}")
    return [*parts, _english_town(chance), code]


def _english_road(chance: Chance) -> str:
    return f"{chance.pick(words.ENGLISH)} {chance.pick(words.ENGLISH_ROADS)}"


def _english_town(chance: Chance) -> str:
    return chance.pick(words.ENGLISH) + chance.pick(words.ENGLISH_ENDS)


def _german(chance: Chance) -> list[str]:
    road = chance.pick(words.GERMAN_ROADS) + chance.pick(("STR.", "STRASSE", "WEG", "PLATZ"))
    return [
        f"{road} {chance.integer(1, 199)}{chance.pick(('', '', 'A'))}",
        f"{chance.digits(5)} {chance.pick(words.GERMAN_TOWNS)}",
    ]


def _french(chance: Chance) -> list[str]:
    road = f"{chance.pick(('RUE', 'AVENUE', 'PLACE', 'BD', 'CHEMIN'))} {chance.pick(words.FRENCH_ROADS)}"
    return [
        f"{chance.integer(1, 199)}{chance.pick(('', ',', ' BIS'))} {road}",
        f"{chance.digits(5)} {chance.pick(words.FRENCH_TOWNS)}",
    ]
