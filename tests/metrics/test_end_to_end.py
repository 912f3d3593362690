"""Figures of what was found and read: by hand, and what must hold whatever is read."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics.end_to_end import EndToEndEvaluator, WordCounts, add_readings, compare_words
from ocr.metrics.text import RecognitionEvaluator
from ocr.types import Reading, Word
from shapes import box


def line(row: int, text: str | None, *, ignore: bool = False) -> Word:
    return Word(box(0, 30 * row, 100, 20), text, ignore)


def figures(truth: list[Word], found: list[Word]) -> dict[str, float]:
    evaluator = EndToEndEvaluator()
    return evaluator.summarise([evaluator.evaluate_image(truth, found)])


TRUTH = [line(0, "SHOP 24"), line(1, "Milk 4.50"), line(2, "TOTAL 9.00")]
FOUND = [line(0, "Shop24"), line(2, "TOTAL 9.80"), line(5, "abc d")]


def test_figures_by_hand() -> None:
    """One line right but for case and space, one with a wrong digit, one missed, one added."""
    evaluator = EndToEndEvaluator()
    counts = evaluator.evaluate_image(TRUTH, FOUND)
    assert evaluator.lines([counts]) == {"matched": 2, "missed": 1, "added": 1}
    found = evaluator.summarise([counts])
    expected = {
        "text_matched/line_accuracy": 1 / 2,
        "text_matched/line_accuracy_folded": 0,
        "text_matched/cer": (4 + 1) / (7 + 10),  # three letters' case and a space; a digit
        "text_matched/cer_folded": (1 + 1) / 17,
        "text_matched/cer_bare": 1 / (6 + 9),
        "text_matched/wer": (2 + 1) / 4,
        "text_matched/ned": ((1 - 1 / 7) + (1 - 1 / 10)) / 2,
        "text_matched/amounts_wrong": 1,
        "text_all/line_accuracy": 1 / 3,
        "text_all/line_precision": 1 / 3,
        "text_all/cer": (5 + 9 + 5) / (17 + 9),
        "text_all/cer_bare": (1 + 8 + 4) / (15 + 8),
        "text_all/wer": (3 + 2 + 2) / (4 + 2),
        "text_all/ned": ((1 - 1 / 7) + (1 - 1 / 10) + 0 + 0) / 4,
        "text_all/amounts_wrong": 2 / 2,
        "text_page/amounts_wrong": 2 / 2,
        # "shop 24 milk 4.50 total 9.00" and "shop24 total 9.80 abc d": the words in common are "total" alone.
        "text_words/recall": 1 / 6,
        "text_words/precision": 1 / 5,
        "text_words/hmean": 2 / 11,
        # Of the truth's 23 bare characters, "shop24" and "total9.0" but for a digit are among the 19 that were read.
        "cleval_e2e/recall_bare": (6 + 8) / 23,
        "cleval_e2e/precision_bare": (6 + 8) / (6 + 9 + 4),
        "cleval_e2e/recognition_bare": (6 + 8) / 15,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_confidences_of_matched_lines_are_scored_by_hand() -> None:
    """The first is right but for case and space, the second is wrong; the third one's line is not in the truth."""
    sure = [replace(word, confidence=value) for word, value in zip(FOUND, (0.9, 0.35, 0.1), strict=True)]
    found = figures(TRUTH, sure)
    assert found["text_matched/ece"] == pytest.approx((0.1 + 0.35) / 2)
    assert found["text_matched/brier"] == pytest.approx((0.1**2 + 0.35**2) / 2)
    assert figures(TRUTH, [sure[0], *FOUND[1:]])["text_matched/ece"] == pytest.approx(0.1), "one has a confidence"
    plain = figures(TRUTH, FOUND)
    assert found.items() - plain.items() == {(name, found[name]) for name in ("text_matched/ece", "text_matched/brier")}


def test_the_page_does_not_depend_on_how_rows_are_split() -> None:
    truth = [Word(box(0, 0, 100, 20), "TOTAL 9.00")]
    halves = [Word(box(60, 0, 40, 20), "9.00"), Word(box(0, 0, 50, 20), "TOTAL")]
    found = figures(truth, halves)
    assert (found["text_page/cer"], found["text_page/amounts_wrong"], found["text_words/hmean"]) == (0, 0, 1)
    assert (found["text_all/line_accuracy"], found["cleval_e2e/hmean_bare"] < 1) == (0, True)


def test_figures_of_several_receipts_are_those_of_their_sums() -> None:
    evaluator = EndToEndEvaluator()
    counts = [evaluator.evaluate_image([line(0, "abcd")], [line(0, "abxd")]), evaluator.evaluate_image(TRUTH, TRUTH)]
    found = evaluator.summarise(counts)
    assert found["text_all/cer"] == 1 / (4 + 26)
    assert found["text_matched/line_accuracy"] == 3 / 4
    assert found["text_page/ned"] == pytest.approx((3 / 4 + 1) / 2)
    assert set(evaluator.summarise([]).values()) == {0.0}
    assert EndToEndEvaluator.main in found


def test_words_are_a_multiset() -> None:
    assert compare_words("a a B c", "A  b a a x") == WordCounts(truth=4, read=5, common=3, common_exact=2)


def test_ignored_lines_and_what_is_read_in_them_change_nothing() -> None:
    ignored = line(7, "never mind", ignore=True)
    unknown = line(8, None)
    more = [*TRUTH, ignored, unknown]
    read = [*FOUND, replace(ignored, ignore=False, transcription="what"), replace(unknown, transcription="ever")]
    assert figures(more, read) == figures(more, FOUND) == figures(TRUTH, FOUND)


def test_a_detection_without_text_is_a_line_of_which_nothing_was_read() -> None:
    """Where there is no line, it does not count."""
    assert figures(TRUTH, [line(0, None), line(9, "")])["text_matched/cer"] == 1
    found = figures(TRUTH, [*TRUTH, line(9, None)])
    assert (found["text_all/cer"], found["text_all/line_precision"], found["cleval_e2e/precision"]) == (0, 1, 1)


def test_matched_lines_have_the_figures_of_a_recogniser_alone() -> None:
    evaluator = RecognitionEvaluator()
    counts = [
        evaluator.evaluate_image([TRUTH[0]], Reading("Shop24")),
        evaluator.evaluate_image([TRUTH[2]], Reading("TOTAL 9.80")),
    ]
    found = figures(TRUTH, FOUND)
    alone = evaluator.summarise(counts)
    assert {name: found[name.replace("text/", "text_matched/")] for name in alone} == pytest.approx(alone)


texts = st.text("abA1.5 ", min_size=1, max_size=8).filter(str.strip)
rows = st.lists(texts, min_size=1, max_size=6).map(lambda each: [line(row, text) for row, text in enumerate(each)])
ERRORS = ("cer", "cer_folded", "cer_bare", "wer", "amounts_wrong")


def disturbed(words: list[Word], data: st.DataObject) -> list[Word]:
    """Some of them left out, some with another text, and one elsewhere."""
    read = [replace(word, transcription=data.draw(st.one_of(st.just(word.text), texts))) for word in words]
    return [word for word in read if data.draw(st.integers(0, 3))] + [line(40, data.draw(texts))]


@given(rows)
@settings(max_examples=50, deadline=None)
def test_a_perfect_reading_has_no_error(words: list[Word]) -> None:
    for name, value in figures(words, words).items():
        known = name.rsplit("/", 1)[-1]
        assert value == (0 if known in ERRORS else 1), name


@given(rows, st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_of_lines_changes_no_figure(words: list[Word], data: st.DataObject) -> None:
    found = disturbed(words, data)
    shuffled = figures(data.draw(st.permutations(words)), data.draw(st.permutations(found)))
    assert shuffled == pytest.approx(figures(words, found))


@given(rows, st.data())
@settings(max_examples=50, deadline=None)
def test_missed_and_added_lines_only_add_errors(words: list[Word], data: st.DataObject) -> None:
    found = disturbed(words, data)
    evaluator = EndToEndEvaluator()
    counts = evaluator.evaluate_image(words, found)
    figure = evaluator.summarise([counts])
    for name in ("edits", "folded_edits", "bare_edits", "word_edits"):
        whole = sum(getattr(part, name) for part in (counts.matched, counts.missed, counts.added))
        assert whole >= getattr(counts.matched, name)
    assert counts.matched.characters + counts.missed.characters == sum(
        len(" ".join(word.text.split())) for word in words
    )
    assert figure["text_all/line_accuracy"] <= figure["text_matched/line_accuracy"]
    assert all(0 <= value <= 1 for name, value in figure.items() if "cer" not in name and "wer" not in name)

    more = figures(words, [*found, line(50, data.draw(texts))])
    assert more["text_all/cer"] > figure["text_all/cer"]
    assert more["text_all/line_precision"] <= figure["text_all/line_precision"]
    assert more["cleval_e2e/precision"] <= figure["cleval_e2e/precision"]
    matched = {name: value for name, value in figure.items() if name.startswith("text_matched/")}
    assert {name: more[name] for name in matched} == matched


def test_a_report_gets_the_figures_of_its_images() -> None:
    report = {"figures": {"cleval/hmean": 0.5}, "per_image": [{"image": "b", "cleval/hmean": 1}, {"image": "a"}]}
    full = add_readings(report, {"a": TRUTH, "b": TRUTH}, {"b": TRUTH}, EndToEndEvaluator())
    assert full["figures"]["cleval/hmean"] == 0.5
    assert full["figures"]["text_all/line_accuracy"] == 0.5
    assert full["lines"] == {"matched": 3, "missed": 3, "added": 0}
    assert [row["text_all/cer"] for row in full["per_image"]] == [0, 1]
    assert full["per_image"][0]["lines"] == {"matched": 3, "missed": 0, "added": 0}
    assert report["per_image"][1] == {"image": "a"}
