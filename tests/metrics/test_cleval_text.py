"""CLEval end to end: known answers by hand, and the authors' package as the reference."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleval_package import package_options
from ocr.metrics import cleval_counts
from ocr.metrics.cleval_text import CLEvalTextCounts, cleval_text_counts, common_subsequence
from ocr.text import folded
from ocr.types import Word
from shapes import box, turned

REPOSITORY = Path(__file__).resolve().parents[2]
SROIE = Path(os.environ.get("OCR_SROIE_DIR", REPOSITORY.parent / "shared" / "data" / "sroie"))


def counts(regions: Sequence[Word], found: Sequence[Word]) -> tuple[int, ...]:
    each = cleval_text_counts(regions, found)
    return each.truth, each.matched, each.read, each.detected, each.recall_penalty, each.precision_penalty


def test_a_perfect_reading_scores_one() -> None:
    word = Word(box(10, 10, 100, 20), "TOTAL 1.50")
    each = cleval_text_counts([word], [word])

    assert each == CLEvalTextCounts(truth=10, matched=10, read=10, detected=10)
    assert (each.recall, each.precision, each.hmean, each.recognition) == (1, 1, 1, 1)


def test_a_missed_region_is_recall_alone_and_an_added_one_precision_alone() -> None:
    read, missed, added = Word(box(0, 0), "abcd"), Word(box(0, 50), "efgh"), Word(box(0, 90), "xy")
    each = cleval_text_counts([read, missed], [read, added])

    assert (each.recall, each.precision, each.recognition) == (4 / 8, 4 / 6, 1)


def test_wrong_characters_count_on_both_sides() -> None:
    # "1.50" and "l.5O" have ".5" in common.
    assert counts([Word(box(0, 0), "1.50")], [Word(box(0, 0), "l.5O!")]) == (4, 4, 2, 5, 0, 0)


def test_the_texts_of_a_split_region_are_joined_in_its_direction_and_cost_one_character() -> None:
    halves = [Word(box(50, 0, 50, 20), "cd"), Word(box(0, 0, 50, 20), "ab")]
    each = cleval_text_counts([Word(box(0, 0, 100, 20), "abcd")], halves)

    assert each == CLEvalTextCounts(truth=4, matched=4, read=4, detected=4, recall_penalty=1)
    assert (each.recall, each.precision) == (3 / 4, 1)


def test_regions_that_one_detection_merges_share_its_text() -> None:
    words = [Word(box(0, 0, 50, 20), "ab"), Word(box(50, 0, 50, 20), "ab")]
    assert counts(words, [Word(box(0, 0, 100, 20), "abab")]) == (4, 4, 4, 4, 0, 1)
    assert counts(words, [Word(box(0, 0, 100, 20), "ab")]) == (4, 4, 2, 2, 0, 1)  # no character is credited twice


def test_ignored_regions_and_those_without_text_do_not_count() -> None:
    for word in (Word(box(0, 0), "abc", ignore=True), Word(box(0, 0), None), Word(box(0, 0), " \u200b")):
        assert counts([word], [Word(box(0, 0), "xyz")]) == (0, 0, 0, 0, 0, 0)
        assert counts([word], []) == (0, 0, 0, 0, 0, 0)


def test_a_detection_without_text_has_read_nothing() -> None:
    assert counts([Word(box(0, 0), "abc")], [Word(box(0, 0), None)]) == (3, 3, 0, 0, 0, 0)


def test_both_normal_forms_of_a_text_are_equal() -> None:
    words = [Word(box(0, 0), normalize(form, "합계")) for form in ("NFC", "NFD")]
    for truth in words:
        for read in words:
            assert counts([truth], [read]) == (2, 2, 2, 2, 0, 0)


def test_nothing_is_zero() -> None:
    each = cleval_text_counts([], [])
    assert (each, each.recall, each.precision, each.hmean, each.recognition) == (CLEvalTextCounts(), 0, 0, 0, 0)


letters = st.text("ab한", max_size=9)


@given(letters, letters)
def test_a_common_subsequence_is_in_both_and_none_is_longer(one: str, other: str) -> None:
    common = common_subsequence(one, other)
    for text in (one, other):
        rest = iter(text)
        assert all(character in rest for character in common)
    row = [0] * (len(other) + 1)
    for expected in one:
        above, row = row, [0]
        for place, found in enumerate(other):
            row.append(above[place] + 1 if expected == found else max(above[place + 1], row[place]))
    assert len(common) == row[-1]


# --- parity with the authors' package -------------------------------------------------------------------------------

Figures = tuple[float, ...]


def reference_figures(regions: Sequence[Word], found: Sequence[Word], *, case: bool = True) -> Figures:
    """The end-to-end figures of the package's functions, with QUAD boxes."""
    from cleval.box_types import QUAD
    from cleval.eval_functions import evaluation

    options = package_options(e2e=True, case=case)
    truth = [QUAD(word.points_N2.ravel().tolist(), 0.0, word.transcription, is_dc=word.ignore) for word in regions]
    read = [QUAD(word.points_N2.ravel().tolist(), 0.0, word.transcription, is_dc=False) for word in found]
    both = evaluation(options, truth, read).stats.e2e
    characters = (both.num_char_gt, both.num_char_tp_recall, both.num_char_det)
    return (both.recall, both.precision, both.hmean, *characters, both.gran_score_recall, both.gran_score_precision)


def our_figures(regions: Sequence[Word], found: Sequence[Word], *, case: bool = True) -> Figures:
    """The same figures in the same order from ours."""
    each = cleval_text_counts(regions, found) if case else cleval_text_counts(regions, found, folded)
    characters = (each.truth, each.read, each.detected)
    return (each.recall, each.precision, each.hmean, *characters, each.recall_penalty, each.precision_penalty)


def assert_parity(regions: Sequence[Word], found: Sequence[Word], *, case: bool = True) -> None:
    expected = reference_figures(regions, found, case=case)
    assert our_figures(regions, found, case=case) == pytest.approx(expected, abs=1e-9, rel=0)


@pytest.fixture(scope="module")
def reference() -> None:
    pytest.importorskip("cleval.eval_functions", reason="the reference is installed by make setup-parity")


whole, sides = st.integers(0, 120), st.integers(1, 60)
upright = st.builds(box, whole, whole, sides, sides)
tilted = st.builds(
    lambda x, y, width, height, degrees: turned((x, y), width, height, degrees),
    st.floats(0, 120, width=32),
    st.floats(0, 120, width=32),
    st.floats(2, 80),
    st.floats(2, 40),
    st.floats(-180, 180),
)
texts = st.text("ab1한 ", min_size=1, max_size=10).filter(str.strip)
readings = st.text("abB1한 ", max_size=10)


def scenes(quads: st.SearchStrategy[np.ndarray]) -> st.SearchStrategy[tuple[list[Word], list[Word]]]:
    """Words, and readings: of words as they are, moved, halved, and anywhere."""
    words = st.lists(st.builds(Word, quads, texts, st.integers(0, 4).map(lambda roll: roll == 0)), max_size=7)

    def half(word: Word, share: float, part: int) -> Word:
        quad, text = word.points_N2, word.transcription or ""
        middle = quad[[0, 3]] + (quad[[1, 2]] - quad[[0, 3]]) * np.float32(share)
        cut = round(share * len(text))
        if part:
            return Word(np.stack([middle[0], quad[1], quad[2], middle[1]]), text[cut:])
        return Word(np.stack([quad[0], middle[0], middle[1], quad[3]]), text[:cut])

    def with_readings(words: list[Word]) -> st.SearchStrategy[tuple[list[Word], list[Word]]]:
        anywhere = st.builds(Word, quads, readings)
        if not words:
            return st.tuples(st.just(words), st.lists(anywhere, max_size=7))
        of = st.sampled_from(words)
        echo = st.builds(lambda word: replace(word, ignore=False), of)
        moved = st.builds(
            lambda word, x, y, text: Word(word.points_N2 + np.float32([x, y]), text),
            of,
            st.integers(-3, 3),
            st.integers(-3, 3),
            readings,
        )
        halved = st.builds(half, of, st.floats(0.2, 0.8), st.integers(0, 1))
        return st.tuples(st.just(words), st.lists(st.one_of(anywhere, echo, moved, halved), max_size=9))

    return words.flatmap(with_readings)


@pytest.mark.usefixtures("reference")
class TestParity:
    @given(scenes(upright), st.booleans())
    @settings(max_examples=100, deadline=None)
    def test_upright_boxes(self, scene: tuple[list[Word], list[Word]], case: bool) -> None:
        assert_parity(*scene, case=case)

    @given(scenes(tilted), st.booleans())
    @settings(max_examples=100, deadline=None)
    def test_tilted_quads(self, scene: tuple[list[Word], list[Word]], case: bool) -> None:
        assert_parity(*scene, case=case)

    @given(letters, letters)
    @settings(deadline=None)
    def test_the_common_subsequence_is_the_package_s(self, one: str, other: str) -> None:
        from cleval.utils import lcs

        assert common_subsequence(one, other) == lcs(one, other)[1]

    def test_conventions_of_the_package_that_ours_follows(self) -> None:
        """The first region takes the character that the second needs; it is taken out where it stands first."""
        both = box(0, 0, 100, 20)
        left, right = box(0, 0, 50, 20), box(50, 0, 50, 20)
        for first, second, read, credited in (("ab", "b", "ba", 1), ("b", "ab", "ba", 2), ("ca", "ab", "abca", 3)):
            words = [Word(left, first), Word(right, second)]
            assert counts(words, [Word(both, read)])[2] == credited
            assert_parity(words, [Word(both, read)])

    def test_a_detection_that_covers_no_character_of_its_own_is_left_out_as_in_the_package(self) -> None:
        words = [Word(box(0, 0, 40, 20), "ab")]
        found = [Word(box(0, 0, 40, 20), "x"), Word(box(0, 0, 18, 20), "y"), Word(box(1, 0, 18, 20), "ab")]
        assert counts(words, found)[2] == 0
        assert_parity(words, found)

    def test_ignored_regions_do_not_change_the_order_as_in_the_package(self) -> None:
        """The package takes the sixth and seventh of eight after the eighth if those before are ignored."""
        assert next(iter(set(range(10)) - set(range(7)))) == 8
        pair = [Word(box(0, 0, 50, 20), "ab"), Word(box(50, 0, 50, 20), "b")]
        ignored = [Word(box(0, 100 + 30 * row), "x", ignore=True) for row in range(7)]
        read = [Word(box(0, 0, 100, 20), "ba")]
        expected = our_figures(pair, read)
        assert expected[4] == 1
        assert our_figures([*ignored, *pair], read) == our_figures([*pair, *ignored], read) == expected
        assert_parity([*pair, *ignored], read)
        assert reference_figures([*ignored, *pair], read)[4] == 2

    def test_a_detection_without_text_stops_the_package(self) -> None:
        word = Word(box(0, 0), "ab")
        with pytest.raises(TypeError):
            reference_figures([word], [replace(word, transcription=None)])
        assert_parity([word], [replace(word, transcription="")])

    def test_blanks_and_decomposed_texts_are_where_ours_differs(self) -> None:
        blank, apart = Word(box(0, 0), "  "), Word(box(0, 0), normalize("NFD", "합계"))
        assert reference_figures([blank], [blank])[3:6] == (2, 2, 2)
        assert our_figures([blank], [blank])[3:6] == (0, 0, 0)
        assert reference_figures([apart], [Word(box(0, 0), "합계")])[4] == 0
        assert our_figures([apart], [Word(box(0, 0), "합계")])[4] == 2

    @pytest.mark.skipif(not SROIE.is_dir(), reason=f"no SROIE sample in {SROIE} (OCR_SROIE_DIR)")
    def test_real_receipts_against_perturbed_readings(self) -> None:
        rng = np.random.default_rng(0)
        files = sorted((SROIE / "boxes").glob("*.csv"))[::25]
        assert len(files) >= 10
        for file in files:
            rows = [line.split(",", 8) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
            words = [
                Word(np.array(row[:8], np.float32).reshape(4, 2), row[8], ignore=bool(rng.random() < 0.05))
                for row in rows
                if row[8].strip()
            ]
            assert_parity(words, perturbed(words, rng))


def perturbed(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Corners moved, neighbours in one, some left out, and a tenth of the characters wrong."""
    found = []
    for index, word in enumerate(words):
        text = "".join("?" if rng.random() < 0.1 else letter for letter in word.transcription or "")
        moved = Word((word.points_N2 + rng.normal(0, 2, (4, 2))).astype(np.float32), text)
        following = words[(index + 1) % len(words)]
        (x, y), (right, bottom) = (
            bound(np.concatenate([word.points_N2, following.points_N2]), axis=0) for bound in (np.min, np.max)
        )
        both = Word(box(x, y, right - x, bottom - y), f"{text}{following.transcription}")
        found += [[moved], [both], []][rng.choice(3, p=[0.8, 0.1, 0.1])]
    return found


def test_detection_figures_do_not_depend_on_what_was_read() -> None:
    words = [Word(box(0, 0), "abc"), Word(box(0, 50), "de")]
    assert cleval_counts(words, [word.points_N2 for word in words]).hmean == 1
    assert cleval_text_counts(words, [replace(word, transcription="x") for word in words]).hmean == 0
