"""docTR's labels for detection: ``labels.json`` beside ``images/``.

``{"a.jpg": {"img_dimensions": [height, width], "img_hash": "<SHA-256 of the file>", "polygons": [[[x, y] x 4], ...]}}``

Coordinates are pixels of the image; ``polygons`` may be grouped by class, ``{"words": [...], "date": [...]}``: a class
is a field, except ``words``, docTR's name for text of which no more is known. An image whose hash or ``img_dimensions``
do not match is left out, as its polygons belong to another image. Many tools write the width first, so the two are
accepted in either order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.image_files import add_record, is_there, leave_unannotated, locate
from ocr.formats.common.labels import Label
from ocr.formats.common.marks import without_ignored
from ocr.formats.common.reading import MAX_BYTES, as_element, polygon, read_json
from ocr.formats.common.rounding import plain_points, quad, shape_losses
from ocr.formats.common.writing import (
    item_losses,
    line_losses,
    no_place,
    place_images,
    renumbered,
    size_of,
    value_losses,
    write_json,
)
from ocr.images.header import ImageError, read_header
from ocr.types import Record, Word
from ocr.utils.regular import NotReadableError, read_regular

LABELS = "labels.json"
IMAGES = "images"
NO_FIELD = "words"


class DoctrImage(msgspec.Struct):
    """One image as in the file."""

    polygons: list[Any] | dict[str, list[Any]]
    img_hash: str | None = None
    img_dimensions: tuple[int, int] | None = None


def read_doctr(source: Path) -> ForeignData:
    """Read ``labels.json``, or that of a folder. Words have no transcription.

    Raises:
        AnnotationError: there is no such file, or it is not docTR's.
    """
    path = source / LABELS if source.is_dir() else source
    if not path.is_file():
        raise AnnotationError(f"input={source}: is neither a JSON file nor a folder with {LABELS}; give the file")
    data = ForeignData([])
    for name, raw in read_json(path, dict[str, Any], "docTR labels").items():
        where = f"{path}: image {name!r}"
        with data.leaving_out(Path(name)):
            image = locate(name, [path.parent / IMAGES, path.parent], where)
            with data.leaving_out(image):
                entry = as_element(raw, DoctrImage, where)
                if is_there(image):
                    check_image(image, entry, where)
                add_record(data, Record(image, read_words(entry, where, partial(data.sparing, image))), where)
    leave_unannotated(data, path)
    return data


def check_image(image: Path, entry: DoctrImage, where: str) -> None:
    """Refuse an image that is not the annotated one.

    Raises:
        AnnotationError: its hash or its size is not the stated one, or a size is stated and the file is not an image.
    """
    try:
        content = read_regular(image, MAX_BYTES)
    except NotReadableError as error:
        raise AnnotationError(f"{where}: {image}: cannot be read: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if entry.img_hash and found != entry.img_hash.lower():
        raise AnnotationError(
            f"{where}: {image} has the SHA-256 {found}, the labels were made for {entry.img_hash}; get that image again"
        )
    if entry.img_dimensions is None:
        return
    try:
        header = read_header(content, image)
    except ImageError as error:
        raise AnnotationError(str(error)) from error
    if sorted(entry.img_dimensions) != sorted((header.width, header.height)):
        raise AnnotationError(
            f"{where}: {image} has {header.width} x {header.height} pixels, img_dimensions is "
            f"{list(entry.img_dimensions)}; put the annotated image there or correct img_dimensions"
        )


def read_words(entry: DoctrImage, where: str, sparing: Sparing) -> dict[str, Word]:
    """The words of one image, of all classes."""
    groups = entry.polygons if isinstance(entry.polygons, dict) else {NO_FIELD: entry.polygons}
    named = ((name, points) for name, group in groups.items() for points in group)
    words = {}
    for number, (name, points) in enumerate(named, start=1):
        with sparing():
            corners = as_element(points, list[tuple[float, float]], f"{where}, polygon {number}")
            field = None if name == NO_FIELD else as_element(name, Label, f"{where}, polygon {number}, class")
            words[f"{number:04d}"] = Word(polygon(corners), field=field)
    return words


def write_doctr(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``labels.json`` and ``images/`` of a split into ``output/<split>/``.

    Ignored words are left out, as the format cannot mark them. The words of an image are grouped by their fields, if
    it has any.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or one exists already.
    """
    folder = output / split
    kept, ignored = without_ignored(records)
    content: dict[str, Any] = {}
    ordered = []
    for record, image in zip(kept, place_images(kept, folder / IMAGES), strict=True):
        grouped: dict[str, list[Any]] = {}
        for word in record.words.values():
            grouped.setdefault(word.field or NO_FIELD, []).append(plain_points(quad(word.points_N2, record)))
        content[image.name] = {
            "img_dimensions": list(size_of(record, image)[::-1]),
            "img_hash": hashlib.sha256(image.read_bytes()).hexdigest(),
            "polygons": grouped if grouped.keys() - {NO_FIELD} else grouped.get(NO_FIELD, []),
        }
        by_class = sorted(record.words.items(), key=lambda each: list(grouped).index(each[1].field or NO_FIELD))
        ordered.append(replace(record, words=dict(by_class)))
    write_json(content, folder / LABELS)
    return [
        *ignored,
        *shape_losses(kept, quad),
        *no_place(kept, "transcriptions", lambda word: word.transcription),
        *line_losses(kept),
        *no_place(kept, "fields", lambda word: word.field if word.field == NO_FIELD else None),
        *item_losses(kept),
        *value_losses(kept),
        *renumbered(ordered),
    ]
