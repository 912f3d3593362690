"""COCO annotations (Lin et al., 2014) of text, and COCO-Text v2 (Veit et al., 2016).

COCO: lists ``images`` (``id, file_name, width, height``) and ``annotations`` (``image_id``, ``bbox`` as x, y, width,
height, ``segmentation`` as polygons ``[[x1, y1, ...]]``, ``iscrowd``). COCO-Text: dictionaries ``imgs`` and ``anns``
with ``mask`` (``polygon`` in version 1, ``points`` in TextOCR: ``[x1, y1, ...]``), ``bbox``, ``utf8_string`` and
``legibility``. Pixels of the image. CVAT turns a ``bbox`` by ``attributes.rotation`` degrees, clockwise about its
centre. Annotations of every category are read as text, of which the category is the field if the file has several and
it is not called text; crowds and annotations that are illegible, have ``ignore`` or a category called Ignore or
Illegible are ignored. Pixel masks (RLE) and regions of several polygons cannot be words: if ignored, they are replaced
by their ``bbox``, else left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from ocr.formats.coco_regions import CocoRegion, identity, is_plain, read_region
from ocr.formats.common.base import AnnotationError, ForeignData
from ocr.formats.common.image_files import add_record, leave_unannotated, locate
from ocr.formats.common.marks import means_ignore
from ocr.formats.common.names import find
from ocr.formats.common.reading import Length, as_element, only_json, read_json
from ocr.formats.common.rounding import plain_points
from ocr.formats.common.writing import (
    item_losses,
    line_losses,
    no_place,
    place_images,
    size_of,
    summed_up,
    value_losses,
    write_json,
)
from ocr.geometry import signed_area
from ocr.types import Record, Word

ANNOTATIONS = "annotations"
IMAGES = "images"
CATEGORY = {"name": "text", "supercategory": "text"}


class CocoFile(msgspec.Struct):
    """A whole file of either kind, its elements not yet decoded."""

    images: list[Any] | None = None
    annotations: list[Any] | None = None
    imgs: dict[str, Any] | None = None
    anns: dict[str, Any] | None = None
    categories: Any = None


class CocoImage(msgspec.Struct):
    """One image as in the file."""

    id: int | str
    file_name: str
    width: Length | None = None
    height: Length | None = None


def read_coco(source: Path) -> ForeignData:
    """Read a JSON file, or the only one of a folder (``annotations/*.json`` or ``*.json``).

    The images are searched in ``images/<split>/``, ``images/``, ``<split>/`` and beside the file; the split is its stem
    or the part after the last ``_`` (``instances_train.json``). ``annotations/`` is not searched.

    Raises:
        AnnotationError: there is no such file, or several, or it is not a COCO file.
    """
    path = only_json(source, f"{ANNOTATIONS}/*.json", "*.json")
    images, regions, categories = elements(path)
    data = ForeignData([])
    entries, known = read_images(images, path, data)
    words: dict[str, dict[str, Word]] = {key: {} for key in entries}
    for number, raw in enumerate(regions):
        owner = identity(raw.get("image_id")) if isinstance(raw, dict) else ""
        if owner in known and owner not in entries:
            continue  # its image is left out, with the reason
        with data.sparing(entries[owner][1] if owner in entries else path):
            region = as_element(raw, CocoRegion, f"{path}: annotation {number}")
            where = f"{path}: annotation {region.id!r}"
            if owner not in entries:
                raise AnnotationError(f"{where}: no image has id {region.image_id!r}; add it or remove the annotation")
            if str(region.id) in words[owner]:
                raise AnnotationError(f"{where}: another annotation of its image has this id; renumber one")
            words[owner][str(region.id)] = read_region(region, categories, where)
    for key, (entry, image) in entries.items():
        place = f"{path}: image {entry.file_name!r}"
        add_record(data, Record(image, words[key], entry.width, entry.height), place)
    leave_unannotated(data, path)
    return data


def read_images(
    images: Sequence[Any], path: Path, data: ForeignData
) -> tuple[dict[str, tuple[CocoImage, Path]], Collection[str]]:
    """The images' entries by id, each with the image's path, and all ids, including those of images left out.

    Images that share an id are all left out.
    """
    entries: dict[str, tuple[CocoImage, Path]] = {}
    ids = Counter(identity(raw["id"]) for raw in images if isinstance(raw, dict) and "id" in raw)
    for number, raw in enumerate(images):
        with data.sparing(path):
            entry = as_element(raw, CocoImage, f"{path}: image {number}")
            where = f"{path}: image {entry.file_name!r}"
            with data.leaving_out(Path(entry.file_name)):
                if ids[identity(entry.id)] > 1:
                    raise AnnotationError(f"{where} has the same id {entry.id!r} as another; renumber one")
                entries[identity(entry.id)] = entry, locate(entry.file_name, image_folders(path), where)
    return entries, ids


def elements(path: Path) -> tuple[list[Any], list[Any], Mapping[str, str]]:
    """The images and annotations of a file of either kind, and the names of the categories that say more, by id."""
    content = read_json(path, CocoFile, "COCO annotations")
    raws = content.categories if isinstance(content.categories, list) else []
    named = {identity(raw.get("id")): str(raw.get("name")) for raw in raws if isinstance(raw, dict)}
    of_text = [name for name in named.values() if not means_ignore([name])]
    categories = {key: name for key, name in named.items() if means_ignore([name]) or len(of_text) > 1}
    if content.images is not None and content.annotations is not None:
        return content.images, content.annotations, categories
    if content.imgs is not None and content.anns is not None:
        return list(content.imgs.values()), list(content.anns.values()), categories
    raise AnnotationError(
        f"{path}: has neither images and annotations (COCO) nor imgs and anns (COCO-Text); give another file"
    )


def image_folders(path: Path) -> list[Path]:
    """Folders in which the images of an annotation file are searched."""
    top = path.parent.parent if path.parent.name == ANNOTATIONS else path.parent
    splits = dict.fromkeys((path.stem, path.stem.rpartition("_")[2]))
    own = [find(folder, split) for folder in (top / IMAGES, top) for split in splits]
    return [*own[: len(splits)], top / IMAGES, *own[len(splits) :], top]


def write_coco(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``annotations.json`` (COCO) and ``images/`` of a split into ``output/<split>/``.

    The transcription is written to COCO-Text's ``utf8_string``; ignored words are crowds. The category is the word's
    field, or ``text``.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or one exists already.
    """
    folder = output / split
    images: list[dict[str, Any]] = []
    regions: list[dict[str, Any]] = []
    ids = count(1)
    fields = dict.fromkeys(field for record in records for word in record.words.values() if (field := held(word)))
    names = [CATEGORY["name"], *fields]
    keys = []
    for number, (record, image) in enumerate(
        zip(records, place_images(records, folder / IMAGES), strict=True), start=1
    ):
        width, height = size_of(record, image)
        images.append({"id": number, "file_name": image.name, "width": width, "height": height})
        for key, word in record.words.items():
            category = names.index(held(word) or CATEGORY["name"]) + 1
            region = region_entry(word, next(ids), number) | {"category_id": category}
            regions.append(region)
            if key != str(region["id"]):
                keys.append(f"{record.name}, word {key} is {region['id']}")
    categories = [{**CATEGORY, "id": place, "name": name} for place, name in enumerate(names, start=1)]
    content = {"images": images, "annotations": regions, "categories": categories}
    write_json(content, folder / f"{ANNOTATIONS}.json")
    return [
        *line_losses(records),
        *no_place(records, "fields", lambda word: None if held(word) else word.field),
        *item_losses(records),
        *value_losses(records),
        *summed_up("keys", keys),
    ]


def held(word: Word) -> str | None:
    """The word's field, unless its name means another thing as a category."""
    return None if word.field is None or is_plain(word.field) or means_ignore([word.field]) else word.field


def region_entry(word: Word, number: int, image: int) -> dict[str, Any]:
    """One word for the file."""
    points = plain_points(word.points_N2)
    left, top = (min(values) for values in zip(*points, strict=True))
    right, bottom = (max(values) for values in zip(*points, strict=True))
    entry = {
        "id": number,
        "image_id": image,
        "segmentation": [[value for point in points for value in point]],
        "bbox": [left, top, round(right - left, 2), round(bottom - top, 2)],
        "area": round(abs(signed_area(word.points_N2)), 4),
        "iscrowd": int(word.ignore),
    }
    return entry if word.transcription is None else {**entry, "utf8_string": word.transcription}
