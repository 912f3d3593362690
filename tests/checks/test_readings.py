"""Texts against what a recogniser reads: what is reported, and in which order."""

import pickle
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ocr.checks.kinds import Kind
from ocr.checks.readings import compare_readings
from ocr.checks.words import CheckedWord
from ocr.pipeline.check import read_with, reader_at
from ocr.pipeline.recognizer import LineReader
from ocr.types import FloatArray, Reading, Word

BOX = np.array([[0, 0], [40, 0], [40, 10], [0, 10]], np.float32)


def checked(*texts: str | None, ignore: bool = False) -> list[CheckedWord]:
    return [CheckedWord(f"{number:04d}", Word(BOX, text, ignore)) for number, text in enumerate(texts)]


def reads(*readings: Reading):
    def read(_: Path, polygons: Sequence[FloatArray]) -> list[Reading]:
        assert len(polygons) == len(readings)
        return list(readings)

    return read


def test_a_sure_reading_of_another_text_is_reported() -> None:
    words = checked("TOTAL", "Cash 5", "CHANGE", "SUM")
    compare_readings(
        words,
        Path("a.jpg"),
        reads(Reading("T0TAL", (0.9,) * 5), Reading("CASH5", (0.9,) * 5), Reading("XYZ", (0.9, 0.6, 0.9)),
              Reading("SUN", (0.9, 0.9, 0.4))),
    )  # fmt: skip
    assert [[kind for kind, _ in word.flaws] for word in words] == [
        [Kind.READ_OTHERWISE],
        [],  # letter case and spaces do not count
        [Kind.READ_OTHERWISE],
        [],  # the recogniser is not sure
    ]
    assert words[2].weights[Kind.READ_OTHERWISE] > words[0].weights[Kind.READ_OTHERWISE]
    (finding,) = words[0].findings("train", "a.jpg")
    assert (finding.value, round(finding.weight, 2)) == ("'TOTAL' is read as 'T0TAL', confidence 0.90", 0.18)


def test_words_without_a_text_and_ignored_ones_are_not_read() -> None:
    words = [*checked(None, " "), *checked("TOTAL", ignore=True), CheckedWord("9", None)]
    compare_readings(words, Path("a.jpg"), reads())
    assert [word.flaws for word in words] == [[], [], [], []]


def test_a_process_loads_the_recogniser_once_for_all_its_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []

    class Reader:
        def read(self, _: Path, polygons: Sequence[FloatArray]) -> list[Reading]:
            return [Reading("x")] * len(polygons)

    def load(path: str, **_: object) -> Reader:
        loaded.append(path)
        return Reader()

    monkeypatch.setattr(LineReader, "load", load)
    reader_at.cache_clear()
    for _ in range(3):  # a pool pickles the job with every batch
        job = pickle.loads(pickle.dumps(partial(read_with, "a.onnx")))
        assert job(Path("a.jpg"), [BOX]) == [Reading("x")]
        assert job(Path("b.jpg"), []) == []
    assert loaded == ["a.onnx"]
    reader_at.cache_clear()
