"""The best path by hand."""

import numpy as np
import pytest
import torch

from ocr.recognition.postprocess.decode import DecodeLines
from ocr.recognition.postprocess.greedy import GreedyCTC
from ocr.types import Batch

CHARACTERS = " ab"


def path(*steps: tuple[str, float]) -> np.ndarray:
    """Probabilities (T, K) in which each step's character has the given one; "-" is the blank."""
    probability_TK = np.zeros((len(steps), 4), np.float32)
    for row, (letter, peak) in enumerate(steps):
        code = 0 if letter == "-" else CHARACTERS.index(letter) + 1
        probability_TK[row] = (1 - peak) / 3
        probability_TK[row, code] = peak
    return probability_TK


@pytest.mark.parametrize(
    ("steps", "text", "confidences"),
    [
        ([("a", 0.9), ("a", 0.6), ("-", 0.9), ("b", 0.8)], "ab", (0.9, 0.8)),
        ([("a", 0.5), ("a", 0.7), ("a", 0.6)], "a", (0.7,)),
        ([("a", 0.9), ("-", 0.9), ("a", 0.8)], "aa", (0.9, 0.8)),
        ([("a", 0.9), (" ", 0.7), ("b", 0.8)], "a b", (0.9, 0.7, 0.8)),
        ([(" ", 0.9), ("a", 0.9), (" ", 0.5), ("-", 0.9)], "a", (0.9,)),
        ([("-", 0.9), ("-", 0.9)], "", ()),
        ([(" ", 0.9), ("-", 0.9), (" ", 0.9)], "", ()),
        ([("b", 0.4)], "b", (0.4,)),
    ],
)
def test_repeats_are_joined_and_blanks_left_out(
    steps: list[tuple[str, float]], text: str, confidences: tuple[float, ...]
) -> None:
    reading = GreedyCTC(CHARACTERS)(path(*steps))
    assert reading.text == text
    assert reading.confidences == pytest.approx(confidences)
    assert reading.confidence == pytest.approx(min(confidences, default=0.0))


def test_padding_is_not_read() -> None:
    lines = [path(("a", 0.9), ("b", 0.9), ("b", 0.9)), path(("b", 0.9), ("a", 0.9), ("a", 0.9))]
    logits_BTK = torch.from_numpy(np.log(np.stack(lines)))
    batch = Batch(torch.zeros(2, 3, 32, 32), np.zeros((2, 3, 3)), ((1, 1),) * 2, (), ((), ()))
    found = DecodeLines(GreedyCTC(CHARACTERS))({"logits": logits_BTK, "steps": torch.tensor([1, 3])}, batch)
    assert [reading.text for reading in found] == ["a", "ba"]
    assert found[1].confidences == pytest.approx((0.9, 0.9))
