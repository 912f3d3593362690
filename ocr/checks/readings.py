"""Compare the texts of an annotation with what a recogniser reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ocr.checks.kinds import Kind
from ocr.checks.texts import quoted
from ocr.checks.words import CheckedWord
from ocr.metrics.text import SURE, compare_texts
from ocr.types import FloatArray, Reading

ReadWords = Callable[[Path, Sequence[FloatArray]], list[Reading]]
"""(an image, polygons in its pixels) -> a reading for each."""


def compare_readings(words: Sequence[CheckedWord], path: Path, read: ReadWords) -> None:
    """Add the flaw `Kind.READ_OTHERWISE` to words whose text is read otherwise, letter case and spaces left aside.

    Its weight is the share of the text that differs, times the confidence.

    Args:
        words: the words of one image; ignored ones and those without a text are not read.
        path: the image.
        read: the recogniser.
    """
    known = [(each, each.word) for each in words if each.word is not None and each.word.readable]
    readings = read(path, [word.points_N2 for _, word in known])
    for (each, word), reading in zip(known, readings, strict=True):
        counts = compare_texts(word.text or "", reading.text)
        if not counts.bare_exact and reading.confidence >= SURE:
            value = f"{quoted(word.text or '')} is read as {quoted(reading.text)}, confidence {reading.confidence:.2f}"
            each.flaws.append((Kind.READ_OTHERWISE, value))
            each.weights[Kind.READ_OTHERWISE] = (1 - counts.similarity) * reading.confidence
