"""Receipts from files and from the generator."""

from functools import partial

import numpy as np
import pytest

from ocr.data.regions import with_regions
from ocr.data.source import DrawnReceipts, StoredReceipts
from ocr.formats.native import read_native
from ocr.synthesis.corpus import draw_receipt, generate_corpus


def test_a_drawn_receipt_is_the_one_of_the_corpus(tmp_path):
    generate_corpus(tmp_path / "data", {"stream": 2}, seed=5, workers=0)
    records = read_native(tmp_path / "data/jsons/stream.json", tmp_path / "data/images/stream")
    stored = StoredReceipts([with_regions(record, "line") for record in records])
    drawn = DrawnReceipts(partial(draw_receipt, seed=5, split="stream"), per_epoch=1, granularity="line")
    assert (len(stored), len(drawn)) == (2, 1)
    for number in range(2):
        (stored_bytes, stored_record), (drawn_bytes, drawn_record) = stored(0, number), drawn(number, 0)
        assert np.array_equal(stored_bytes, drawn_bytes)
        assert drawn_record.words.keys() == stored_record.words.keys()
        for key, word in drawn_record.words.items():
            # The file rounds its points to hundredths of a pixel.
            np.testing.assert_allclose(word.points_N2, stored_record.words[key].points_N2, atol=0.02)


def test_none_comes_twice():
    asked = []

    def draw(number):
        asked.append(number)
        return draw_receipt(0, seed=0, split="stream")

    drawn = DrawnReceipts(draw, per_epoch=3, granularity="word")
    for epoch in range(2):
        for index in range(3):
            drawn(epoch, index)
    assert asked == [0, 1, 2, 3, 4, 5]


def test_an_epoch_without_receipts_is_refused():
    with pytest.raises(ValueError, match="drawn_per_epoch is 0; give at least 1"):
        DrawnReceipts(partial(draw_receipt, seed=0, split="stream"), per_epoch=0, granularity="word")
