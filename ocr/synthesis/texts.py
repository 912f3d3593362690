"""The texts of synthetic receipts, without their pictures: what a language model learns from."""

from __future__ import annotations

from collections.abc import Iterator

from ocr.synthesis.chance import Chance
from ocr.synthesis.content import FrameRow, Row, TextRow
from ocr.synthesis.receipt import compose


def receipt_texts(index: int, *, seed: int, split: str) -> list[str]:
    """The texts of an English receipt's cells, from top to bottom; a pure function of the arguments.

    Args:
        index: number of the receipt, from 0.
        seed: not negative.
        split: name of the split.
    """
    return list(_texts(compose(Chance(seed, f"{split}/texts", index), korean=False)))


def _texts(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, FrameRow):
            yield from _texts(list(row.rows))
        elif isinstance(row, TextRow):
            yield from (cell.text for cell in row.cells if cell.text)
