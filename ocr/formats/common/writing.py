"""Code shared by the writers of all formats.

A writer is ``write_<format>(records, output, split)``: it writes clean records and their images as the data set of one
split to ``output/<split>/``, which ``read_<format>(output / split)`` reads. It returns what the format cannot hold, in
lines that name image, word and value.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterable, Sequence
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
        records: one per image; links to images are followed.
        folder: created if it is missing.

    Returns:
        The new path of each image, in the order of the records.

    Raises:
        AnnotationError: two images have the same name, or the folder has an image of that name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = []
    for record in records:
        place = folder / record.name
        if place.exists():
            raise AnnotationError(f"{record.image_path}: {place} exists already; rename one of them")
        source = record.image_path.resolve()
        try:
            os.link(source, place)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(source, place)
        places.append(place)
    return places


def loss_lines(records: Sequence[Record], what: str, value: Callable[[Word], object | None]) -> list[str]:
    """A line for each word of which the format loses something.

    Args:
        records: what is written.
        what: what happens to the value, such as ``the line break becomes a blank in``.
        value: what is lost of a word; ``None`` for nothing.
    """
    found = losses(records, value)
    return [f"{where}: {what} {loss!r}" for where, loss in found]


def no_place(records: Sequence[Record], what: str, value: Callable[[Word], object | None]) -> list[str]:
    """One line, with count and examples, for something that the format cannot hold at all; none if no word has it.

    Args:
        records: what is written.
        what: what is lost, such as ``line numbers``.
        value: what is lost of a word; ``None`` for nothing.
    """
    return summed_up(what, [f"{where}: {loss!r}" for where, loss in losses(records, value)])


def line_losses(records: Sequence[Record]) -> list[str]:
    """The loss of the line numbers in a format without lines."""
    return no_place(records, "line numbers", lambda word: word.line)


def label_losses(records: Sequence[Record]) -> list[str]:
    """The loss of fields and items in a format that has no labels."""
    return [*no_place(records, "fields", lambda word: word.field), *item_losses(records), *value_losses(records)]


def item_losses(records: Sequence[Record]) -> list[str]:
    """The loss of the items' numbers."""
    return no_place(records, "item numbers", lambda word: word.item)


def value_losses(records: Sequence[Record], held: Container[str] = ()) -> list[str]:
    """The loss of the receipts' own values, `Record.fields`.

    Args:
        records: what is written.
        held: names of the fields that the format holds.
    """
    lost = [
        (record.name, {name: text for name, text in record.fields.items() if name not in held}) for record in records
    ]
    return summed_up("values of fields", [f"{name}: {values}" for name, values in lost if values], "images")


def losses(records: Sequence[Record], value: Callable[[Word], object | None]) -> list[tuple[str, object]]:
    """The lost values, each with its image and word."""
    return [
        (f"{record.name}, word {key}", loss)
        for record in records
        for key, word in record.words.items()
        if (loss := value(word)) is not None
    ]


def renumbered(records: Sequence[Record]) -> list[str]:
    """The loss of the words' keys in a format that numbers words ``0001``, ``0002``, ... in order."""
    found = [
        f"{record.name}, word {key} is {number:04d}"
        for record in records
        for number, key in enumerate(record.words, start=1)
        if key != f"{number:04d}"
    ]
    return summed_up("keys", found)


def summed_up(what: str, losses: Sequence[str], unit: str = "words") -> list[str]:
    """One line with count and examples; none if nothing is lost."""
    return [f"{what}: {len(losses)} {unit}, such as {'; '.join(losses[:EXAMPLES])}"] if losses else []


def by_line(words: Iterable[tuple[str, Word]]) -> list[dict[str, Word]]:
    """The words of each text line, in the order of their first words; a word without a line is a line itself."""
    lines: dict[object, dict[str, Word]] = {}
    for key, word in words:
        lines.setdefault(("alone", key) if word.line is None else word.line, {})[key] = word
    return list(lines.values())


def renumbered_lines(name: str, lines: Sequence[dict[str, Word]]) -> list[str]:
    """The loss of an image's line numbers in a format that counts lines from 1."""
    return [
        f"{name}, word {key}: line {word.line} is {number}"
        for number, line in enumerate(lines, start=1)
        for key, word in line.items()
        if word.line != number
    ]


def size_of(record: Record, image: Path) -> tuple[int, int]:
    """(width, height) in pixels as stated by the record, else of the upright image.

    Raises:
        ImageError: the record states no size and the file is not an image.
    """
    if record.width is not None and record.height is not None:
        return record.width, record.height
    return read_header(read_bytes(image), image).upright_size


def json_bytes(content: object) -> bytes:
    """The bytes of a JSON file."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1)


def write_json(content: object, path: Path) -> None:
    """Write a JSON file atomically."""
    write_whole(json_bytes(content), path)


def write_whole(content: bytes, path: Path) -> None:
    """Write a file atomically."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
