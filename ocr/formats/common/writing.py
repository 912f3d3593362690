"""What the writers of all formats share.

A writer is ``write_<format>(records, output, split)``: clean records, each with its image on disk, become the data set
of one split in ``output/<split>/``, images and all, which ``read_<format>(output / split)`` reads. It returns what the
format cannot hold, in lines that name image, word and value.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from ocr.formats.common.base import AnnotationError
from ocr.images.files import read_bytes
from ocr.images.header import read_header
from ocr.types import Record, Word
from ocr.utils.whole_file import whole_file

EXAMPLES = 3


def place_images(records: Sequence[Record], folder: Path) -> list[Path]:
    """Put the images of the records into a folder by their names: as hard links, or as copies from another file system.

    Args:
        records: one an image; a link that leads to an image counts as that image.
        folder: made where it is missing.

    Returns:
        Where each image is now, in the order of the records.

    Raises:
        AnnotationError: two images have the same name, or one of the name is in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = []
    for record in records:
        place = folder / record.name
        if place.exists():
            raise AnnotationError(f"{record.image_path}: {place} is there already; rename one of them")
        source = record.image_path.resolve()
        try:
            os.link(source, place)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(source, place)
        places.append(place)
    return places


def lost(records: Sequence[Record], what: str, value: Callable[[Word], object | None]) -> list[str]:
    """A line for each word of which the format cannot hold something.

    Args:
        records: what is written.
        what: what happens to the value, as in ``the line break becomes a blank in``.
        value: what is lost of a word; ``None`` where it is nothing.
    """
    found = losses(records, value)
    return [f"{where}: {what} {loss!r}" for where, loss in found]


def no_place(records: Sequence[Record], what: str, value: Callable[[Word], object | None]) -> list[str]:
    """One line, with count and examples, for something that the format has no place for at all; none if nobody has it.

    Args:
        records: what is written.
        what: what has no place, as in ``line numbers``.
        value: what is lost of a word; ``None`` where it is nothing.
    """
    return summed_up(what, [f"{where}: {loss!r}" for where, loss in losses(records, value)])


def line_losses(records: Sequence[Record]) -> list[str]:
    """The loss of the line numbers in a format that has no lines."""
    return no_place(records, "line numbers", lambda word: word.line)


def losses(records: Sequence[Record], value: Callable[[Word], object | None]) -> list[tuple[str, object]]:
    """What is lost, each with its image and word."""
    return [
        (f"{record.name}, word {key}", loss)
        for record in records
        for key, word in record.words.items()
        if (loss := value(word)) is not None
    ]


def renumbered(records: Sequence[Record]) -> list[str]:
    """The loss of the words' keys in a format that numbers its words ``0001``, ``0002``, ... in their order."""
    found = [
        f"{record.name}, word {key} is {number:04d}"
        for record in records
        for number, key in enumerate(record.words, start=1)
        if key != f"{number:04d}"
    ]
    return summed_up("keys", found)


def summed_up(what: str, losses: Sequence[str]) -> list[str]:
    """One line with count and examples; none where nothing is lost."""
    return [f"{what}: {len(losses)} words, such as {'; '.join(losses[:EXAMPLES])}"] if losses else []


def by_line(words: Iterable[tuple[str, Word]]) -> list[dict[str, Word]]:
    """The words of each text line, in the order in which the lines begin; a word without one stands alone."""
    lines: dict[object, dict[str, Word]] = {}
    for key, word in words:
        lines.setdefault(("alone", key) if word.line is None else word.line, {})[key] = word
    return list(lines.values())


def renumbered_lines(name: str, lines: Sequence[dict[str, Word]]) -> list[str]:
    """The loss of the line numbers of an image in a format that counts its lines from 1."""
    return [
        f"{name}, word {key}: line {word.line} is {number}"
        for number, line in enumerate(lines, start=1)
        for key, word in line.items()
        if word.line != number
    ]


def size_of(record: Record, image: Path) -> tuple[int, int]:
    """(width, height) in pixels as the record states them, else as the upright image has them.

    Raises:
        ImageError: the record does not say and the file is no image.
    """
    if record.width is not None and record.height is not None:
        return record.width, record.height
    return read_header(read_bytes(image), image).upright_size


def write_json(content: object, path: Path) -> None:
    """Write a JSON file, whole or not at all."""
    write_whole(msgspec.json.format(msgspec.json.encode(content), indent=1), path)


def write_whole(content: bytes, path: Path) -> None:
    """Write a file, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
