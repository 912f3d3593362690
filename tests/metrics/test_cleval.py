"""CLEval: known answers by hand, the authors' package as the reference, polygons."""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cleval_package import package_options
from ocr.metrics import CLEvalCounts, cleval_counts
from ocr.types import Word

REPOSITORY = Path(__file__).resolve().parents[2]
SROIE = Path(os.environ.get("OCR_SROIE_DIR", REPOSITORY.parent / "shared" / "data" / "sroie"))


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


@pytest.mark.parametrize(
    "blank", ["", " ", "\t\n", "\u200b", "\ufeff\u2060", "\x00\x1b", "\u3000\u00a0", "\u3164", "\u00ad\ufe0f"]
)
@pytest.mark.parametrize("size", [(100, 20), (20, 100), (20, 20)])
def test_a_text_without_a_character_to_be_seen_counts_as_an_unknown_one(blank: str, size: tuple[int, int]) -> None:
    region = box(10, 10, *size)
    for detections in ([region], [], [box(10, 10, 30, 20)], [region, box(300, 0, 50, 20)]):
        expected = cleval_counts([Word(region, None)], detections)
        assert cleval_counts([Word(region, blank)], detections) == expected
    assert cleval_counts([Word(region, blank)], [region]).hmean == 1.0


def test_blanks_beside_a_character_count() -> None:
    assert cleval_counts([Word(box(0, 0, 100, 20), " a\u200b")], []).truth == 3


def test_a_text_counts_the_same_in_both_normal_forms() -> None:
    region = box(0, 0, 100, 20)
    apart, composed = (unicodedata.normalize(form, "합계금액") for form in ("NFD", "NFC"))
    assert (len(apart), len(composed)) == (11, 4)
    for text in (apart, composed):
        assert cleval_counts([Word(region, text)], [region]) == CLEvalCounts(truth=4, found=4, detected=4)


def test_nothing_against_nothing_is_zero() -> None:
    assert cleval_counts([], []) == CLEvalCounts()


def test_a_false_positive_counts_at_most_ten_characters() -> None:
    assert cleval_counts([], [box(0, 0, 10, 500)]).false_positive == 10


def test_collinear_points_on_top_and_bottom_change_nothing() -> None:
    quad = box(10, 10, 100, 20)
    finer = np.array([[10, 10], [40, 10], [110, 10], [110, 30], [70, 30], [10, 30]], dtype=np.float32)
    detections = [box(10, 10, 60, 20), box(72, 10, 40, 20)]

    assert cleval_counts([Word(finer, "abcdef")], detections) == cleval_counts([Word(quad, "abcdef")], detections)


# --- parity with the authors' package -------------------------------------------------------------------------------

Figures = tuple[float, ...]


def reference_figures(words: Sequence[Word], detections: Sequence[np.ndarray]) -> Figures:
    """Every figure of the package's functions, with QUAD boxes."""
    from cleval.box_types import QUAD
    from cleval.eval_functions import evaluation

    options = package_options(e2e=False)
    truth = [QUAD(word.points_N2.ravel().tolist(), 0.0, word.transcription, is_dc=word.ignore) for word in words]
    stats = evaluation(options, truth, [QUAD(quad.ravel().tolist()) for quad in detections]).stats
    det = stats.det
    characters = (det.num_char_gt, det.num_char_tp_recall, det.num_char_det, det.num_char_fp)
    penalties = (det.gran_score_recall, det.gran_score_precision)
    pieces = (stats.num_splitted, stats.num_merged, stats.num_char_overlapped)
    return (det.recall, det.precision, det.hmean, *characters, *penalties, *pieces)


def our_figures(words: Sequence[Word], detections: Sequence[np.ndarray]) -> Figures:
    """The same figures in the same order from ours."""
    counts = cleval_counts(words, detections)
    characters = (counts.truth, counts.found, counts.detected, counts.false_positive)
    penalties = (counts.recall_penalty, counts.precision_penalty)
    pieces = (counts.split, counts.merge, counts.overlap)
    return (counts.recall, counts.precision, counts.hmean, *characters, *penalties, *pieces)


def assert_parity(words: Sequence[Word], detections: Sequence[np.ndarray]) -> None:
    assert our_figures(words, detections) == pytest.approx(reference_figures(words, detections), abs=1e-9, rel=0)


@pytest.fixture(scope="module")
def reference() -> None:
    pytest.importorskip("cleval.eval_functions", reason="the reference is installed by make setup-parity")


def rotated(x: float, y: float, width: float, height: float, degrees: float) -> np.ndarray:
    """A rectangle around (x, y), turned."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return (corners @ np.array([[cos, sin], [-sin, cos]]) + [x, y]).astype(np.float32)


def is_safe(quad_42: np.ndarray) -> bool:
    """Whether the package survives: cut to whole pixels, the quad does not cross itself around an area."""
    polygon = shapely.Polygon(np.trunc(quad_42))
    return bool(polygon.is_valid or shapely.make_valid(polygon).area == 0)


whole = st.integers(-20, 120)
sides = st.integers(1, 60)
decimal = st.floats(-20, 120, width=32)
upright = st.builds(box, whole, whole, sides, sides)
turned = st.builds(rotated, decimal, decimal, st.floats(1, 80), st.floats(1, 40), st.floats(-180, 180))
skewed = st.builds(
    lambda quad, shift: (quad + np.asarray(shift).reshape(4, 2)).astype(np.float32),
    turned,
    st.lists(st.floats(-4, 4, width=32), min_size=8, max_size=8),
)
any_four = arrays(np.float32, (4, 2), elements=st.integers(0, 8).map(lambda step: step * 5.0))
degenerate = st.one_of(
    any_four.filter(is_safe),
    st.builds(lambda quad, a, b: quad[[a, b, 2, 3]], upright, st.integers(0, 3), st.integers(0, 3)),  # repeated points
    st.builds(lambda quad: quad * np.float32([1, 0]) + np.float32([0, 5]), upright),  # on one line
    st.builds(lambda x, y: np.full((4, 2), [x, y], dtype=np.float32), whole, whole),  # one point
).filter(is_safe)


def scenes(quads: st.SearchStrategy[np.ndarray]) -> st.SearchStrategy[tuple[list[Word], list[np.ndarray]]]:
    """Words and detections, some of which are words moved by whole pixels."""
    texts = st.text("ab한 ", max_size=12).filter(
        str.strip
    )  # where there is none, ours guesses and the package does not
    words = st.lists(st.builds(Word, quads, texts, st.integers(0, 4).map(lambda roll: roll == 0)), max_size=7)

    def with_echoes(words: list[Word]) -> st.SearchStrategy[tuple[list[Word], list[np.ndarray]]]:
        moves = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(np.float32)
        echo = st.builds(lambda word, move: word.points_N2 + move, st.sampled_from(words), moves) if words else quads
        return st.tuples(st.just(words), st.lists(st.one_of(quads, echo.filter(is_safe)), max_size=7))

    return words.flatmap(with_echoes)


@pytest.mark.usefixtures("reference")
class TestParity:
    @given(scenes(upright))
    @settings(max_examples=150, deadline=None)
    def test_upright_boxes_with_centres_on_borders(self, scene: tuple[list[Word], list[np.ndarray]]) -> None:
        assert_parity(*scene)

    @given(scenes(st.one_of(turned, skewed.filter(is_safe))))
    @settings(max_examples=200, deadline=None)
    def test_turned_and_skewed_quads(self, scene: tuple[list[Word], list[np.ndarray]]) -> None:
        assert_parity(*scene)

    @given(scenes(st.one_of(degenerate, upright)))
    @settings(max_examples=200, deadline=None)
    def test_quads_without_area_and_with_repeated_points(self, scene: tuple[list[Word], list[np.ndarray]]) -> None:
        assert_parity(*scene)

    @pytest.mark.parametrize("words", [[], [Word(box(0, 0, 50, 20), "ab")], [Word(box(0, 0, 50, 20), "ab", True)]])
    @pytest.mark.parametrize("detections", [[], [box(0, 0, 50, 20)], [box(300, 0, 20, 50)]])
    def test_nothing_on_either_side(self, words: list[Word], detections: list[np.ndarray]) -> None:
        assert_parity(words, detections)

    def test_an_ignored_region_gives_way_to_the_words_in_it(self) -> None:
        words = [
            Word(box(0, 0, 100, 40), None, True),
            Word(box(10, 10, 40, 20), "abcd"),
            Word(box(60, 10, 30, 20), "ef"),
        ]
        with_text = [replace(word, transcription=word.transcription or "") for word in words]
        for detection in (box(10, 10, 40, 20), box(0, 0, 100, 40), box(60, 10, 30, 20), box(0, 30, 100, 30)):
            expected = reference_figures(with_text, [detection])
            assert our_figures(words, [detection]) == pytest.approx(expected, abs=1e-9, rel=0)

    @given(turned)
    @settings(max_examples=50, deadline=None)
    def test_an_unknown_text_is_as_long_as_the_package_takes_an_ignored_one(self, quad: np.ndarray) -> None:
        from cleval.box_types import QUAD

        with pytest.raises(TypeError):
            reference_figures([Word(quad, None)], [quad])
        length = QUAD(quad.ravel().tolist()).pseudo_transcription_length()
        expected = reference_figures([Word(quad, "#" * length)], [quad])
        assert our_figures([Word(quad, None)], [quad]) == pytest.approx(expected, abs=1e-9, rel=0)

    @pytest.mark.skipif(not SROIE.is_dir(), reason=f"no SROIE sample in {SROIE} (OCR_SROIE_DIR)")
    @pytest.mark.parametrize("step", range(4))
    def test_real_receipts_against_perturbed_copies(self, step: int) -> None:
        rng = np.random.default_rng(step)
        files = sorted((SROIE / "boxes").glob("*.csv"))[step * 3 :: 25]
        assert len(files) >= 10
        for file in files:
            words = read_boxes(file)
            words = [replace(word, ignore=bool(rng.random() < 0.05)) for word in words]
            detections = perturbed([word.points_N2 for word in words], rng)
            assert_parity(words, detections)
            assert_parity(words, [word.points_N2 for word in words])

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="the package's crashes are caught in forked processes")
    def test_quads_that_cross_themselves(self) -> None:
        """The polygon library under the package ends the process on a few such pairs; those have no figures."""
        program = f"import runpy; runpy.run_path({str(Path(__file__))!r})['print_crossing_figures'](150)"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests" / "support")))},
            capture_output=True,
            text=True,
            check=True,
        )
        figures = json.loads(done.stdout.splitlines()[-1])
        assert len(figures) >= 140
        for seed, expected in figures.items():
            assert our_figures(*crossing_scene(int(seed))) == pytest.approx(tuple(expected), abs=1e-9, rel=0)


def read_boxes(file: Path) -> list[Word]:
    rows = [line.split(",", 8) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Word(np.array(row[:8], dtype=np.float32).reshape(4, 2), row[8]) for row in rows]


def perturbed(quads: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """What a detector might make of them: moved corners, halves, neighbours in one, missing and invented ones."""
    found = []
    for index, quad in enumerate(quads):
        left, right = quad[[0, 3]], quad[[1, 2]]
        match rng.integers(6):
            case 0:
                found.append(quad)
            case 1:
                found.append(quad + rng.normal(0, 3, (4, 2)))
            case 2:
                middle = left + (right - left) * rng.uniform(0.2, 0.8)
                found += [np.stack([left[0], middle[0], middle[1], left[1]])]
                found += [np.stack([middle[0], right[0], right[1], middle[1]])]
            case 3:
                both = np.concatenate([quad, quads[(index + 1) % len(quads)]])
                (x, y), (x_end, y_end) = both.min(axis=0), both.max(axis=0)
                found.append(box(x, y, x_end - x, y_end - y))
            case 4:
                found.append(quad + rng.uniform(-40, 40, 2))
    return [np.asarray(quad, dtype=np.float32) for quad in found]


def crossing_scene(seed: int) -> tuple[list[Word], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    quads = rng.uniform(0, 100, (rng.integers(2, 9), 4, 2)).astype(np.float32)
    words = [Word(quad, "x" * int(rng.integers(1, 8)), bool(rng.random() < 0.2)) for quad in quads[::2]]
    return words, [*quads[1::2], *(word.points_N2 + np.float32(2) for word in words)]


def print_crossing_figures(count: int) -> None:
    """The package's figures of each scene, one forked process a scene, as JSON; none where the process died."""
    reference_figures(*crossing_scene(0))
    figures = {}
    for seed in range(count):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, json.dumps(reference_figures(*crossing_scene(seed)), default=float).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            answer = pipe.read()
        if os.waitpid(child, 0)[1] == 0:
            figures[seed] = json.loads(answer)
    print(json.dumps(figures))


# --- polygons -------------------------------------------------------------------------------------------------------


def with_extra_points(quad_42: np.ndarray, shares: Sequence[Sequence[float]]) -> np.ndarray:
    """The quad with further points on its edges, a pixel or more from its corners, in hundredths of a pixel."""
    points = []
    for corner, following, along in zip(quad_42, np.roll(quad_42, -1, axis=0), shares, strict=True):
        margin = min(0.5, 1.0 / float(np.linalg.norm(following - corner)))
        spots = [margin + share * (1 - 2 * margin) for share in sorted(along)]
        points += [corner, *(corner + spot * (following - corner) for spot in spots)]
    return np.round(np.array(points, dtype=np.float64), 2).astype(np.float32)


edges = st.lists(st.lists(st.floats(0, 1), max_size=4), min_size=4, max_size=4)
in_hundredths = st.builds(
    lambda x, y, width, height, degrees: np.round(rotated(x, y, width, height, degrees), 2),
    decimal,
    decimal,
    st.floats(6, 80),
    st.floats(6, 40),
    st.floats(-44, 44),
)


@given(
    st.lists(st.tuples(in_hundredths, edges, st.text("ab", max_size=8) | st.none()), max_size=5),
    st.lists(st.tuples(in_hundredths, edges), max_size=5),
)
@settings(max_examples=200, deadline=None)
def test_points_on_straight_edges_change_nothing(words: list, found: list) -> None:
    plain = cleval_counts([Word(quad, text) for quad, _, text in words], [quad for quad, _ in found])
    extra = cleval_counts(
        [Word(with_extra_points(quad, shares), text) for quad, shares, text in words],
        [with_extra_points(quad, shares) for quad, shares in found],
    )

    assert extra == plain


def test_the_characters_of_a_bent_word_follow_the_bend() -> None:
    """A text on an arch: the middle of its bounding box lies outside it, its own pieces lie on its centre line."""
    angles = np.linspace(np.pi, 2 * np.pi, 9)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    arch = np.concatenate([circle * 100, circle[::-1] * 80]).astype(np.float32) + 150
    pieces = [np.concatenate([arch[i : i + 2], arch[16 - i : 18 - i]]) for i in range(8)]

    whole = cleval_counts([Word(arch, "abcdefgh")], [arch])
    assert (whole.found, whole.hmean) == (8, 1.0)
    assert [cleval_counts([Word(arch, "abcdefgh")], [piece]).found for piece in pieces] == [1] * 8


def test_the_characters_of_a_bent_word_that_runs_downwards_follow_the_bend() -> None:
    y = np.linspace(0, 200, 5)
    x = 30 * np.sin(y / 200 * np.pi)
    right, left = np.stack([x + 20, y], axis=1), np.stack([x, y], axis=1)
    strip = np.concatenate([[left[0]], right, left[:0:-1]]).astype(np.float32)
    pieces = [np.concatenate([left[i : i + 1], right[i : i + 2], left[i + 1 : i + 2]]) for i in range(4)]

    found = [cleval_counts([Word(strip, "abcd")], [piece.astype(np.float32)]).found for piece in pieces]
    assert found == [1] * 4


def test_a_point_more_on_one_long_side_does_not_move_the_ends() -> None:
    bent = np.float32([[0, 10], [50, 0], [100, 10], [100, 30], [50, 20], [0, 30]])
    one_more = np.float32([[0, 10], [50, 0], [100, 10], [100, 30], [75, 25], [50, 20], [0, 30]])
    another = np.float32([[0, 10], [50, 0], [100, 10], [100, 30], [76, 26], [50, 20], [0, 30]])
    halves = [np.float32([[0, 8], [50, 0], [50, 20], [0, 30]]), np.float32([[50, 0], [100, 10], [100, 30], [50, 20]])]

    expected = cleval_counts([Word(bent, "abcdef")], halves)
    assert expected.found == 6
    assert cleval_counts([Word(one_more, "abcdef")], halves) == expected
    assert cleval_counts([Word(another, "abcdef")], halves) == expected


@pytest.mark.parametrize("points", [[[5, 5]] * 3, [[0, 0], [10, 0], [20, 0]], [[0, 0], [9, 9], [0, 0], [9, 9], [0, 0]]])
def test_polygons_without_area_find_nothing(points: list[list[float]]) -> None:
    polygon = np.array(points, dtype=np.float32)
    counts = cleval_counts([Word(box(-20, -20, 60, 60), "abc"), Word(polygon, "ab")], [polygon])

    assert (counts.truth, counts.found) == (5, 0)
    assert counts.false_positive > 0
