"""Values chosen from probabilities: one of each field, items in rows, dates and amounts that are some."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.extraction.postprocess.printed import printed
from ocr.extraction.postprocess.structure import Extraction, Structure, Value, adding_up
from ocr.extraction.tokens import tokenise
from ocr.types import Word

FIELDS = ("company", "date", "total", "menu.nm", "menu.cnt", "menu.price")


def found(lines: list[tuple[str, list[str]]], structure: Structure | None = None) -> Extraction:
    """What is found where each token has the class that stands beside its line: ``name`` or ``name=probability``."""
    words = [
        Word(np.array([[0, 20 * n], [90, 20 * n], [90, 20 * n + 12], [0, 20 * n + 12]], np.float32), text)
        for n, (text, _) in enumerate(lines)
    ]
    page = tokenise(words)
    labels = [label for _, each in lines for label in each]
    assert len(labels) == len(page.tokens)
    probability_NK = np.zeros((len(labels), len(FIELDS) + 1), np.float32)
    starts_N = np.zeros(len(labels), np.float32)
    for row, label in enumerate(labels):
        name, _, share = label.rstrip("!").partition("=")
        code = FIELDS.index(name) + 1 if name in FIELDS else 0
        probability_NK[row, code] = float(share or 0.9)
        probability_NK[row, 0] += 1 - probability_NK[row].sum()
        starts_N[row] = label.endswith("!")
    return (structure or Structure(FIELDS))(probability_NK, starts_N, page, words)


def test_a_company_over_two_lines_and_the_surest_date() -> None:
    result = found(
        [
            ("KEDAI BUKU", ["company", "company"]),
            ("MAJU SDN BHD (123-X)", ["company", "company", "company", "-"]),
            ("DATE: 01/02/2018", ["-", "date"]),
            ("VALID 01/03/2018", ["-", "date=0.6"]),
        ]
    )
    assert result.facts.fields == {"company": "KEDAI BUKU MAJU SDN BHD", "date": "01/02/2018"}
    assert result.fields["date"].confidence == pytest.approx(0.9)
    assert result.fields["company"].tokens == (0, 1, 2, 3, 4)


def test_a_value_begins_and_ends_with_its_region_unless_its_tokens_are_surely_none() -> None:
    lines = [("LIAN CHI PU TIAN", ["company=0.2", "company=0.3", "company", "company"]), ("SDN BHD", ["company"] * 2)]
    assert found(lines).facts.fields == {"company": "LIAN CHI PU TIAN SDN BHD"}
    assert found(lines, Structure(FIELDS, change=0.0)).facts.fields == {"company": "PU TIAN SDN BHD"}
    label = [("TEL SHOP BUKU MAJU", ["company=0.001", "company=0.001", "company", "company"])]
    assert found(label).facts.fields == {"company": "BUKU MAJU"}
    broken = [("PAPER (SETIA", ["company"] * 2), ("ALAM) SDN BHD", ["company=0.3", "company", "company"])]
    assert found(broken).facts.fields == {"company": "PAPER (SETIA ALAM) SDN BHD"}


def test_a_region_is_no_value_because_one_of_its_tokens_is_likely_one() -> None:
    assert found([("GOODS SOLD BY SHOP", ["-", "-", "-", "company=0.6"])]).facts.fields == {}


def test_of_two_companies_the_one_that_more_tokens_speak_for() -> None:
    result = found([("A", ["company"]), *[("x y", ["-", "-"])] * 3, ("B C D", ["company"] * 3)])
    assert result.facts.fields["company"] == "B C D"


def test_an_amount_has_the_minus_beside_it() -> None:
    fields = ("rounding", "discount", "change", "cash", "card")
    structure = Structure(fields)
    texts = ["ROUNDING -Rm 0.02", "DISCOUNT 1.50-", "CHANGE - 5.00", "SHIRT -XL 12.00", "TOTAL -> 6.00"]
    words = [
        Word(np.array([[0, 20 * n], [90, 20 * n], [90, 20 * n + 12], [0, 20 * n + 12]], np.float32), text)
        for n, text in enumerate(texts)
    ]
    page = tokenise(words)
    probability_NK = np.zeros((len(page.tokens), 6), np.float32)
    for token, row in zip(page.tokens, probability_NK, strict=True):
        row[token.region + 1 if any(map(str.isdigit, texts[token.region][token.start : token.end])) else 0] = 1.0
    result = structure(probability_NK, np.zeros(len(page.tokens), np.float32), page, words)
    plain = {"change": "5.00", "cash": "12.00", "card": "6.00"}
    assert result.facts.fields == {"rounding": "-Rm 0.02", "discount": "1.50-", **plain}


def test_a_total_must_be_a_number_and_may_lack() -> None:
    assert found([("TOTAL RM", ["total", "total"]), ("5.00", ["total=0.5"])]).facts.fields == {"total": "5.00"}
    assert found([("TOTAL", ["-"]), ("5.00", ["total=0.05"])]).facts.fields == {}


def test_an_unlikely_value_is_taken_only_where_no_other_field_is_likelier() -> None:
    page = found([("TAX", ["-"]), ("5.00", ["total=0.3"])])
    assert page.facts.fields == {"total": "5.00"}
    words = [Word(np.array([[0, 0], [90, 0], [90, 12], [0, 12]], np.float32), "5.00")]
    for name, expected in (("total", {"total": "5.00"}), ("tax", {})):  # every receipt has a total, not a tax
        structure = Structure((*FIELDS[:2], name, *FIELDS[3:]))
        probability_NK = np.array([[0.1, 0.0, 0.0, 0.3, 0.0, 0.0, 0.6]], np.float32)  # rather a price
        assert structure(probability_NK, np.zeros(1, np.float32), tokenise(words), words).facts.fields == expected


def test_of_likely_totals_the_one_that_adds_up() -> None:
    paid, due = Value("50.00", 0.99, (7,)), Value("28.50", 0.7, (6,))
    fields = {"total": paid, "cash": Value("50.00", 0.9, (8,)), "change": Value("21.50", 0.9, (9,))}
    assert adding_up(Extraction(fields, ()), [due, paid]).facts.fields["total"] == "28.50"
    assert adding_up(Extraction(fields, ()), [paid]).facts.fields["total"] == "50.00"
    subtotal = {**fields, "cash": Value("30.00", 0.9, (8,)), "subtotal": Value("50.00", 0.9, (1,))}
    assert adding_up(Extraction(subtotal, ()), [due]).facts.fields["total"] == "50.00"  # as many sums are right
    alone = Extraction({"total": paid}, ())
    assert adding_up(alone, [due, paid]) == alone


def test_a_less_likely_total_is_taken_if_it_adds_up() -> None:
    structure = Structure(("total", "cash", "change"))
    words = [
        Word(np.array([[0, y], [90, y], [90, y + 12], [0, y + 12]], np.float32), text)
        for y, text in ((0, "28.50"), (20, "50.00"), (40, "50.00"), (60, "21.50"))
    ]
    probability_NK = np.array([[0.8, 0.2, 0, 0], [0.1, 0.9, 0, 0], [0.1, 0, 0.9, 0], [0.1, 0, 0, 0.9]], np.float32)
    found = structure(probability_NK, np.zeros(4, np.float32), tokenise(words), words)
    assert found.facts.fields == {"total": "28.50", "cash": "50.00", "change": "21.50"}
    assert found.fields["total"].tokens == (0,)
    probability_NK[0, :2] = 0.95, 0.05
    found = structure(probability_NK, np.zeros(4, np.float32), tokenise(words), words)
    assert found.facts.fields["total"] == "50.00"


def test_items_begin_at_their_first_token_or_second_price() -> None:
    result = found(
        [
            ("KOPI O", ["menu.nm!", "menu.nm"]),
            ("2 3.00", ["menu.cnt", "menu.price"]),
            ("TEH", ["menu.nm!"]),
            ("1.50", ["menu.price"]),
            ("9.99", ["menu.price"]),
        ]
    )
    assert result.facts.items == (
        {"menu.nm": "KOPI O", "menu.cnt": "2", "menu.price": "3.00"},
        {"menu.nm": "TEH", "menu.price": "1.50"},
        {"menu.price": "9.99"},
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("date", ":26/03/18", "26/03/18"), ("date", "15403-119386(29/07/2016)", "29/07/2016"), ("date", "TODAY", ""),
        ("total", "5.90SR", "5.90"), ("total", "RM11.40", "RM11.40"), ("total", "12,300원", "12,300원"),
        ("registration", "(661435-K)", "661435-K"), ("registration", "661435-K)", "661435-K"),
        ("registration", "2008 (258013-X)", "2008 (258013-X)"), ("phone", "(+603) 123,", "(+603) 123"),
        ("time", "[10:26:17]", "10:26:17"), ("number", "#A-1", "A-1"), ("date", "2014년 11월 09일", "2014년 11월 09일"),
        ("total", "RM 33.90", "33.90"), ("total", "S$ 8.20", "8.20"), ("total", "$8.20", "$8.20"),
        ("total", ":", ""), ("menu.cnt", "PCS", ""), ("time", ": 12:30 PM", "12:30 PM"),
    ],
)  # fmt: skip
def test_what_is_printed(name: str, text: str, expected: str) -> None:
    assert printed(name, text) == expected


def test_known_values() -> None:
    known = {"address": ["NO. 1, JALAN BESAR, 43300 BALAKONG"], "company": ["MR. DIY (M) SDN BHD"]}
    structure = Structure(("company", "address"), known=known)
    assert structure.as_known("address", "NO 1 JALAN BESAR. 43300 BALAKONG") == known["address"][0]
    assert structure.as_known("address", "NO 7 JALAN KECIL 43300 BALAKONG") == "NO 7 JALAN KECIL 43300 BALAKONG"
    # The marks of a company stay as printed; a letter that was read wrong does not.
    assert structure.as_known("company", "MR DIY (M) SDN. BHD.") == "MR DIY (M) SDN. BHD."
    long = "PERNIAGAAN UNIHAKKA INTERNATIONAL SDN BHD"
    assert Structure(("company",), known={"company": [long]}).as_known("company", long.replace("TIO", "TI0")) == long
