"""Lines of receipts, their jitter, and the batches that a pool makes of them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ocr.data.line_batches import MULTIPLE, Pool, collate_lines, collate_page
from ocr.data.line_receipts import LineReceipts
from ocr.data.lines import LineJitter, LineSamples
from ocr.data.skipping import Broken
from ocr.data.source import StoredReceipts
from ocr.formats.native import read_native
from ocr.geometry import upright_box
from ocr.synthesis.lines import LinePicture
from ocr.types import Record, Sample, Word
from shapes import turned

CORNERS_42 = np.float32([[4, 4], [84, 4], [84, 28], [4, 28]])


def sample(width: int, text: int = 1, name: str = "a") -> Sample:
    """A line of a width whose pixels are its width."""
    return Sample(
        image_CHW=np.full((3, 32, width), width % 255 + 1, np.uint8),
        matrix_33=np.eye(3),
        original_size=(200, 300),
        record=Record(Path(name), {}),
        regions=(Word(CORNERS_42, "x"),),
        targets={"codes": np.arange(1, text + 1), "case_known": np.array(True)},
    )


def receipts(widths: list[list[int]], epoch: int = 0) -> list[LineSamples]:
    return [LineSamples((epoch, index), [sample(width) for width in each]) for index, each in enumerate(widths)]


def test_lines_are_padded_on_the_right_with_zeros_and_blanks() -> None:
    batch = collate_lines([sample(40, 2), sample(70, 3)])
    assert batch.images_BCHW.shape == (2, 3, 32, 96)
    assert (batch.images_BCHW[0, :, :, :40] == 41).all()
    assert not batch.images_BCHW[0, :, :, 40:].any()
    assert not batch.images_BCHW[1, :, :, 70:].any()
    assert batch.targets["codes"].tolist() == [[1, 2, 0], [1, 2, 3]]
    assert batch.targets["lengths"].tolist() == [2, 3]
    assert batch.targets["codes"].dtype == batch.targets["lengths"].dtype == torch.int64
    assert len(batch) == 2


def test_a_receipt_of_another_process_and_a_broken_one_are_empty_batches() -> None:
    for page, told in ((None, ()), ([], ()), (Broken(Path("a"), "a: is broken"), ("a: is broken",))):
        batch = collate_page([page])
        assert len(batch) == 0
        assert batch.skipped == told
        assert batch.targets["codes"].shape == (0, 0)


@given(
    st.lists(st.lists(st.integers(8, 400), max_size=12), min_size=1, max_size=5).filter(any),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_a_pool_gives_so_many_batches_of_so_many_lines(widths: list[list[int]], batches: int, batch_size: int) -> None:
    made = Pool(batches, batch_size, seed=0)(receipts(widths))
    assert [len(batch) for batch in made] == [batch_size] * batches
    assert all(batch.images_BCHW.shape[3] % MULTIPLE == 0 for batch in made)
    available = [width for each in widths for width in each]
    taken = [int((image_CHW[0, 0] > 0).sum()) for batch in made for image_CHW in batch.images_BCHW]
    wanted, rounds = batches * batch_size, batches * batch_size // len(available)
    for width in set(available):  # as often as every other line, but for one round that is not whole
        assert rounds * available.count(width) <= taken.count(width) <= (rounds + 1) * available.count(width)
    assert len(taken) == wanted


def test_a_pool_is_a_function_of_seed_and_keys() -> None:
    widths = [[8 * number + 8 for number in range(10)]] * 3

    def shown(seed: int = 0, epoch: int = 0) -> list[list[int]]:
        made = Pool(5, 4, seed)(receipts(widths, epoch))
        return [(batch.images_BCHW[:, 0, 0] > 0).sum(1).tolist() for batch in made]

    assert shown() == shown()
    assert shown() != shown(seed=1)
    assert shown() != shown(epoch=1)


def test_lines_of_a_batch_are_of_similar_width() -> None:
    rng = np.random.default_rng(0)
    widths = rng.integers(20, 600, size=(8, 40)).tolist()
    made = Pool(10, 32, seed=0)(receipts(widths))
    ranges = [
        torch.quantile((batch.images_BCHW[:, 0, 0] > 0).sum(1).float(), torch.tensor([0.1, 0.9])) for batch in made
    ]
    assert max(float(high - low) for low, high in ranges) < 0.3 * 580
    lines = sum(int((batch.images_BCHW[:, 0, 0] > 0).sum()) for batch in made)
    padded = sum(batch.images_BCHW[:, 0, 0].numel() for batch in made)
    assert lines > 0.8 * padded
    order = [int(batch.images_BCHW.shape[3]) for batch in made]
    assert order != sorted(order)


def test_skipped_images_are_told_with_the_first_batch_even_if_no_line_is_left_of_the_receipt() -> None:
    first, second = receipts([[20, 30, 40], []])
    broken = LineSamples(second.key, [], ("b: is broken",))
    made = Pool(3, 1, seed=0)([first, broken])
    assert [batch.skipped for batch in made] == [("b: is broken",), (), ()]


@pytest.fixture
def stored(tiny_data: Path) -> StoredReceipts:
    return StoredReceipts(read_native(tiny_data / "jsons" / "train.json", tiny_data / "images" / "train"))


def test_stored_receipts_come_first_and_none_is_synthesised_twice(stored: StoredReceipts) -> None:
    numbers = []

    def draw(number: int) -> list[LinePicture]:
        numbers.append(number)
        return [LinePicture(np.full((32, 90, 3), number, np.uint8), CORNERS_42, f"{number}")]

    both = LineReceipts(stored, draw=draw, drawn=3, case_known=False)
    assert len(both) == 7
    for epoch in range(3):
        pages = [both(epoch, index) for index in range(len(both))]
        assert [page.record.name for page in pages[:4]] == [f"train_{number}.png" for number in range(4)]
        assert [len(page.lines) for page in pages] == [8, 8, 8, 8, 1, 1, 1]
        assert [page.lines[0].case_known for page in pages] == [False] * 4 + [True] * 3
        assert [page.lines[0].word.text for page in pages[4:]] == [str(3 * epoch + place) for place in range(3)]
    assert numbers == list(range(9))


def test_either_kind_can_be_alone(stored: StoredReceipts) -> None:
    assert len(LineReceipts(stored, draw=None, drawn=5, case_known=True)) == 4
    alone = LineReceipts(None, draw=lambda _: [], drawn=5, case_known=True)
    assert len(alone) == 5
    assert alone(1, 0).lines == []


def test_the_lines_of_an_image_are_where_it_says(stored: StoredReceipts) -> None:
    page = LineReceipts(stored, draw=None, drawn=0, case_known=True)(0, 2)
    words = list(stored.records[2].words.values())
    assert page.size == (200, 300)
    for line, word in zip(page.lines, words, strict=True):
        assert line.word.text == word.text
        assert np.array_equal(line.word.points_N2, word.points_N2)
        left, top, right, bottom = *word.points_N2.min(axis=0).astype(int), *word.points_N2.max(axis=0).astype(int)
        assert line.image_HWC[top:bottom, left:right].min() < 50  # there is ink


@given(st.integers(0, 2**32 - 1))
def test_jitter_stays_in_its_bounds(seed: int) -> None:
    word = Word(turned((60, 60), 80, 20, 7), "x")
    jitter = LineJitter(sides=0.2, stretch=0.1, upright=0.5)
    points_N2, shift = jitter(word, 0.05, np.random.default_rng(seed))
    assert np.array_equal(points_N2, word.points_N2) or np.array_equal(points_N2, upright_box(word.points_N2))
    for side in (shift.left, shift.top, shift.right, shift.bottom):
        assert 0.05 - 0.1 <= side <= 0.05 + 0.2
    assert np.exp(-0.1) <= shift.stretch <= np.exp(0.1)


@pytest.mark.parametrize("upright", [0.0, 1.0])
def test_jitter_takes_the_upright_box_as_often_as_told(upright: float) -> None:
    word = Word(turned((60, 60), 80, 20, 7), "x")
    rng = np.random.default_rng(0)
    taken = [LineJitter(upright=upright)(word, 0.0, rng)[0] for _ in range(5)]
    expected = upright_box(word.points_N2) if upright else word.points_N2
    assert all(np.array_equal(points_N2, expected) for points_N2 in taken)


@pytest.mark.parametrize(("degrees", "box"), [(2, True), (30, False), (-45, False)])
def test_jitter_keeps_the_polygon_of_a_strongly_tilted_line(degrees: float, box: bool) -> None:
    points_42 = turned((100, 100), 160, 20, degrees).astype(np.float32)
    taken_42, _ = LineJitter(upright=1.0)(Word(points_42, "x"), 0.0, np.random.default_rng(0))
    assert np.array_equal(taken_42, upright_box(points_42) if box else points_42)
