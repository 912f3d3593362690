"""Formats that mark an ignored word by its transcription: ``###``, ``*`` or ``#``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ocr.formats.common.writing import loss_lines, no_place
from ocr.types import FloatArray, Record, Word

IGNORED = frozenset({"ignore", "illegible"})
"""Labels of regions, in lower case, that mean ignored."""
UNKNOWN = "unknown texts, written as empty ones"


def means_ignore(labels: Iterable[str]) -> bool:
    """Whether one of a region's labels means ignored."""
    return any(label.lower() in IGNORED for label in labels)


def marked_word(points_N2: FloatArray, text: str | None, marks: Collection[str]) -> Word:
    """A word; if its text is a mark, it is ignored and its text unknown."""
    return Word(points_N2, None, ignore=True) if text in marks else Word(points_N2, text)


def marked_text(word: Word, mark: str) -> str:
    """The text of a word, empty if unknown; the mark if the word is ignored."""
    return mark if word.ignore else word.transcription or ""


def mark_losses(records: Sequence[Record], marks: Collection[str]) -> list[str]:
    """What `marked_text` loses."""

    def looks_ignored(word: Word) -> str | None:
        return word.transcription if not word.ignore and word.transcription in marks else None

    return [
        *loss_lines(records, "will be read as an ignored word, its text being", looks_ignored),
        *no_place(records, "texts of ignored words", lambda word: word.transcription if word.ignore else None),
        *no_place(records, UNKNOWN, lambda word: None if word.ignore else unknown(word)),
    ]


def unknown_losses(records: Sequence[Record]) -> list[str]:
    """The loss of writing unknown texts as empty ones."""
    return no_place(records, UNKNOWN, unknown)


def unknown(word: Word) -> object | None:
    """The polygon of a word whose text is unknown."""
    return word.points_N2.tolist() if word.transcription is None else None


def without_ignored(records: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """Records without their ignored words, for a format that cannot mark them, and the losses."""
    kept = [
        replace(record, words={key: word for key, word in record.words.items() if not word.ignore})
        for record in records
    ]
    reason = "is ignored, so it is left out:"
    return kept, loss_lines(records, reason, lambda word: word.points_N2.tolist() if word.ignore else None)


def one_line(text: str) -> str:
    """The text with a blank for each line break, for a format with one row per word."""
    return text.replace("\r", " ").replace("\n", " ")


def break_losses(records: Sequence[Record]) -> list[str]:
    """What `one_line` loses."""

    def broken(word: Word) -> str | None:
        text = word.transcription
        return text if text is not None and not word.ignore and one_line(text) != text else None

    return loss_lines(records, "line breaks become blanks in", broken)
