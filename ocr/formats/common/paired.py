"""Code shared by the formats with one text file per image: finding the pairs, reading rows, writing both."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing, composed
from ocr.formats.common.image_files import ByStem, add_record, folders_in, images_in, same_stem
from ocr.formats.common.reading import content_of, quoted
from ocr.formats.common.writing import place_images
from ocr.types import Record, Word
from ocr.utils.regular import as_utf8

Layout = tuple[str, str]
"""Names of the folders of images and of text files in a data set."""


ReadFile = Callable[[Path, Sparing], dict[str, Word]]
"""(text file, guard of its entries) -> its words."""
ReadFields = Callable[[Path, Sparing], dict[str, str]]
"""(text file of the words, guard) -> the receipt's values by field."""


def read_pairs(
    source: Path,
    layouts: Sequence[Layout],
    named: re.Pattern[str],
    read_file: ReadFile,
    plain: re.Pattern[str] | None = None,
    read_fields: ReadFields | None = None,
) -> ForeignData:
    """Read a folder of images and one of text files; files without exactly one partner are left out.

    Args:
        source: the data set, one of its folders of text files if it has several, or one folder that holds both kinds.
        layouts: possible names of the two folders.
        named: names of the text files; the group ``stem`` is the stem of the image.
        read_file: reads the words of one text file.
        plain: names to use if no text file matches ``named``.
        read_fields: reads what else is known of an image; ``None``: nothing.

    Raises:
        AnnotationError: the layout is none of these, or the folder holds several data sets.
    """

    def record_of(image: Path, path: Path, sparing: Sparing) -> Record:
        return Record(image, read_file(path, sparing), fields=read_fields(path, sparing) if read_fields else {})

    images, labels = find_folders(source, layouts, named)
    if plain is not None and not any(named.fullmatch(path.name) for path in labels.iterdir()):
        named = plain
    return read_each(images, labels, named, record_of)


def read_each(
    images: Path, labels: Path, named: re.Pattern[str], read: Callable[[Path, Path, Sparing], Record]
) -> ForeignData:
    """Read an annotation file for each image; unreadable files and those without exactly one partner are left out.

    Args:
        images: folder of the images.
        labels: folder of the annotation files.
        named: names of these; the group ``stem`` is the stem of the image.
        read: (image, annotation file, guard of its entries) -> the image's record.
    """
    data = ForeignData([])
    left_out = data.left_out
    found = images_in(images, left_out)
    left_out |= folders_in(labels)
    annotations: ByStem = {}
    for path in sorted(labels.iterdir()):
        if match := named.fullmatch(path.name):
            annotations.setdefault(composed(match["stem"]), []).append(path)
    for stem in {**found, **annotations}:
        pictures, files = found.get(stem, []), annotations.get(stem, [])
        if not files:
            left_out |= dict.fromkeys(pictures, f"has no annotation in {labels}")
        elif not pictures:
            left_out |= dict.fromkeys(files, f"has no image in {images}")
        elif len(pictures) > 1 or len(files) > 1:
            left_out |= dict.fromkeys([*pictures, *files], same_stem(pictures if len(pictures) > 1 else files))
        else:
            with data.leaving_out(pictures[0]):
                add_record(data, read(pictures[0], files[0], partial(data.sparing, pictures[0])), files[0])
    return data


def by_row(read_row: Callable[[str, str, int], Word]) -> ReadFile:
    """A reader of text files with one word per row; the row number is the word's key.

    Args:
        read_row: reads one word; called with the row, its place for messages and its number.
    """

    def read_file(path: Path, sparing: Sparing) -> dict[str, Word]:
        words = {}
        for number, row in read_rows(path):
            with sparing():
                check_characters(row, f"{path}, row {number}")
                words[f"{number:04d}"] = read_row(row, f"{path}, row {number}", number)
        return words

    return read_file


def find_folders(source: Path, layouts: Sequence[Layout], named: re.Pattern[str]) -> tuple[Path, Path]:
    """The folders of images and of text files."""
    if not source.is_dir():
        raise AnnotationError(f"input={source}: no such folder")
    tops = [(root_of(source, labels) or source, images, labels) for images, labels in layouts]
    pairs = [(top / images, top / labels) for top, images, labels in tops]
    found = [pair for pair in pairs if all(folder.is_dir() for folder in pair)]
    if not found and any(named.fullmatch(path.name) for path in source.iterdir()):
        return source, source
    if not found:
        expected = " nor ".join(f"{images}/ and {labels}/" for images, labels in layouts)
        raise AnnotationError(
            f"input={source}: holds neither {expected}, nor images and their text files together; give the folder that "
            "does, or another format="
        )
    if len(found) > 1:
        choice = " or ".join(str(labels) for _, labels in found)
        raise AnnotationError(f"input={source}: holds several data sets; give one of them: input={choice}")
    return found[0]


def root_of(source: Path, labels: str) -> Path | None:
    """The data set's folder if ``source`` is its folder of text files."""
    parts = Path(labels).parts
    return source.parents[len(parts) - 1] if source.parts[-len(parts) :] == parts else None


def read_rows(path: Path) -> list[tuple[int, str]]:
    """The non-blank rows of a text file, with their numbers from 1, without a byte order mark.

    Invalid UTF-8 is an error of its row only (`check_characters`).

    Raises:
        AnnotationError: the file cannot be read, or is not the UTF-16 or UTF-32 that its byte order mark says.
    """
    try:
        text = as_utf8(content_of(path)).decode(errors="surrogateescape")
    except UnicodeDecodeError as error:
        raise AnnotationError(
            f"{path}: has a BOM of {error.encoding} but is not ({error}); save it as UTF-8"
        ) from error
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, row) for number, row in enumerate(rows, start=1) if row.strip()]


def check_characters(row: str, where: str) -> None:
    """Refuse a row with invalid UTF-8.

    Raises:
        AnnotationError: the row has invalid bytes.
    """
    try:
        row.encode()
    except UnicodeEncodeError as error:
        raise AnnotationError(f"{where}: {quoted(row)} is not UTF-8; save the file as UTF-8 or correct it") from error


def finite_numbers(values: Sequence[str], count: int, row: str, where: str) -> list[float]:
    """The numbers at the start of a row.

    Raises:
        AnnotationError: one is not a finite number, or there are fewer than ``count``.
    """
    try:
        numbers = [float(value) for value in values]
    except ValueError as error:
        raise AnnotationError(
            f"{where}: {quoted(row)}: {error}; the row must start with {count} finite numbers; correct or remove it"
        ) from error
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise AnnotationError(
            f"{where}: {quoted(row)} must start with {count} finite numbers separated by commas; correct or remove it"
        )
    return numbers


def write_pairs(
    records: Sequence[Record], layout: Layout, folder: Path, name: str, rows: Callable[[Record], Iterable[str]]
) -> None:
    """Write a folder of images and one of text files.

    Args:
        records: one per image.
        layout: names of the two folders.
        folder: gets both.
        name: name of a text file, with ``{stem}`` for the image's stem.
        rows: the rows of one text file, without line breaks.

    Raises:
        AnnotationError: two images have the same stem, so that their text files would have the same name.
    """
    owners: dict[str, Record] = {}
    for record in records:
        owner = owners.setdefault(composed(record.image_path.stem), record)
        if owner is not record:
            raise AnnotationError(
                f"image {record.name}: {owner.name} differs only in its extension; rename one of them"
            )
    images, labels = (folder / part for part in layout)
    place_images(records, images)
    labels.mkdir(parents=True, exist_ok=True)
    for stem, record in owners.items():
        text = "".join(f"{row}\n" for row in rows(record))
        (labels / name.format(stem=stem)).write_text(text, encoding="utf-8", newline="\n")
