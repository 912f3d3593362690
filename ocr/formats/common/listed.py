"""Code shared by the formats with one row per image, which names the image and holds its words as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.image_files import add_record, leave_unannotated, locate
from ocr.formats.common.paired import read_rows
from ocr.formats.common.reading import decoded, quoted
from ocr.types import Record, Word

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One image's row.

    Attributes:
        name: path of the image, relative to the folder of the label file or one above it.
        words: the words, not yet decoded.
        width: image width in pixels, if the row states it.
        height: image height in pixels, if the row states it.
    """

    name: str
    words: Sequence[Any]
    width: int | None = None
    height: int | None = None


def label_files(source: Path, is_label: Callable[[Path], bool], expected: str) -> list[Path]:
    """The label file itself, or those of a folder.

    Raises:
        AnnotationError: there is no label file.
    """
    if source.is_file():
        return [source]
    found = sorted(path for path in source.glob("*.txt") if is_label(path))
    if not found:
        raise AnnotationError(f"input={source}: is neither a label file nor a folder with {expected}; give the file")
    return found


def read_listed(
    source: Path,
    paths: Sequence[Path],
    read_row: Callable[[str, str], Row],
    read_word: Callable[[Any, str], Word],
    levels: int,
) -> ForeignData:
    """Read label files together.

    Args:
        source: the user's input; if it is a folder, images that no file names are listed as left out.
        paths: the label files.
        read_row: reads a row's image and words; called with the row and its place for messages.
        read_word: reads a word; called with its JSON value and its place for messages.
        levels: number of folders in which an image is searched: that of the label file, and those above it.

    Raises:
        AnnotationError: a file cannot be read.
    """
    data = ForeignData([], joined=list(paths))
    for path in paths:
        for number, text in read_rows(path):
            where = f"{path}, row {number}"
            with data.sparing(path):
                row = read_row(text, where)
                with data.leaving_out(Path(row.name)):
                    folder, *above = path.absolute().parents[:levels]
                    image = locate(row.name, [folder], where, above)
                    words = {}
                    for place, raw in enumerate(row.words, start=1):
                        with data.sparing(image):
                            words[f"{place:04d}"] = read_word(raw, f"{where}, word {place}")
                    add_record(data, Record(image, words, row.width, row.height), where)
    if source.is_dir():
        leave_unannotated(data, source)
    return data


def decoded_row(text: str, kind: type[T], where: str) -> T:
    """Decode the JSON in a row.

    Raises:
        AnnotationError: it is not JSON, has another form or is nested too deeply.
    """
    try:
        return decoded(text.encode("utf-8", "surrogateescape"), kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(f"{where}: {quoted(text)}: {error}; correct or remove the row") from error
