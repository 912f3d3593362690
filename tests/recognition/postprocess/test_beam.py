"""The beam search against all paths enumerated, and what the language model may and may not change."""

import itertools
import math
import re
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.recognition.postprocess.alignment import align
from ocr.recognition.postprocess.beam import BeamCTC
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.recognition.postprocess.ngram import CharNgram
from ocr.recognition.postprocess.ngram_building import build_ngram
from ocr.recognition.postprocess.prefix import in_number, kinds_of
from ocr.synthesis.texts import receipt_texts
from ocr.types import FloatArray, InputError

CHARSET = " AB1270.,$O"
LANGUAGE = build_ngram(["ABBA", "AB 12.50", "BA 7.10", "B 20.17", "A"] * 3).trie.to_text()
FREE = {"width": 1000, "drop": 0.0, "least": 0.0}


def probabilities(*frames: dict[str, float], characters: str = CHARSET) -> FloatArray:
    """Frames by character, "_" for the blank; what is left is spread over the others."""
    rows = []
    for frame in frames:
        others = max(1, len(characters) + 1 - len(frame))
        rows.append([frame.get(letter, (1 - sum(frame.values())) / others) for letter in f"_{characters}"])
    return np.array(rows, np.float32)


def brute_force(probability_TK: FloatArray, characters: str) -> dict[str, float]:
    """Probability of each text, from all paths."""
    sums: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(probability_TK.shape[1]), repeat=len(probability_TK)):
        text = "".join(characters[code - 1] for code, _ in itertools.groupby(path) if code)
        sums[text] += math.prod(float(probability_TK[step, code]) for step, code in enumerate(path))
    return sums


def random_TK(seed: int, steps: int, codes: int, sharpness: float) -> FloatArray:
    logits_TK = np.random.default_rng(seed).normal(size=(steps, codes)) * sharpness
    exponentials_TK = np.exp(logits_TK)
    return (exponentials_TK / exponentials_TK.sum(1, keepdims=True)).astype(np.float32)


CASES = given(seed=st.integers(0, 10**6), steps=st.integers(1, 5), sharpness=st.floats(0.1, 4.0))


@settings(max_examples=40, deadline=None)
@CASES
def test_without_a_model_every_text_has_the_probability_of_all_its_paths(
    seed: int, steps: int, sharpness: float
) -> None:
    probability_TK = random_TK(seed, steps, 3, sharpness)
    expected = brute_force(probability_TK, "AB")
    found = BeamCTC("AB", length_bonus=0.0, **FREE).texts(probability_TK)
    assert {text: math.exp(score) for text, score in found} == pytest.approx(expected, rel=1e-5)
    assert found[0][0] == max(expected, key=expected.__getitem__)


@settings(max_examples=40, deadline=None)
@CASES
def test_with_a_model_the_scores_are_the_documented_formula(seed: int, steps: int, sharpness: float) -> None:
    probability_TK = random_TK(seed, steps, 4, sharpness)
    model = CharNgram.from_text(LANGUAGE)
    expected = {
        text: math.log(probability) + 0.7 * model.score(text) + 0.3 * len(text)
        for text, probability in brute_force(probability_TK, "AB ").items()
    }
    beam = BeamCTC("AB ", language=LANGUAGE, language_weight=0.7, length_bonus=0.3, **FREE)
    found = beam.texts(probability_TK)
    assert dict(found) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    best = max(expected, key=expected.__getitem__)
    assert beam(probability_TK).text == best.strip()


@settings(max_examples=60, deadline=None)
@given(path=st.lists(st.integers(0, len(CHARSET)), min_size=1, max_size=20), peak=st.floats(0.9, 1.0))
def test_a_beam_of_one_without_a_model_is_greedy_where_the_network_is_sure(path: list[int], peak: float) -> None:
    frames = [{f"_{CHARSET}"[code]: peak} for code in path]
    probability_TK = probabilities(*frames)
    beam = BeamCTC(CHARSET, width=1, length_bonus=0.0)
    assert beam(probability_TK) == GreedyCTC(CHARSET)(probability_TK)


def test_prefixes_with_different_alignments_are_one() -> None:
    # Graves 2012, figure 7.4: the best path is empty, the best text is A.
    probability_TK = probabilities({"_": 0.7, "A": 0.3}, {"_": 0.6, "A": 0.4}, characters="A")
    assert GreedyCTC("A")(probability_TK).text == ""
    assert BeamCTC("A", length_bonus=0.0)(probability_TK).text == "A"


def test_the_language_model_repairs_what_the_network_leaves_open() -> None:
    probability_TK = probabilities({"A": 0.9}, {"B": 0.45, "1": 0.5}, {"_": 0.9}, {"B": 0.9}, {"A": 0.9})
    assert BeamCTC(CHARSET)(probability_TK).text == "A1BA"
    reading = BeamCTC(CHARSET, language=LANGUAGE)(probability_TK)
    assert reading.text == "ABBA"
    assert reading.confidences == pytest.approx((0.9, 0.45, 0.9, 0.9))


@settings(max_examples=60, deadline=None)
@given(
    amount=st.from_regex(r"[1270]{1,3}\.[1270]{2}", fullmatch=True),
    weight=st.floats(0, 10),
    bonus=st.floats(-5, 10),
    rivals=st.data(),
)
def test_an_amount_is_never_changed_against_clear_evidence(
    amount: str, weight: float, bonus: float, rivals: st.DataObject
) -> None:
    frames = []
    for best in (each for letter in amount for each in (letter, "_")):
        rival = rivals.draw(st.sampled_from([each for each in f"_{CHARSET}" if each != best]))
        frames.append({best: 0.91, rival: 0.08})
    beam = BeamCTC(CHARSET, language=LANGUAGE, language_weight=weight, length_bonus=bonus)
    assert beam(probabilities(*frames)).text == amount


RECEIPTS = [text for index in range(100) for text in receipt_texts(index, seed=0, split="language")]
LETTERS = "".join(sorted({letter for text in RECEIPTS for letter in text}))


@pytest.fixture(scope="module")
def receipts() -> str:
    """A language model of synthetic receipts, as tuning builds it."""
    return build_ngram(RECEIPTS).trie.to_text()


@pytest.mark.parametrize(
    ("text", "at", "rival", "peak"),
    [
        ("RM 5.90 SR", 4, "0", 0.995),
        ("1.00 X 3.20 3.20 S", 13, "0", 0.995),
        ("AMT 12.50MYR", 6, "0", 0.98),
        ("2.20 T", 1, "_", 0.98),
        ("AMT 12.50MYR", 4, "_", 0.95),
        ("1,200.50", 1, ".", 0.95),
        ("RM 5.90 SR", 2, "0", 0.95),
    ],
)
def test_one_rival_does_not_change_a_number_that_is_clear(
    receipts: str, text: str, at: int, rival: str, peak: float
) -> None:
    letters = [{letter: 0.9999} for letter in text]
    letters[at] = {text[at]: peak, rival: 1 - peak}
    blanks = [{"_": 0.9999} for _ in text]
    frames = [frame for pair in zip(letters, blanks, strict=True) for frame in pair]
    assert BeamCTC(LETTERS, language=receipts)(probabilities(*frames, characters=LETTERS)).text == text


@pytest.mark.parametrize(("text", "behind"), [("TOTAL 12.5", 9), ("RM 5.90", 3), ("12 50", 1), ("2.20 T", 3)])
def test_no_digit_or_separator_is_put_into_a_number_that_is_clear(receipts: str, text: str, behind: int) -> None:
    for rival in "0.-":
        frames = [frame for letter in text for frame in ({letter: 0.9999}, {"_": 0.9999})]
        frames[2 * behind + 1] = {"_": 0.95, rival: 0.05}
        probability_TK = probabilities(*frames, characters=LETTERS)
        beam = BeamCTC(LETTERS, language=receipts, length_bonus=4.0)
        assert beam(probability_TK).text == text


def test_letters_and_the_signs_between_them_stay_open() -> None:
    for text, numbers in {
        "RM 5.90": "   ====",
        "1,200.50-": "=========",
        "T0TAL. A": "        ",
        "5 X 03-12": "=   =====",
        "A12B": " == ",
        "-.5": " ==",
        "A:": "  ",
        "": "",
    }.items():
        found = in_number(kinds_of(text)[1:])
        assert "".join("=" if each else " " for each in found) == numbers, text


def test_a_constraint_may_still_choose_another_number() -> None:
    probability_TK = probabilities({"1": 0.95, "7": 0.05}, {"A": 0.99})
    assert BeamCTC(CHARSET, language=LANGUAGE)(probability_TK).text == "1A"
    assert BeamCTC(CHARSET, language=LANGUAGE, lexicon=["7A"])(probability_TK).text == "7A"
    (best, _), *_ = BeamCTC(CHARSET, language=LANGUAGE, lexicon=["7A"]).texts(probability_TK)
    assert best == "7A"


def test_without_a_model_there_is_no_bonus() -> None:
    probability_TK = probabilities({"_": 0.6, "A": 0.4}, {"B": 0.99})
    for off in ({}, {"language": LANGUAGE, "language_weight": 0.0}):
        beam = BeamCTC(CHARSET, length_bonus=10.0, **off)  # type: ignore[arg-type]
        assert beam(probability_TK).text == "B"


def test_the_largest_bonus_does_not_overflow() -> None:
    line_TK = np.concatenate([probabilities({"A": 0.8, "B": 0.19}, {"_": 0.9})] * 400)
    (best, score), *_ = BeamCTC(CHARSET, language=LANGUAGE, language_weight=0.1, length_bonus=10.0).texts(line_TK)
    assert len(best) >= 400
    assert math.isfinite(score)
    model = CharNgram.from_text(LANGUAGE)
    found = BeamCTC("AB", language=LANGUAGE, language_weight=0.1, length_bonus=10.0, **FREE).texts(
        short := random_TK(0, 4, 3, 1.0)
    )
    expected = {
        text: math.log(each) + 0.1 * model.score(text) + 10 * len(text)
        for text, each in brute_force(short, "AB").items()
    }
    assert dict(found) == pytest.approx(expected, rel=1e-4)


def test_among_digits_the_language_model_has_no_say() -> None:
    model = BeamCTC(CHARSET, language=LANGUAGE, language_weight=10.0, least=0.05)
    for digit, other in itertools.permutations("1270", 2):
        probability_TK = probabilities({"7": 0.9}, {".": 0.9}, {"1": 0.9}, {"_": 0.95}, {digit: 0.5, other: 0.45})
        assert model(probability_TK).text == f"7.1{digit}"


def test_what_is_less_probable_than_least_is_not_considered() -> None:
    probability_TK = probabilities({"A": 0.9}, {"O": 0.97, "B": 0.02}, {"_": 0.9}, {"B": 0.9}, {"A": 0.9})
    strong = {"language": LANGUAGE, "language_weight": 3.0}
    assert BeamCTC(CHARSET, least=0.01, **strong)(probability_TK).text == "ABBA"
    assert BeamCTC(CHARSET, least=0.03, **strong)(probability_TK).text == "AOBA"


def test_long_lines_do_not_underflow() -> None:
    probability_TK = np.concatenate([probabilities({"A": 0.2, "B": 0.19}, {"_": 0.3})] * 400)
    beam = BeamCTC(CHARSET, language=LANGUAGE, language_weight=5.0, length_bonus=-5.0)
    (best, score), *_ = beam.texts(probability_TK)
    assert best
    assert math.isfinite(score)


def test_nothing_is_read_from_no_steps() -> None:
    empty_TK = np.zeros((0, len(CHARSET) + 1), np.float32)
    assert BeamCTC(CHARSET, language=LANGUAGE)(empty_TK).text == ""
    assert BeamCTC(CHARSET, pattern="A")(empty_TK).text == ""


def test_spaces_at_the_ends_are_left_out_with_their_confidences() -> None:
    probability_TK = probabilities({" ": 0.9}, {"A": 0.5, "1": 0.45}, {"B": 0.4, "1": 0.5}, {" ": 0.9})
    reading = BeamCTC(CHARSET, lexicon=[" AB "])(probability_TK)
    assert reading.text == "AB"
    assert reading.confidences == pytest.approx((0.5, 0.4))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, 30), sharpness=st.floats(0.1, 4.0))
def test_a_pattern_holds_whatever_the_network_says(seed: int, steps: int, sharpness: float) -> None:
    probability_TK = random_TK(seed, steps, len(CHARSET) + 1, sharpness)
    reading = BeamCTC(CHARSET, language=LANGUAGE, pattern=r"\d+\.\d\d")(probability_TK)
    assert reading.text == "" or re.fullmatch(r"\d+\.\d\d", reading.text)
    assert len(reading.confidences) == len(reading.text)


def test_a_pattern_reads_a_digit_that_the_network_takes_for_a_letter() -> None:
    probability_TK = probabilities({"2": 0.9}, {".": 0.9}, {"1": 0.9}, {"O": 0.9998, "0": 0.00015}, {"_": 0.99})
    assert BeamCTC(CHARSET)(probability_TK).text == "2.1O"
    reading = BeamCTC(CHARSET, pattern=r"\d+\.\d\d")(probability_TK)
    assert reading.text == "2.10"
    assert reading.confidence == pytest.approx(0.00015, rel=1e-3), "the network's own probability"


def test_a_lexicon_chooses_the_entry_that_fits_best() -> None:
    probability_TK = probabilities({"A": 0.6, "B": 0.3}, {"_": 0.9}, {"A": 0.6, "B": 0.3}, {"1": 0.9})
    assert BeamCTC(CHARSET)(probability_TK).text == "AA1"
    assert BeamCTC(CHARSET, lexicon=["BB1", "AB1", "A"])(probability_TK).text == "AB1"
    spaced_TK = probabilities({"A": 0.6}, {"1": 0.5, " ": 0.3}, {"B": 0.6})
    assert BeamCTC(CHARSET, lexicon=["A", "B"], lexicon_unit="word")(spaced_TK).text == "A B"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "width=0: must be 1 to 1000"),
        ({"least": 1.5}, "least=1.5: must be 0 to 1"),
        ({"language_weight": -1.0}, "language_weight=-1.0: must be 0 to 10"),
        ({"length_bonus": math.nan}, "length_bonus=nan: must be -10 to 10"),
        ({"language": "AAAA"}, "language: not a language model"),
        ({"pattern": "A", "lexicon": ["A"]}, "pattern and lexicon are both given"),
        ({"lexicon": ["é"]}, "not in the charset"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        BeamCTC(CHARSET, **wrong)  # type: ignore[arg-type]


def test_confidences_and_places_on_the_best_path_are_greedys() -> None:
    probability_TK = probabilities({"A": 0.6}, {"A": 0.8}, {"_": 0.7}, {"A": 0.5}, {"1": 0.9})
    reading = GreedyCTC(CHARSET)(probability_TK)
    codes = [CHARSET.index(letter) + 1 for letter in reading.text]
    assert reading.text == "AA1"
    assert reading.places == pytest.approx((0.2, 0.7, 0.9))
    peaks, places = align(probability_TK, codes)
    assert peaks == pytest.approx(list(reading.confidences))
    assert places == pytest.approx(list(reading.places))
    assert align(probability_TK, []) == ([], [])
