import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.metrics import CLEvalCounts, cleval_counts
from ocr.types import Word


def box(x: float, y: float, width: float, height: float) -> np.ndarray:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=np.float32)


def test_a_perfect_detection_scores_one() -> None:
    counts = cleval_counts([Word(box(10, 10, 100, 20), "hello")], [box(10, 10, 100, 20)])

    assert counts == CLEvalCounts(truth=5, found=5, detected=5)
    assert counts.hmean == 1.0


def test_a_split_costs_one_character_of_recall() -> None:
    counts = cleval_counts([Word(box(0, 0, 100, 20), "abcd")], [box(0, 0, 50, 20), box(50, 0, 50, 20)])

    assert (counts.split, counts.recall_penalty, counts.recall, counts.precision) == (1, 1, 0.75, 1.0)


def test_a_merge_costs_one_character_of_precision() -> None:
    words = [Word(box(0, 0, 50, 20), "ab"), Word(box(50, 0, 50, 20), "cd")]
    counts = cleval_counts(words, [box(0, 0, 100, 20)])

    assert (counts.merge, counts.precision_penalty, counts.recall, counts.precision) == (1, 1, 1.0, 0.75)


def test_a_detection_in_an_ignored_region_counts_for_nothing() -> None:
    assert cleval_counts([Word(box(0, 0, 50, 20), "ab", ignore=True)], [box(0, 0, 50, 20)]) == CLEvalCounts()


def test_nothing_against_nothing_is_zero() -> None:
    assert cleval_counts([], []) == CLEvalCounts()


def test_a_false_positive_counts_at_most_ten_characters() -> None:
    assert cleval_counts([], [box(0, 0, 10, 500)]).false_positive == 10


def test_collinear_points_on_top_and_bottom_change_nothing() -> None:
    quad = box(10, 10, 100, 20)
    finer = np.array([[10, 10], [40, 10], [110, 10], [110, 30], [70, 30], [10, 30]], dtype=np.float32)
    detections = [box(10, 10, 60, 20), box(72, 10, 40, 20)]

    assert cleval_counts([Word(finer, "abcdef")], detections) == cleval_counts([Word(quad, "abcdef")], detections)


whole = st.integers(0, 120)
sizes = st.integers(4, 60)
words = st.lists(
    st.tuples(whole, whole, sizes, sizes, st.text("ab", min_size=1, max_size=9), st.booleans()), max_size=7
)
found = st.lists(st.tuples(whole, whole, sizes, sizes), max_size=7)


@given(words, found)
@settings(max_examples=150, deadline=None)
def test_equals_the_reference_package(words: list, found: list) -> None:
    pytest.importorskip("cleval", reason="the reference is installed by make setup-parity")
    from types import SimpleNamespace

    from cleval.box_types import QUAD
    from cleval.eval_functions import evaluation

    args = SimpleNamespace(
        CASE_SENSITIVE=True,
        VERTICAL_ASPECT_RATIO_THRESH=0.5,
        AREA_PRECISION_CONSTRAINT=0.3,
        RECALL_GRANULARITY_PENALTY_WEIGHT=1.0,
        PRECISION_GRANULARITY_PENALTY_WEIGHT=1.0,
        DUMP_SAMPLE_RESULT=False,
        E2E=False,
        ORIENTATION=False,
    )
    # A quarter of a pixel keeps character centres off the edges, where "inside" is a matter of convention.
    truth = [(box(x, y, w, h) + np.float32(0.25), text, ignored) for x, y, w, h, text, ignored in words]
    boxes = [box(*spot) for spot in found]
    expected = evaluation(
        args,
        [QUAD(quad.ravel().tolist(), transcription=text, is_dc=ignored) for quad, text, ignored in truth],
        [QUAD(quad.ravel().tolist()) for quad in boxes],
    ).stats
    counts = cleval_counts([Word(quad, text, ignored) for quad, text, ignored in truth], boxes)

    assert (counts.recall, counts.precision, counts.hmean) == pytest.approx(
        (expected.det.recall, expected.det.precision, expected.det.hmean), abs=1e-9
    )
    assert (counts.split, counts.merge, counts.overlap) == (
        expected.num_splitted,
        expected.num_merged,
        expected.num_char_overlapped,
    )
