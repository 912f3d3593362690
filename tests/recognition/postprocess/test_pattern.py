"""Patterns and lexicons: as Python's own regular expressions, or refused."""

import re
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.recognition.postprocess.automaton import DEAD, START, Automaton, of_lexicon
from ocr.recognition.postprocess.pattern import of_pattern
from ocr.types import InputError

CODES = {letter: code for code, letter in enumerate(string.printable[:95], start=1)}


def allows(automaton: Automaton, text: str) -> bool:
    state = START
    for letter in text:
        state = automaton.step(state, CODES[letter])
        if state == DEAD:
            return False
    return automaton.accepts(state)


@pytest.mark.parametrize(
    ("pattern", "allowed", "forbidden"),
    [
        (r"\d+[.]\d\d", ["1.00", "123.45"], ["", "1.0", ".00", "1.000", "a.00"]),
        (r"RM? ?\d{1,3}(,\d{3})*\.\d{2}", ["R1.00", "RM 1,234.00"], ["RM 1234.00", "RM1,23.00"]),
        (r"(TOTAL|CASH)( (TOTAL|CASH))*", ["CASH", "TOTAL CASH TOTAL"], ["", "CASH ", "TOTALCASH"]),
        (r"[^0-9]+", ["abc", " "], ["", "a1"]),
        (r"a{2}b{0,2}c{2,}", ["aacc", "aabbccc"], ["acc", "aabbbcc", "aac"]),
        (r"(ab?)*", ["", "a", "abaab"], ["b", "abb"]),
        (r"[\]\-]?", ["", "]", "-"], ["a"]),
        (r"|x", ["", "x"], ["xx"]),
    ],
)
def test_patterns_by_hand(pattern: str, allowed: list[str], forbidden: list[str]) -> None:
    automaton = of_pattern(pattern, CODES)
    assert [text for text in allowed if not allows(automaton, text)] == []
    assert [text for text in forbidden if allows(automaton, text)] == []


ATOMS = st.sampled_from(["a", "b", "1", ".", r"\d", r"\w", r"\.", "[a1]", "[^a]", "[a-b]"])
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "{0,}", "{2,3}"])
PATTERNS = st.recursive(
    st.builds("{}{}".format, ATOMS, COUNTS),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{}){}".format, inner, inner, COUNTS),
        st.builds("({}){}".format, inner, COUNTS),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(pattern=PATTERNS, texts=st.lists(st.text("ab1.", max_size=6), min_size=1, max_size=8))
def test_patterns_mean_what_they_mean_in_python(pattern: str, texts: list[str]) -> None:
    automaton = of_pattern(pattern, CODES)
    for text in texts:
        assert allows(automaton, text) == bool(re.fullmatch(pattern, text, re.ASCII)), text


@pytest.mark.parametrize(
    "pattern",
    ["^a", "a$", "*a", "a**", "a+?", "a{2", "a{,2}", "a{3,2}", "a{0}", "a{101}", "(a", "a)", "[a", "[]", "[b-a]",
     r"[\d-z]", r"\s", r"\b", r"\1", "\\", "(?:a)", "(?=a)", "(?P<n>a)", "[é]", "a" * 1001, "(" * 51 + ")" * 51,
     "((a{100}){100}){100}", "}", "]"],
)  # fmt: skip
def test_everything_else_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(InputError, match="pattern"):
        of_pattern(pattern, CODES)


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        ("[\u0001-\U0010ffff]{10}", False),
        ("[\u0001-\U0010ffff]" * 200, False),
        (f"[{'a-z' * 330}]{{100}}", False),
        ("(.{100}){10}", False),
        ("(" * 5 + "[\u0001-\U0010ffff]" + "{100})" * 5 + "{100}", True),
        ("(" * 49 + "(.?)" + "{100})" * 49, True),
    ],
)
def test_no_pattern_takes_long(pattern: str, refused: bool) -> None:
    codes = {chr(0xAC00 + code): code for code in range(1, 11_000)} | {"a": 11_000, "z": 11_001}
    begin = time.process_time()
    if refused:
        with pytest.raises(InputError, match="more than 4,000 states; make it shorter, or repeat less"):
            of_pattern(pattern, codes)
    else:
        automaton = of_pattern(pattern, codes)
        assert automaton.step(START, codes["a"]) != DEAD
        assert automaton.codes() <= set(codes.values())
    assert time.process_time() - begin < 10.0, "seconds; it was a minute and more"


def test_a_range_of_which_the_charset_has_nothing_is_no_empty_class() -> None:
    with pytest.raises(InputError, match="no character of it is in the charset"):
        of_pattern("[\u0400-\u04ff]", CODES)
    assert allows(of_pattern("[^\u0400-\u04ff]", CODES), "a")


def test_a_lexicon_of_lines_and_of_words() -> None:
    lines = of_lexicon(["TOTAL", "TOTAL DUE", "CASH"], "line", CODES)
    words = of_lexicon(["TOTAL", "TOTAL DUE", "CASH"], "word", CODES)
    for text in ("TOTAL", "TOTAL DUE", "CASH"):
        assert allows(lines, text)
        assert allows(words, text)
    for text in ("TOTAL CASH", "CASH TOTAL DUE CASH"):
        assert not allows(lines, text)
        assert allows(words, text)
    for text in ("", "TOT", "CASH ", " CASH", "CASHTOTAL", "DUE"):
        assert not allows(lines, text)
        assert not allows(words, text)


@pytest.mark.parametrize(
    ("entries", "unit", "message"),
    [
        (["é"], "line", "'é', not in the charset; correct the entry or leave it out"),
        ([" "], "word", "is blank; correct the entry"),
        (["a"], "lines", "lexicon_unit='lines'"),
    ],
)
def test_wrong_lexicons_are_refused(entries: list[str], unit: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        of_lexicon(entries, unit, CODES)
