"""Pictures of lines with what they say and what was read."""

from pathlib import Path

import numpy as np
import torch

from ocr.report.overlay import FOUND, TRUTH
from ocr.report.readings import GAP, MOST, SIZE, draw_readings
from ocr.types import Batch, Reading, UInt8Array, Word


def page(texts: list[str | None], widths: list[int] | None = None) -> Batch:
    """Lines of 32 x (50, 51, ...) pixels, each in a grey of its own, padded to 128 columns."""
    images_BCHW = np.zeros((len(texts), 3, 32, 128), np.uint8)
    for number, width in enumerate(widths or range(50, 50 + len(texts))):
        images_BCHW[number, :, :, :width] = 40 + number
    count = len(texts)
    return Batch(
        torch.from_numpy(images_BCHW),
        np.zeros((count, 3, 3)),
        ((200, 300),) * count,
        (Path("data/val_0.png"),) * count,
        tuple((Word(np.zeros((4, 2), np.float32), text),) for text in texts),
    )


def drawn(batch: Batch, found: list[Reading]) -> UInt8Array:
    ((name, picture_HWC),) = draw_readings(batch, found)
    assert name == "val_0"
    assert picture_HWC.dtype == np.uint8
    return picture_HWC


def has(picture_HWC: UInt8Array, colour: tuple[int, int, int]) -> bool:
    return bool((picture_HWC == colour).all(axis=2).any())


def test_a_right_reading_is_green_and_a_wrong_one_red_below_the_truth() -> None:
    right_HWC = drawn(page(["TOTAL"]), [Reading("TOTAL", (0.9,) * 5)])
    assert right_HWC.shape[0] == 32 + SIZE + 4 + GAP
    assert has(right_HWC, TRUTH)
    assert not has(right_HWC, FOUND)
    assert not has(drawn(page(["A B"]), [Reading(" A  B ", (0.9,) * 6)]), FOUND)  # both as `plain_text` writes them
    wrong_HWC = drawn(page(["TOTAL"]), [Reading("T0TAL", (0.9,) * 5)])
    assert wrong_HWC.shape[0] == 32 + 2 * (SIZE + 4) + GAP
    assert has(wrong_HWC[: 32 + SIZE + 4], TRUTH)
    assert has(wrong_HWC[32 + SIZE + 4 :], FOUND)


def test_lines_stand_as_they_were_read_without_their_padding() -> None:
    picture_HWC = drawn(page(["TOTAL"], [70]), [Reading("TOTAL", (0.9,) * 5)])
    assert (picture_HWC[:32, :70] == 40).all()
    assert (picture_HWC[:32, 70:] == 255).all()


def test_wrong_lines_come_first_and_the_least_certain_of_them_before_the_others() -> None:
    readings = [Reading("a", (0.2,)), Reading("x", (0.9,)), Reading("y", (0.3,)), Reading("d", (0.1,)), Reading("")]
    picture_HWC = drawn(page(["a", "b", "c", "ｄ", "e"]), readings)
    greys = [int(row[0]) for row in picture_HWC[:, 0] if row[0] == row[1] == row[2] and row[0] < 60]
    order = [grey - 40 for grey, before in zip(greys, [0, *greys], strict=False) if grey != before]
    assert order == [4, 2, 1, 3, 0]


def test_a_receipt_without_lines_has_no_picture_and_one_with_many_has_the_first() -> None:
    assert list(draw_readings(page([]), [])) == []
    picture_HWC = drawn(page(["a"] * 40, [60] * 40), [Reading("a", (0.5,))] * 40)
    assert picture_HWC.shape[0] == MOST * (32 + SIZE + 4 + GAP)


def test_a_text_that_the_font_lacks_and_an_unknown_one_end_nothing() -> None:
    drawn(page(["총액", None]), [Reading("합계", (0.5, 0.5)), Reading("€£¥¢\\", (0.5,) * 5)])
