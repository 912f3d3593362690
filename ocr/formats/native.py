"""The native annotation format (UFO style): one JSON file per split.

``{"images": {"a.jpg": {"img_w": 1280, "img_h": 1600, "words": {"0001": {"points": [[x, y], ...],
"transcription": "…", "ignore": false, "line": 3, "field": "menu.price", "item": 1}}, "fields": {"total": "9.00"}}}}``

Only ``points`` is required: at least three, in pixels of the upright image. ``line`` is the number of the text line
segment, ``field`` what the text says (a name of `ocr.fields.FIELDS`, or any other of up to 100 characters), ``item``
the number, from 1, of the purchase that it belongs to. An image's ``fields`` are the receipt's own values as text, for
data that do not label words. ``illegibility: true`` (in competition files) means ``ignore``; predictions are written
with a ``score``, and what was read with a ``confidence`` (0 to 1), its printed ``row``, and perhaps ``unsure``; images
whose facts were looked for with ``items``, ``sums`` and ``facts`` (`ocr.formats.page_facts`). Other keys are not read.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import read_fields
from ocr.formats.common.names import Find, Spellings, check_name, find
from ocr.formats.common.scale import check_pixels
from ocr.formats.native_entries import decode_image, read_word
from ocr.geometry import as_polygons
from ocr.types import Record
from ocr.utils.regular import NotReadableError, as_utf8, open_regular

TOLERANCE = 2.0
"""Pixels that a point may lie outside the image before it is an error; annotators click on the border."""
MAX_BYTES = 1 << 36
"""Limit of an annotation file: 64 GiB, some millions of images. It is mapped, so it need not fit in memory."""
OnError = Callable[[AnnotationError], None]


class ItemsEntry(msgspec.Struct):
    """Of one image, what was bought."""

    items: list[dict[str, str]] | None = None


class AnnotationFile(msgspec.Struct):
    """A whole file, its images not yet decoded."""

    images: dict[str, msgspec.Raw]


def read_native(
    annotation_path: Path,
    images_dir: Path | None = None,
    *,
    strict: bool = True,
    on_error: OnError | None = None,
) -> list[Record]:
    """Read and validate an annotation file.

    Args:
        annotation_path: the JSON file.
        images_dir: folder of the images; if given, every image must be in it.
        strict: require that every polygon has an area, does not cross itself and lies in the image, as for ground
            truth. Otherwise any polygon of at least three finite points is accepted, as for predictions.
        on_error: called with the error of an image, which is left out; ``None``: the error is raised.

    Returns:
        One record per image, in file order. ``image_path`` is the bare name without ``images_dir``.

    Raises:
        AnnotationError: the file cannot be read or has an error; the message names file, image, word and value.
    """
    entries = raw_entries(mapped(annotation_path), annotation_path)
    there: dict[str, Any] = {} if images_dir is None else {"is_there": Path.is_file, "find": find}
    folder = images_dir or Path()
    return list(stream_native(entries, annotation_path, folder, strict=strict, on_error=on_error, **there))


def stream_native(
    entries: Mapping[str, msgspec.Raw],
    annotation_path: Path,
    images_dir: Path,
    *,
    strict: bool = True,
    is_there: Callable[[Path], bool] | None = None,
    find: Find | None = None,
    on_error: OnError | None = None,
) -> Iterator[Record]:
    """The records of `raw_entries` one by one, so that those of a million images need not be in memory at once.

    Args:
        entries: the images by name.
        annotation_path: their file, for messages.
        images_dir: folder of the images.
        strict: as for `read_native`.
        is_there: whether the image exists; raises an error if it is refused; ``None``: not checked.
        find: finds an image whose name may be spelt differently; ``None``: the name is used as it is.
        on_error: as for `read_native`.

    Raises:
        AnnotationError: as for `read_native`; missing images are reported last.
    """
    missing = []
    spellings = Spellings(str(annotation_path))
    for name, raw in entries.items():
        where = f"{annotation_path}: image {name!r}"
        try:
            spellings.add(name)
            record = read_entry(name, raw, where, images_dir, strict=strict)
            if find is not None:
                record = replace(record, image_path=find(images_dir, name))
            there = is_there is None or is_there(record.image_path)
        except AnnotationError as error:
            if on_error is None:
                raise
            on_error(error)
            continue
        if there:
            yield record
        elif on_error is None:
            missing.append(name)
        else:
            on_error(AnnotationError(f"{where}: is missing in {images_dir}; add it or remove its entry"))
    if missing:
        names = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise AnnotationError(
            f"{annotation_path}: {len(missing)} of {len(entries)} images are missing in {images_dir}: {names}; "
            "add them or remove their entries"
        )


def mapped(path: Path) -> mmap.mmap | bytes:
    """A file's bytes, memory-mapped: read on access, and shared between processes."""
    try:
        with open_regular(path, MAX_BYTES) as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # an empty file cannot be mapped
        return b""
    except NotReadableError as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from error


def raw_entries(content: mmap.mmap | bytes, annotation_path: Path) -> dict[str, msgspec.Raw]:
    """A file's images by name, not yet decoded: views of ``content``, or of a copy if it begins with a byte order mark.

    Raises:
        AnnotationError: it is not in the native format.
    """
    try:
        return msgspec.json.decode(as_utf8(content), type=AnnotationFile).images
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(
            f"{annotation_path}: is not an annotation in the native format ({error}); "
            "runners/convert.py converts other formats, and runners/check.py reports invalid JSON, such as NaN for a "
            "number, and reads the rest"
        ) from error


def read_items(annotation_path: Path) -> dict[str, tuple[dict[str, str], ...]]:
    """What was bought, by image name, where a file's entries have ``items`` (`ocr.formats.page_facts.facts_entry`).

    Raises:
        AnnotationError: the file cannot be read, or ``items`` is no list of texts by field.
    """
    found = {}
    for name, raw in raw_entries(mapped(annotation_path), annotation_path).items():
        try:
            entry = msgspec.json.decode(raw, type=ItemsEntry)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AnnotationError(
                f"{annotation_path}: image {name!r}, items: {error}; write a list of texts by field, or remove it"
            ) from error
        if entry.items:
            found[name] = tuple(entry.items)
    return found


def read_entry(name: str, raw: msgspec.Raw | bytes, where: str, images_dir: Path, *, strict: bool = True) -> Record:
    """Read and check one image with its words.

    Raises:
        AnnotationError: it has an error.
    """
    check_name(name, where)
    entry = decode_image(raw, where)
    words = {key: read_word(word, f"{where}, word {key!r}") for key, word in (entry.words or {}).items()}
    record = Record(images_dir / name, words, entry.img_w, entry.img_h, read_fields(entry.fields, where))
    check_pixels([word.points_N2 for word in words.values()], where)
    if strict:
        check_polygons(record, where)
    return record


def check_polygons(record: Record, where: str) -> None:
    """Require that every polygon has an area, does not cross itself and lies in the image."""
    if not record.words:
        return
    polygons = as_polygons([word.points_N2 for word in record.words.values()])
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
