"""Repair one image and its words for training, and list every change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr.checks.annotations import parts_of
from ocr.checks.entry import CheckedEntry, Entry, read_entry
from ocr.checks.images import complaints
from ocr.checks.kinds import Kind
from ocr.checks.polygons import polygon_text
from ocr.checks.texts import quoted, repaired_text
from ocr.checks.words import CheckedWord, read_words
from ocr.formats.common.rounding import as_written, hundredths
from ocr.formats.common.scale import is_relative
from ocr.formats.native_entries import WordEntry
from ocr.geometry import clip_points, order_clockwise, swallowing, transform_points
from ocr.images.decode import read_picture
from ocr.images.header import ImageHeader
from ocr.images.orientation import upright_matrix
from ocr.types import Record

ENCODED_ANEW = frozenset({Kind.ANIMATED, Kind.CMYK, Kind.DEEP, Kind.TRANSPARENT, Kind.ALPHA, Kind.EXIF_ROTATED})
"""Flaws that are removed by storing the first picture upright as 8-bit RGB."""
MOVED = 0.01
"""Pixels: clipping that moves a point by less is not reported."""


Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        what: the kind of change, to count by.
        image: name of the image.
        word: key of the word, ``None`` for a change of the whole image.
        value: old and new value, in a few words.
    """

    what: str
    image: str
    word: str | None = None
    value: str = ""


@dataclass(slots=True)
class Repaired:
    """A written image, its annotation and the changes.

    Attributes:
        record: its ``image_path`` is where the image was written.
        changes: in the order of the annotation.
        other_keys: keys of the entry and its words that the native format does not have; they are not written.
    """

    record: Record
    changes: list[Change] = field(default_factory=list)
    other_keys: set[str] = field(default_factory=set)


def repair_entry(job: tuple[CheckedEntry, str], folder: Path) -> Repaired:
    """Write one image and make its record.

    Args:
        job: a checked image that is kept, and its new name.
        folder: the folder that the name is relative to.
    """
    entry, name = job
    task, header, size = entry.task, entry.header, entry.size
    if header is None or size is None or task.entry is None:
        raise ValueError(f"{task.path}: was not decoded or has no annotation, so it cannot be kept")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    stated, content, fields = read_entry(task.entry)
    repaired = Repaired(Record(target, {}, *size, fields))

    def changed(what: str, value: str, word: str | None = None) -> None:
        repaired.changes.append(Change(what, task.name, word, value))

    for kind in write_image(entry, header, target):
        changed("image re-encoded", kind)
    if name != task.name:
        changed("image renamed", f"to {name}")
    if stated != size:
        changed("size corrected", f"{stated[0]} x {stated[1]} is {size[0]} x {size[1]}")
    words = read_words(content)
    matrix_33 = np.eye(3)
    if Kind.SIZE_SWAPPED in entry.kinds:
        matrix_33 = upright_matrix(header.orientation, header.width, header.height)
        changed("polygons turned", f"as EXIF orientation {header.orientation} turns the image")
    if Kind.RELATIVE in entry.kinds:
        matrix_33 = np.diag([*size, 1.0])
        changed("polygons scaled", f"from shares of the sides to pixels of {size[0]} x {size[1]}")
    seen: set[bytes] = set()
    for word in words:
        repair_word(word, matrix_33, repaired, seen, changed)
    for key, within in swallowing(repaired.record.words).items():
        changed("ignored region left out", f"words lie in it: {', '.join(within)}", key)
        del repaired.record.words[key]
    repaired.other_keys = other_keys(task.entry, content)
    return repaired


def write_image(entry: CheckedEntry, header: ImageHeader, target: Path) -> list[Kind]:
    """Copy an image, or re-encode it; returns the flaws that require re-encoding."""
    flaws = sorted(entry.kinds & ENCODED_ANEW)
    if not flaws:
        shutil.copyfile(entry.task.path, target)
        return []
    with complaints():  # the check has already reported them
        picture = read_picture(entry.task.path, header=header)
    Image.fromarray(picture.image_HWC).save(target, quality=95, subsampling=0)  # PNG ignores both
    return flaws


def repair_word(
    checked: CheckedWord,
    matrix_33: Matrix,
    repaired: Repaired,
    seen: set[bytes],
    changed: Callable[[str, str, str], None],
) -> None:
    """Add the repaired word to the record, if anything of it is left.

    Args:
        checked: the word as in the file.
        matrix_33: homography to the pixels of the upright image.
        repaired: gets the word.
        seen: polygons of the words before; this one's is added.
        changed: is called with each change: what, value, word.
    """
    key, word = checked.key, checked.word
    if word is None:
        changed("word left out", "; ".join(f"{kind}: {value}" for kind, value in checked.flaws), key)
        return
    width, height = repaired.record.width or 0, repaired.record.height or 0
    turned = (matrix_33 != np.eye(3)).any()
    if not turned and is_relative([word.points_N2]):
        changed("word left out", f"{polygon_text(word.points_N2)} lies between 0 and 1", key)
        return
    points_N2 = order_clockwise(transform_points(word.points_N2, matrix_33)) if turned else word.points_N2
    clipped_N2 = clip_points(points_N2, width, height)
    written_N2 = as_written(clipped_N2)
    if written_N2 is None:
        changed("word left out", f"{polygon_text(points_N2)} has no area in an image of {width} x {height}", key)
        return
    if written_N2.tobytes() in seen:
        changed("word left out", f"{polygon_text(points_N2)} is another word's polygon", key)
        return
    seen.add(written_N2.tobytes())
    rounded_N2 = hundredths(clipped_N2)
    if np.abs(clipped_N2 - points_N2).max() > MOVED:
        changed("polygon clipped", polygon_text(points_N2), key)
    if not np.array_equal(order_clockwise(rounded_N2), written_N2):
        changed("polygon made simple", polygon_text(points_N2), key)
    elif not np.array_equal(rounded_N2, written_N2):
        changed("points ordered", polygon_text(points_N2), key)
    text = None if word.transcription is None else repaired_text(word.transcription)
    if text != word.transcription:
        changed("text repaired", f"{quoted(word.transcription or '')} is {quoted(text or '')}", key)
    repaired.record.words[key] = replace(word, points_N2=written_N2, transcription=text)


def other_keys(entry: bytes, words: bytes) -> set[str]:
    """Keys of the entry and its words that the native format does not have."""
    found = {key for key, _ in parts_of(entry)} - set(Entry.__struct_fields__)
    for _, word in parts_of(words):
        try:
            found |= {f"words.{key}" for key, _ in parts_of(word)} - {
                f"words.{key}" for key in WordEntry.__struct_fields__
            }
        except ValueError:
            continue
    return found
