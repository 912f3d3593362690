"""docTR's labels of a detection data set: ``labels.json`` beside ``images/``.

``{"a.jpg": {"img_dimensions": [height, width], "img_hash": "<SHA-256 of the file>", "polygons": [[[x, y] x 4], ...]}}``

Coordinates are pixels of the image; ``polygons`` may be grouped by class, ``{"words": [...], "date": [...]}``. An image
whose hash is not the stated one is left out: its polygons are those of another. ``img_dimensions`` is not read: docTR
does not either, and many write it the other way round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ocr.formats.base import AnnotationError, ForeignData
from ocr.formats.fitting import size_of
from ocr.formats.native_writing import write_json
from ocr.formats.pixels import quad, shape_losses
from ocr.formats.placing import lost, no_place, place_images, renumbered
from ocr.formats.reading import add_record, as_element, is_there, leave_unannotated, locate, polygon, read_json
from ocr.formats.rounding import plain_points
from ocr.types import Record, Word

LABELS = "labels.json"
IMAGES = "images"


class DoctrImage(msgspec.Struct):
    """One image as it stands in the file."""

    polygons: list[Any] | dict[str, list[Any]]
    img_hash: str | None = None


def read_doctr(source: Path) -> ForeignData:
    """Read ``labels.json``, or the one of a folder. Words have no transcription.

    Raises:
        AnnotationError: there is no such file, or an entry has another form; the message names file, image, polygon
            and value.
    """
    path = source / LABELS if source.is_dir() else source
    if not path.is_file():
        raise AnnotationError(f"input={source}: is neither a JSON file nor a folder with {LABELS}; give the file")
    data = ForeignData([])
    for name, raw in read_json(path, dict[str, Any], "docTR labels").items():
        where = f"{path}: image {name!r}"
        image = locate(name, [path.parent / IMAGES, path.parent], where)
        entry = as_element(raw, DoctrImage, where)
        found = hashlib.sha256(image.read_bytes()).hexdigest() if entry.img_hash and is_there(image) else None
        if found is not None and found != (entry.img_hash or "").lower():
            data.left_out[image] = (
                f"has the SHA-256 {found}, {path} was made for {entry.img_hash}; get that image again"
            )
            continue
        add_record(data, Record(image, read_words(entry, where)), path)
    leave_unannotated(data, path)
    return data


def read_words(entry: DoctrImage, where: str) -> dict[str, Word]:
    """The words of one image, of all classes."""
    groups = entry.polygons.values() if isinstance(entry.polygons, dict) else [entry.polygons]
    polygons = [points for group in groups for points in group]
    return {
        f"{number:04d}": Word(polygon(as_element(points, list[tuple[float, float]], f"{where}, polygon {number}")))
        for number, points in enumerate(polygons, start=1)
    }


def write_doctr(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``labels.json`` and ``images/`` of a split into ``output/<split>/``.

    Ignored words are left out: the format cannot say that they are.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or one is there already.
    """
    folder = output / split
    found = [{key: word for key, word in record.words.items() if not word.ignore} for record in records]
    kept = [replace(record, words=words) for record, words in zip(records, found, strict=True)]
    content: dict[str, Any] = {}
    for record, image in zip(kept, place_images(kept, folder / IMAGES), strict=True):
        content[image.name] = {
            "img_dimensions": list(size_of(record, image)[::-1]),
            "img_hash": hashlib.sha256(image.read_bytes()).hexdigest(),
            "polygons": [plain_points(quad(word.points_N2, record)) for word in record.words.values()],
        }
    write_json(content, folder / LABELS)
    return [
        *lost(records, "is ignored, so it is left out:", lambda word: word.points_N2.tolist() if word.ignore else None),
        *shape_losses(kept, quad),
        *no_place(kept, "transcriptions", lambda word: word.transcription),
        *no_place(kept, "line numbers", lambda word: word.line),
        *renumbered(kept),
    ]
