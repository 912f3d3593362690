"""Write the native format atomically: records as ground truth, detections as predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import check_labels
from ocr.formats.common.rounding import as_written, plain_points
from ocr.formats.common.writing import json_bytes, write_json, write_whole
from ocr.formats.native import check_polygons
from ocr.types import Detection, Record, Word


def write_native(records: Sequence[Record], path: Path, images_dir: Path | None = None) -> None:
    """Write an annotation file for `read_native`, atomically, with the same bytes for the same records.

    Args:
        records: one per image; polygons are written as `as_written` returns them.
        path: the JSON file.
        images_dir: folder of the images; if given, an image's name is its path in it, so that `read_native` with the
            same folder finds sub-folders (``Path()`` if it had none), else its file name.

    Raises:
        AnnotationError: a record has no image size or the name of another, an image is not in ``images_dir``, a
            polygon has no area in hundredths of a pixel or lies outside the image, or a label is refused
            (`check_labels`).
    """
    images: dict[str, Any] = {}
    for record in records:
        name = record.name if images_dir is None else name_in(images_dir, record, path)
        where = f"{path}: image {name!r}"
        if name in images:
            raise AnnotationError(f"{where}: {record.image_path} is the second image of this name; rename one of them")
        images[name] = image_entry(record, where)
    write_json({"images": images}, path)


def image_entry(record: Record, where: str) -> dict[str, Any]:
    """The file's entry of one image.

    Raises:
        AnnotationError: as for `write_native`, except for names.
    """
    if record.width is None or record.height is None:
        raise AnnotationError(f"{where} has no width or height; set them on the record")
    check_labels(record, where)
    words = {key: rounded_word(word, f"{where}, word {key!r}") for key, word in record.words.items()}
    check_polygons(replace(record, words=words), where)
    entry = {"img_w": record.width, "img_h": record.height, "words": {key: word_entry(w) for key, w in words.items()}}
    return {**entry, "fields": record.fields} if record.fields else entry


def name_in(images_dir: Path, record: Record, path: Path) -> str:
    """An image's path relative to the image folder, with ``/``."""
    try:
        return record.image_path.relative_to(images_dir).as_posix()
    except ValueError as error:
        raise AnnotationError(f"{path}: image {record.image_path} is not in {images_dir}; move it there") from error


def rounded_word(word: Word, where: str) -> Word:
    """A word with its polygon as it is written."""
    points_N2 = as_written(word.points_N2)
    if points_N2 is None:
        raise AnnotationError(
            f"{where}: the polygon {word.points_N2.tolist()} has no area in hundredths of a pixel; leave the word out"
        )
    return replace(word, points_N2=points_N2)


def write_predictions(
    predictions: Mapping[str, tuple[tuple[int, int], Iterable[Detection]]],
    path: Path,
    *,
    unread: Mapping[str, int] | None = None,
    **about: Any,
) -> list[str]:
    """Write detections in the native format, each word with its ``score``.

    Args:
        predictions: image name to ((width, height), detections in the original image's pixels).
        path: the JSON file.
        unread: number of pages of an image that were not read; written to its entry as ``pages_not_read``.
        about: further keys of the file, beside ``images``.

    Returns:
        The detections that are not in the file because they have no area in hundredths of a pixel, each with image,
        number and polygon. Words are numbered like their detections, so the file has gaps there.
    """
    content, left_out = predictions_json(predictions, unread=unread, **about)
    write_whole(content, path)
    return left_out


def predictions_json(
    predictions: Mapping[str, tuple[tuple[int, int], Iterable[Detection]]],
    *,
    unread: Mapping[str, int] | None = None,
    **about: Any,
) -> tuple[bytes, list[str]]:
    """The bytes of that file, and what is not in it; arguments as for `write_predictions`."""
    images, left_out = {}, []
    for name, ((width, height), detections) in predictions.items():
        words = {}
        for number, found in enumerate(detections, start=1):
            points_N2 = as_written(found.points_N2)
            if points_N2 is None:
                polygon = found.points_N2.tolist()
                left_out.append(f"image {name!r}, detection {number}: {polygon} has no area in hundredths of a pixel")
                continue
            words[f"{number:04d}"] = {**word_entry(Word(points_N2)), "score": round(found.score, 4)}
        images[name] = {"img_w": width, "img_h": height, "words": words}
        if unread and name in unread:
            images[name]["pages_not_read"] = unread[name]
    return json_bytes({"images": images, **about}), left_out


def word_entry(word: Word) -> dict[str, Any]:
    """The file's entry of one word, whose polygon is already `as_written`."""
    entry: dict[str, Any] = {
        "points": plain_points(word.points_N2),
        "transcription": word.transcription,
        "ignore": word.ignore,
    }
    if word.line is not None:
        entry["line"] = word.line
    if word.confidence is not None:
        entry["confidence"] = round(word.confidence, 4)
    if word.field is not None:
        entry["field"] = word.field
    if word.item is not None:
        entry["item"] = word.item
    return entry
