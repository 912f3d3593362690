"""The native annotation format (UFO style): one JSON file a split.

``{"images": {"a.jpg": {"img_w": 1280, "img_h": 1600, "words": {"0001": {"points": [[x, y], ...],
"transcription": "…", "ignore": false, "line": 3}}}}}``

Only ``points`` is required: at least three, in pixels of the upright image. ``line`` is the number of the text line
segment, ``illegibility: true`` (competition files carry it) means ``ignore``; predictions are written with a ``score``.
Other keys are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import shapely

from ocr.formats.base import AnnotationError
from ocr.formats.rounding import as_written, plain_points
from ocr.geometry import MIN_POINTS
from ocr.types import Detection, Record, Word
from ocr.utils.whole_file import whole_file

TOLERANCE = 2.0
"""Pixels that a point may lie outside the image before it is an error; annotators click on the border."""


class WordEntry(msgspec.Struct):
    """One word as it stands in the file."""

    points: list[tuple[float, float]]
    transcription: str | None = None
    ignore: bool = False
    illegibility: bool = False
    line: int | None = None


Length = Annotated[int, msgspec.Meta(ge=1)]


class ImageEntry(msgspec.Struct):
    """One image as it stands in the file, its words not yet looked into."""

    words: dict[str, Any] | None = None
    img_w: Length | None = None
    img_h: Length | None = None


class AnnotationFile(msgspec.Struct):
    """A whole file, its images not yet looked into."""

    images: dict[str, msgspec.Raw]


def read_native(annotation_path: Path, images_dir: Path | None = None, *, strict: bool = True) -> list[Record]:
    """Read and validate an annotation file.

    Args:
        annotation_path: the JSON file.
        images_dir: folder of the images; where given, every image must be in it.
        strict: every polygon must have an area, not cross itself and lie in the image, as ground truth must. Without,
            any polygon of at least three finite points is taken: anybody's predictions are to be scored as they are.

    Returns:
        One record an image, in file order. ``image_path`` is the bare name where ``images_dir`` is not given.

    Raises:
        AnnotationError: the file cannot be read or something in it is wrong; the message names file, image, word and
            value.
    """
    entries = decode(annotation_path)
    records = []
    for name, entry in entries.items():
        where = f"{annotation_path}: image {name!r}"
        check_name(name, where)
        words = {key: read_word(raw, f"{where}, word {key!r}") for key, raw in (entry.words or {}).items()}
        record = Record((images_dir or Path()) / name, words, entry.img_w, entry.img_h)
        if strict:
            check_polygons(record, where)
        records.append(record)
    if images_dir is not None:
        check_images(records, annotation_path, images_dir)
    return records


def decode(annotation_path: Path) -> dict[str, ImageEntry]:
    """The file's images by name, words not yet looked into."""
    try:
        images = msgspec.json.decode(annotation_path.read_bytes(), type=AnnotationFile).images
    except OSError as error:
        raise AnnotationError(f"{annotation_path}: cannot be read ({error.strerror}); check the path") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnnotationError(
            f"{annotation_path}: is not an annotation in the native format ({error}); "
            "runners/convert.py converts other formats"
        ) from error
    return {name: decode_image(raw, f"{annotation_path}: image {name!r}") for name, raw in images.items()}


def decode_image(raw: msgspec.Raw, where: str) -> ImageEntry:
    """One image, words not yet looked into."""
    try:
        return msgspec.json.decode(raw, type=ImageEntry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{where}: {error}; correct or remove the image") from error


def check_name(name: str, where: str) -> None:
    """An image's name must not lead out of the image folder."""
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        raise AnnotationError(f"{where}: the name must be a path inside the image folder, without '..'; rename it")


def read_word(raw: Any, where: str) -> Word:
    """One word, checked on its own."""
    try:
        entry = msgspec.convert(raw, WordEntry)
    except msgspec.ValidationError as error:
        raise AnnotationError(f"{where}: {error}, is {raw!r}; correct or remove the word") from error
    count = len(entry.points)
    if count < MIN_POINTS:
        raise AnnotationError(
            f"{where}: points has {count} points, at least {MIN_POINTS} are needed; complete or remove the word"
        )
    with np.errstate(over="ignore"):
        points_N2 = np.asarray(entry.points, dtype=np.float32)
    infinite_N = ~np.isfinite(points_N2).all(axis=1)
    if infinite_N.any():
        point = entry.points[int(np.argmax(infinite_N))]
        raise AnnotationError(f"{where}: point {point} is not finite in float32; correct or remove the word")
    return Word(points_N2, entry.transcription, entry.ignore or entry.illegibility, entry.line)


def check_polygons(record: Record, where: str) -> None:
    """Every polygon must have an area, not cross itself and lie in the image."""
    if not record.words:
        return
    polygons = np.array([shapely.Polygon(word.points_N2) for word in record.words.values()])
    bounds_N4 = shapely.bounds(polygons)
    high = (record.width or np.inf, record.height or np.inf)
    outside = (bounds_N4[:, :2] < -TOLERANCE).any(axis=1) | (bounds_N4[:, 2:] > np.add(high, TOLERANCE)).any(axis=1)
    wrong = {
        "crosses itself": ~shapely.is_valid(polygons),
        "has no area": shapely.area(polygons) <= 0,
        f"lies outside the image of {record.width} x {record.height}": outside,
    }
    for problem, found in wrong.items():
        if found.any():
            key = list(record.words)[int(np.argmax(found))]
            points = record.words[key].points_N2.tolist()
            raise AnnotationError(
                f"{where}, word {key!r}: the polygon {points} {problem}; correct it; runners/convert.py format=native "
                "repairs the polygons of a file"
            )


def check_images(records: Sequence[Record], annotation_path: Path, images_dir: Path) -> None:
    """Every annotated image must be there."""
    missing = [record.name for record in records if not record.image_path.is_file()]
    if missing:
        names = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise AnnotationError(
            f"{annotation_path}: {len(missing)} of {len(records)} images are missing in {images_dir}: {names}; "
            "add them or remove their entries"
        )


def write_native(records: Sequence[Record], path: Path, images_dir: Path | None = None) -> None:
    """Write an annotation file that `read_native` takes: whole or not at all, the same bytes for the same records.

    Args:
        records: one an image; polygons are written as `as_written` has them.
        path: the JSON file.
        images_dir: folder of the images; where given, an image's name is its path in it, which keeps sub-folders as
            `read_native` with the same folder finds them (``Path()`` where it had none), else its file name.

    Raises:
        AnnotationError: a record does not know its image's size or has the name of another, an image is not in
            ``images_dir``, or a polygon has no area in hundredths of a pixel or lies outside the image.
    """
    images: dict[str, Any] = {}
    for record in records:
        name = record.name if images_dir is None else name_in(images_dir, record, path)
        where = f"{path}: image {name!r}"
        if record.width is None or record.height is None:
            raise AnnotationError(f"{where} has no width or height; set them on the record")
        if name in images:
            raise AnnotationError(f"{where}: {record.image_path} is the second image of this name; rename one of them")
        words = {key: rounded_word(word, f"{where}, word {key!r}") for key, word in record.words.items()}
        check_polygons(replace(record, words=words), where)
        entries = {key: word_entry(word) for key, word in words.items()}
        images[name] = {"img_w": record.width, "img_h": record.height, "words": entries}
    write_json({"images": images}, path)


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
    predictions: Mapping[str, tuple[tuple[int, int], Iterable[Detection]]], path: Path, **about: Any
) -> list[str]:
    """Write detections in the native format, each word with its ``score``.

    Args:
        predictions: image name to ((width, height), detections in the original image's pixels).
        path: the JSON file.
        about: what else the file says, beside ``images``.

    Returns:
        The detections that are not in the file because they have no area in hundredths of a pixel, each with image,
        number and polygon. Words are numbered by their detections, so that the file has a gap there.
    """
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
    write_json({"images": images, **about}, path)
    return left_out


def word_entry(word: Word) -> dict[str, Any]:
    """One word for the file, its polygon already `as_written`."""
    entry: dict[str, Any] = {
        "points": plain_points(word.points_N2),
        "transcription": word.transcription,
        "ignore": word.ignore,
    }
    if word.line is not None:
        entry["line"] = word.line
    return entry


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a JSON file, whole or not at all."""
    write_whole(msgspec.json.format(msgspec.json.encode(content), indent=1), path)


def write_whole(content: bytes, path: Path) -> None:
    """Write a file, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
