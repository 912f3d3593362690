"""Make regions of annotated words: the words themselves, or the text lines that they form."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeVar, get_args

from ocr.geometry import mean_x, merge_line, swallowing
from ocr.types import InputError, Record, Word

Granularity = Literal["word", "line"]
T = TypeVar("T")


def regions_of(record: Record, granularity: Granularity) -> tuple[Word, ...]:
    """The regions of a record, in the original image's pixels.

    ``word`` makes each annotated polygon one region. ``line`` joins the words of the same line number; a line is
    ignored only if all its words are; its transcription joins the words' by blanks, or is ``None`` if one is unknown or
    blank (`Word.text`); it has the words' field and item if all of them agree. Ignored words are not joined if they
    have no line number, or if the joined region would contain a line that is not ignored.

    Raises:
        InputError: ``granularity`` is neither, or is ``line`` and a word has no line number.
    """
    check_granularity(record, granularity)
    if granularity == "word":
        return tuple(record.words.values())
    lines: dict[int, list[Word]] = {}
    for word in record.words.values():
        if word.line is not None:
            lines.setdefault(word.line, []).append(word)
    joined = {line: join_words(words, line) for line, words in lines.items()}
    apart = swallowing(joined)
    loose = (word for word in record.words.values() if word.line is None)
    kept = (lines[line] if line in apart else [region] for line, region in joined.items())
    return (*(region for regions in kept for region in regions), *loose)


def with_regions(record: Record, granularity: Granularity) -> Record:
    """The record with its regions as words, so that they are joined only once.

    Raises:
        InputError: as `regions_of`.
    """
    regions = regions_of(record, granularity)
    return replace(record, words={f"{number:04d}": region for number, region in enumerate(regions, start=1)})


def check_granularity(record: Record, granularity: str) -> None:
    """Check that the annotation supports the granularity.

    Raises:
        InputError: ``granularity`` is neither ``word`` nor ``line``, or is ``line`` and a word has no line number.
    """
    if granularity not in get_args(Granularity):
        raise InputError(
            f"data.granularity={granularity!r} is unknown; use 'word' or 'line' (evaluate.py calls it granularity)"
        )
    if granularity == "line":
        for key, word in record.words.items():
            if word.line is None and not word.ignore:
                raise InputError(
                    f"{record.image_path}: word {key!r} has no line number, so lines cannot be made of the words; "
                    "use data.granularity=word (evaluate.py: granularity=word) or add 'line' to each word"
                )


def join_words(words: list[Word], line: int) -> Word:
    """One region from the words of one line."""
    found = [word for word in words if not word.ignore] or words
    ordered = sorted(found, key=lambda word: mean_x(word.points_N2))
    texts = [text for word in ordered if (text := word.text) is not None]
    return Word(
        points_N2=merge_line([word.points_N2 for word in ordered]),
        transcription=" ".join(texts) if len(texts) == len(ordered) else None,
        ignore=all(word.ignore for word in words),
        line=line,
        field=common({word.field for word in found}),
        item=common({word.item for word in found}),
    )


def common(values: set[T]) -> T | None:
    """The only value, or ``None`` if there are several."""
    return next(iter(values)) if len(values) == 1 else None
