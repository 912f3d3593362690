"""The language model: its probabilities, its classes, its size, and stored models that nobody should trust."""

import base64
import math
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.recognition.postprocess.ngram import CharNgram
from ocr.recognition.postprocess.ngram_building import build_ngram
from ocr.recognition.postprocess.trie import END, FIRST, HEADER, MAGIC, OTHER, Trie, class_of
from ocr.types import InputError

TEXTS = ["TOTAL 12.50", "Total 3.00", "CASH 20.00", "CHANGE 7.50", "Tax 0.75", "THANK YOU", "a", "b b", "!"]


def probability(model: CharNgram, text: str, following: int) -> float:
    state = model.start
    for symbol in model.symbols(text):
        _, state = model.step(state, symbol)
    return math.exp(model.step(state, following)[0])


def test_shares_are_those_of_witten_and_bell_by_hand() -> None:
    model = build_ngram(["ab", "ab", "ac"], order=2)
    a, b, c = model.symbols("abc")
    # Outcomes: end, other, a, b, c. Of 9 outcomes, 3 a, 2 b, 1 c, 3 ends: 4 kinds.
    uniform = 4 / 13 / 5
    unigram = {a: 3 / 13 + uniform, b: 2 / 13 + uniform, c: 1 / 13 + uniform, END: 3 / 13 + uniform, OTHER: uniform}
    for symbol, count in ((b, 2), (c, 1), (a, 0), (END, 0), (OTHER, 0)):  # after "a": 3 times, 2 kinds
        expected = count / 5 + 2 / 5 * unigram[symbol]
        assert probability(model, "a", symbol) == pytest.approx(expected, rel=0.06), "stored in steps of 4%"
    assert probability(model, "", a) == pytest.approx(3 / 4 + 1 / 4 * unigram[a], rel=0.06)
    assert probability(model, "x", a) == pytest.approx(unigram[a], rel=0.06), "an unknown character has no context"


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text("aAbB1 2.é", min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=12),
    order=st.integers(1, 7),
    read=st.text("aAbB12 .éx", max_size=9),
)
def test_probabilities_after_any_text_sum_to_one(texts: list[str], order: int, read: str) -> None:
    model = build_ngram(texts, order=order)
    outcomes = range(END, FIRST + len(model.trie.alphabet))
    assert len(outcomes) == model.outcomes
    for end in range(len(read) + 1):
        assert sum(probability(model, read[:end], symbol) for symbol in outcomes) == pytest.approx(1.0, abs=1e-9)


def test_pruned_models_are_small_and_still_sum_to_one() -> None:
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefgh"), size=5)) for _ in range(300)]
    texts = [" ".join(rng.choice(words, size=4)) for _ in range(800)]
    whole, small = build_ngram(texts), build_ngram(texts, size=4000)
    assert len(small.trie.to_text()) <= 4000 < len(whole.trie.to_text()) <= 100_000
    assert whole.score(texts[0]) > small.score(texts[0]) > small.score(texts[0][::-1])
    for read in ("", words[0], f"{words[1]} {words[2][:3]}"):
        total = sum(probability(small, read, symbol) for symbol in range(END, FIRST + len(small.trie.alphabet)))
        assert total == pytest.approx(1.0, abs=1e-9)


def test_digits_are_one_class_and_letters_have_no_case() -> None:
    model = build_ngram(TEXTS)
    assert model.score("Total 12.50") == model.score("TOTAL 99.07")
    assert model.score("Total 12.50") > model.score("Total 12,50")
    assert [class_of(letter) for letter in "Aaß7٣É"] == ["a", "a", "ß", "0", "0", "é"]
    assert model.symbols("€") == [OTHER]


def test_a_model_survives_its_text() -> None:
    model = build_ngram(TEXTS)
    again = CharNgram.from_text(model.trie.to_text())
    for text in (*TEXTS, "unseen 1.00"):
        assert again.score(text) == model.score(text)


def stored(order: int = 2, alphabet: bytes = b"ab", nodes: int | None = None, **arrays: list[int]) -> str:
    content = {"counts": [3, 0, 0, 0], "symbols": [1, 3, 4], "shares": [200, 220, 220], "rests": [20]} | arrays
    nodes = len(content["symbols"]) if nodes is None else nodes
    header = MAGIC + HEADER.pack(order, len(alphabet), nodes) + alphabet
    return base64.b64encode(zlib.compress(header + b"".join(bytes(each) for each in content.values()))).decode()


def test_the_smallest_stored_model_is_read() -> None:
    assert CharNgram.from_text(stored()).outcomes == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        "AAAA",
        "A" * 400_004,
        base64.b64encode(b"plain").decode(),
        base64.b64encode(zlib.compress(b"another program's")).decode(),
        base64.b64encode(zlib.compress(MAGIC)).decode(),
        base64.b64encode(zlib.compress(MAGIC + bytes(2_000_000))).decode(),  # a bomb
        base64.b64encode(zlib.compress(MAGIC + HEADER.pack(2, 2, 3) + b"ab" + bytes(11)) + b"more").decode(),
        stored()[:-8],
        stored(order=0),
        stored(order=9),
        stored(alphabet=b"aa"),
        stored(alphabet=b"A7"),
        stored(alphabet=b"\xff\xfe"),
        stored(nodes=2**32 - 1),
        stored(nodes=2),
        stored(counts=[3, 0, 0, 1]),
        stored(counts=[0, 3, 0, 0], rests=[20]),  # no way from the first node
        stored(counts=[2, 0, 1, 0], rests=[20]),  # a rest is missing
        stored(counts=[1, 1, 1, 0], rests=[20, 20, 20]),  # longer than its order
        stored(symbols=[1, 4, 3]),
        stored(symbols=[1, 3, 3]),
        stored(symbols=[1, 3, 5]),  # not in the alphabet
        stored(rests=[]),
        stored(rests=[20, 20]),
    ],
)
def test_damaged_and_hostile_models_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="language: not a language model, or damaged"):
        CharNgram.from_text(text)


@settings(max_examples=100, deadline=None)
@given(order=st.integers(1, 7), nodes=st.integers(0, 6), rest=st.binary(max_size=40))
def test_any_bytes_are_a_model_or_refused(order: int, nodes: int, rest: bytes) -> None:
    packed = zlib.compress(MAGIC + struct.pack("<BHI", order, 2, nodes) + b"ab" + rest)
    try:
        model = CharNgram.from_text(base64.b64encode(packed).decode())
    except InputError:
        return
    total = sum(math.exp(model.step(model.start, symbol)[0]) for symbol in (END, OTHER, FIRST, FIRST + 1))
    assert total == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"order": 8}, "order=8: must be 1 to 7"), ({"size": 10}, "size=10: must be"), ({"texts": [" ", ""]}, "no texts")],
)
def test_wrong_requests_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_ngram(**{"texts": TEXTS, **wrong})  # type: ignore[arg-type]


def test_characters_that_alone_exceed_the_size_are_refused() -> None:
    syllables = ["".join(map(chr, range(start, start + 10))) for start in range(0xAC00, 0xAC00 + 600, 10)]
    with pytest.raises(
        InputError, match=r"text\.language\.characters=1000: the 252 characters .* alone need \d+; raise"
    ):
        build_ngram(syllables, size=1000)
    least = 2000
    assert len(build_ngram(syllables, size=least).trie.to_text()) <= least


def test_the_arrays_of_a_trie_are_level_by_level() -> None:
    trie = build_ngram(["ab"], order=3).trie
    assert isinstance(trie, Trie)
    bounds = trie.levels()
    assert bounds[0] == (0, 1)
    assert bounds[-1][1] == len(trie.counts_N)
    assert trie.counts_N[0] == 4, "start, end, a, b"
