"""Check one image with its annotation entry: the file, the words, and whether they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ocr.checks.annotations import parts_of
from ocr.checks.fields import check_fields
from ocr.checks.findings import Finding, Tally
from ocr.checks.folder import Task
from ocr.checks.images import CheckedImage, Limits, check_image
from ocr.checks.kinds import Kind
from ocr.checks.polygons import WordFigures, check_polygons, polygon_text
from ocr.checks.readings import ReadWords, compare_readings
from ocr.checks.words import CheckedWord, read_words, shortened, tally
from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import read_fields
from ocr.formats.common.names import check_name
from ocr.formats.common.reading import Length
from ocr.formats.common.scale import SCALES, is_relative, likely_scale
from ocr.images.header import ImageHeader

Stated = tuple[int | None, int | None]
"""(width, height) in pixels, each ``None`` if the annotation does not state it."""


@dataclass(slots=True)
class CheckedEntry:
    """One checked image with its words.

    Attributes:
        task: what was checked.
        findings: those of the image and of its words.
        words: states of the words.
        ignored: number of ignored words.
        regions: number of words that are not ignored.
        unnumbered: number of words that are not ignored and have no line number.
        figures: figures for the statistics.
        size: upright (width, height) in pixels, ``None`` if the image was not decoded.
        header: the file's header.
        digest: hash of the pixels.
        look: perceptual hash of the picture.
    """

    task: Task
    findings: list[Finding] = field(default_factory=list)
    words: Tally = field(default_factory=Tally)
    ignored: int = 0
    regions: int = 0
    unnumbered: int = 0
    figures: WordFigures = field(default_factory=WordFigures)
    size: tuple[int, int] | None = None
    header: ImageHeader | None = None
    digest: bytes = b""
    look: bytes = b""

    @property
    def kinds(self) -> set[Kind]:
        """Kinds of the image's own flaws."""
        return {finding.kind for finding in self.findings if finding.word is None}


def check_entry(task: Task, root: Path, limits: Limits, read: ReadWords | None = None) -> CheckedEntry:
    """Check one image and its words; never raises an error.

    Args:
        task: the image.
        root: resolved data folder.
        limits: limits above which an image is not decoded.
        read: reads the words, to compare their texts; ``None``: they are not compared.
    """
    checked = CheckedEntry(task)
    image = check_file(task, root, limits)
    flaws = list(image.flaws)
    checked.size, checked.header = image.size, image.header
    if task.repeated:
        flaws.append((Kind.REPEATED_IMAGE, "a later entry has the same name"))
    elif task.entry is not None:  # an image that is not used duplicates nothing
        checked.digest, checked.look = image.digest, image.look
    words: list[CheckedWord] = []
    if task.entry is None:
        flaws.append((Kind.EXTRA_IMAGE, ""))
    else:
        try:
            stated, content, fields = read_entry(task.entry)
            words = read_words(content, limits.charset)
        except ValueError as error:
            flaws.append((Kind.BAD_ENTRY, f"{error}: {shortened(task.entry.decode(errors='replace'))}"))
        else:
            flaws += check_words(words, stated, image, checked)
            flaws += [*check_size(stated, image, words), *check_presence(words, checked.ignored)]
            flaws += check_fields(words, fields)
            if read is not None and image.size is not None:
                compare_readings(words, task.path, read)
            checked.words = tally(words, len(parts_of(content)))
    checked.findings = [Finding(kind, task.split, task.name, value=value) for kind, value in flaws]
    checked.findings += [finding for word in words for finding in word.findings(task.split, task.name)]
    return checked


def check_file(task: Task, root: Path, limits: Limits) -> CheckedImage:
    """Check the image file, unless its name leads out of the folder."""
    try:
        check_name(task.name, "")
    except AnnotationError:
        return CheckedImage().add(Kind.UNSAFE_NAME, repr(task.name))
    return check_image(task.path, root, limits)


def check_words(
    words: Sequence[CheckedWord], stated: Stated, image: CheckedImage, checked: CheckedEntry
) -> list[tuple[Kind, str]]:
    """Check the polygons in the annotated frame: the stated size, else the image's."""
    width, height = (value or own for value, own in zip(stated, image.size or stated, strict=True))
    size = (width, height) if width and height else None
    flaws = check_scale(words, size)
    checked.figures = check_polygons(words, size)
    found = [word.word for word in words if word.word is not None]
    checked.ignored = sum(word.ignore for word in found)
    checked.regions = len(found) - checked.ignored
    checked.unnumbered = sum(word.line is None and not word.ignore for word in found)
    return flaws


def check_scale(words: Sequence[CheckedWord], size: tuple[int, int] | None) -> list[tuple[Kind, str]]:
    """Check that the coordinates are pixels; fractions of the sides are converted before further checks."""
    usable = [(checked, checked.word) for checked in words if checked.word is not None]
    polygons = [word.points_N2 for _, word in usable]
    if is_relative(polygons):
        for checked, word in usable if size else ():
            checked.word = replace(word, points_N2=word.points_N2 * np.array(size, np.float32))
        return [(Kind.RELATIVE, f"{len(polygons)} words, such as {polygon_text(polygons[0])}")]
    for checked, word in usable:
        if is_relative([word.points_N2]):
            checked.flaws.append((Kind.RELATIVE, polygon_text(word.points_N2)))
    scale = likely_scale(polygons, size) if size else None
    if size is None or scale is None:
        return []
    (width, height), (x, y) = size, np.concatenate(polygons).max(axis=0)
    return [(Kind.OTHER_SCALE, f"{len(polygons)} words reach to {x:g}, {y:g} of {width} x {height}: {SCALES[scale]}?")]


def check_presence(words: Sequence[CheckedWord], ignored: int) -> list[tuple[Kind, str]]:
    """Check that there are words that are not ignored."""
    if not words:
        return [(Kind.NO_WORDS, "")]
    return [(Kind.IGNORE_ONLY, f"{ignored} words")] if ignored == len(words) else []


class Entry(msgspec.Struct):
    """An image's entry, its words not yet decoded."""

    img_w: Length | None = None
    img_h: Length | None = None
    words: msgspec.Raw = msgspec.Raw(b"{}")
    fields: dict[str, Any] | None = None


def read_entry(content: bytes) -> tuple[Stated, bytes, dict[str, str]]:
    """The stated (width, height), the JSON of the words, and the receipt's values by field.

    Raises:
        ValueError: the entry does not have the expected form.
    """
    try:
        entry = msgspec.json.decode(content, type=Entry, strict=False)  # like `formats.native`, takes 200.0 for 200
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    words = bytes(entry.words)
    fields = read_fields(entry.fields, "the entry")
    return (entry.img_w, entry.img_h), b"{}" if words == b"null" else words, fields


def check_size(stated: Stated, image: CheckedImage, words: Sequence[CheckedWord]) -> list[tuple[Kind, str]]:
    """Check that the stated size is that of the upright image."""
    if image.size is None or image.header is None:
        return []
    size, swapped = image.size, image.size[::-1]
    turned = f"EXIF orientation {image.header.orientation}"
    if stated == (None, None):
        sideways = image.header.upright_size != (image.header.width, image.header.height)
        if sideways and fits(words, swapped) and not fits(words, size):
            return [(Kind.SIZE_SWAPPED, f"no size stated; the polygons fit {swapped[0]} x {swapped[1]}, {turned}")]
        return []
    if agree(stated, size):
        return []
    sizes = f"image {size[0]} x {size[1]}, annotation {stated[0] or '?'} x {stated[1] or '?'}, {turned}"
    return [(Kind.SIZE_SWAPPED if agree(stated, swapped) else Kind.SIZE_DIFFERS, sizes)]


def agree(stated: Stated, size: tuple[int, int]) -> bool:
    """Whether the stated sides, if any, are those of the size."""
    return all(value in (None, own) for value, own in zip(stated, size, strict=True))


def fits(words: Sequence[CheckedWord], size: tuple[int, int]) -> bool:
    """Whether all polygons lie in an image of this size."""
    return all((word.word.points_N2 <= size).all() for word in words if word.word is not None)
