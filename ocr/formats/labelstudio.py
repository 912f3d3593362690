"""Label Studio's JSON export: a list of tasks, each with an image and its annotations.

A region is one or more results with the same ``id``: ``polygonlabels`` or ``polygon``, ``rectanglelabels`` or
``rectangle`` (turned clockwise by ``rotation`` degrees about its top left corner), in per cent of ``original_width``
and ``original_height``; a ``textarea`` is its transcription. The labels Ignore and Illegible mark it as ignored. Its
choice or another label is its field (`labelstudio_regions.field_in`), a ``number`` called ``item`` its item. Of a
task's annotations that are not cancelled the ground truth is used, else the first; predictions are not. A task may have
several images (`labelstudio_tasks`). Shapes that are not polygons (brush, ellipse, key point) are left out and listed,
and so are images that were turned (``image_rotation``). Ratings, relations, choices and texts of the whole image, and
the editor's data on a region (``hidden``, ``meta``, ``parentID``) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import numpy as np

from ocr.formats.common.base import AnnotationError, ForeignData, Sparing
from ocr.formats.common.image_files import add_record, by_end, is_there, leave_unannotated, locate
from ocr.formats.common.marks import means_ignore
from ocr.formats.common.reading import as_element, only_json, read_json
from ocr.formats.common.scale import check_per_cent
from ocr.formats.common.writing import line_losses, place_images, size_of, value_losses, write_json
from ocr.formats.labelstudio_regions import field_in, item_in, labels, outline, region_entries, transcription_of
from ocr.formats.labelstudio_tasks import (
    Pages,
    Result,
    Task,
    TaskAnnotation,
    addresses_in,
    drawn_on,
    is_outline,
)
from ocr.images.files import SortedFiles
from ocr.types import FloatArray, Record, Word

UPLOADED = re.compile("[0-9a-f]{8}-")
"""Prefix that Label Studio adds to the name of an uploaded file."""

TASKS = "tasks.json"
IMAGES = "images"


def read_labelstudio(source: Path, key: str | None = None) -> ForeignData:
    """Read an export, or the only one of a folder.

    The images are searched in ``images/`` and beside the file, by the longest suffix of the task's URL that leads to
    one, with or without the eight characters that an upload adds to the name. Further annotations of a task are listed
    as left out.

    Args:
        source: the file or its folder.
        key: the key of a task's ``data`` that has the image, or the list of its pages; ``None``: one of `IMAGE_KEYS`.

    Raises:
        AnnotationError: there is no such file, or several, or it is not an export as JSON.
    """
    path = only_json(source, "*.json")
    raws = read_json(path, list[Any], "Label Studio tasks, exported as JSON")
    if raws and not any(isinstance(raw, dict) and "data" in raw for raw in raws):
        raise AnnotationError(f"{path}: no task has 'data', as in the export JSON-MIN; export as JSON, without MIN")
    data = ForeignData([])
    several = len({name for raw in raws for name in drawn_on(raw)}) > 1
    for number, raw in enumerate(raws, start=1):
        with data.sparing(path):
            task = as_element(raw, Task, f"{path}: task {number}")
            where = f"{path}: task {number if task.id is None else task.id}"
            read_task(Pages(task, key, several or (key is None and has_several(task, path.parent)), where), path, data)
    leave_unannotated(data, path)
    return data


def has_several(task: Task, folder: Path) -> bool:
    """Whether keys of a task's ``data`` lead to different images."""
    found = set()
    for addresses in filter(None, map(addresses_in, task.data.values())):
        with suppress(AnnotationError):
            found.add(image_path(addresses[0], "", folder))
    # Most tasks have one address, which needs no look at the files.
    return len(found) > 1 and len(SortedFiles.of(place for place in found if is_there(place)).images) > 1


def read_task(pages: Pages, path: Path, data: ForeignData) -> None:
    """Add the images of one task."""
    where, addresses = pages.where, pages.main()
    first = image_path(addresses[0], where, path.parent) if addresses else path
    raws = pages.task.annotations or pages.task.completions
    annotations = [as_element(raw, TaskAnnotation, f"{where}, annotation") for raw in raws]
    done = [annotation for annotation in annotations if not annotation.was_cancelled and not annotation.skipped]
    done.sort(key=lambda annotation: not annotation.ground_truth)
    if not done:
        reason = f"has no annotation in {path} that is not cancelled, and {len(pages.task.predictions)} predictions"
        data.left_out[first] = reason
        return
    for place, further in enumerate(done[1:], start=2):
        name = f"{first.name}, annotation {place}"
        why = "is the ground truth" if done[0].ground_truth else "comes first"
        data.left_out[first.with_name(name)] = f"(id {further.id}) is left out: its task has one that {why}"
    results: list[Result] = []
    for place, raw in enumerate(done[0].result):
        with data.sparing(first):
            results.append(as_element(raw, Result, f"{where}, result {place}"))
    for address, drawn in pages.shared_out(results, partial(data.sparing, first)).items():
        with data.leaving_out(Path(PurePosixPath(address).name or address)):
            image = image_path(address, where, path.parent)
            with data.leaving_out(image):
                size = stated_size(drawn, where)
                words = read_regions(drawn, results, where, partial(data.sparing, image))
                if size[0] and size[1]:
                    check_per_cent([word.points_N2 for word in words.values()], (size[0], size[1]), where)
                add_record(data, Record(image, words, *size), where)


def stated_size(drawn: Sequence[Result], where: str) -> tuple[int | None, int | None]:
    """(width, height) of the image as stated by all regions; ``None`` if there is no region.

    Raises:
        AnnotationError: the regions state different sizes or none, or the image was turned, so their frame is unknown.
    """
    turned = next((result.image_rotation for result in drawn if result.image_rotation), 0)
    if turned:
        raise AnnotationError(
            f"{where}: image_rotation: the image was turned by {turned:g} degrees in Label Studio; turn it back there "
            "and export again"
        )
    sizes = {(result.original_width, result.original_height) for result in drawn}
    if len(sizes) > 1 or any(None in size for size in sizes):
        raise AnnotationError(
            f"{where}: its regions have original_width, original_height {sorted(map(str, sizes))}; give one size"
        )
    return next(iter(sizes), (None, None))


def image_path(address: str, where: str, folder: Path) -> Path:
    """Path of an address's image, under its uploaded or its original name."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise AnnotationError(f"{where}: {address!r} is not an address ({error}); correct it") from error
    full = PurePosixPath(parse_qs(parts.query).get("d", [unquote(parts.path)])[0])
    folders = [folder / IMAGES, folder]
    names = (str(full), str(full.parent / UPLOADED.sub("", full.name, 1)))
    found = next((place for name in names if (place := by_end(name, folders))), None)
    return found or locate(full.name, folders, f"{where}: {address!r}")


def read_regions(drawn: Sequence[Result], results: Sequence[Result], where: str, sparing: Sparing) -> dict[str, Word]:
    """The words of one image by their region's id.

    Args:
        drawn: the results that are drawn on the image.
        results: all results of the annotation, some of which hold a region's text and labels.
        where: the task, for messages.
        sparing: guards a region.
    """
    outlines: dict[str, FloatArray] = {}
    for result in drawn:
        place = f"{where}, region {result.id!r}"
        with sparing():
            if not is_outline(result):
                raise AnnotationError(f"{place}: {result.type or 'its type'} is not a polygon; draw one instead")
            points_N2 = outline(result, place)
            # A region with a shape and a labelled shape has two results with the same outline.
            if not np.array_equal(outlines.setdefault(result.id, points_N2), points_N2):
                raise AnnotationError(f"{place}: is drawn twice; remove one")
    texts = {result.id: transcription_of(result.value) for result in results if result.type == "textarea"}
    ignored = {result.id for result in results if means_ignore(labels(result.value))}
    said: dict[str, list[Result]] = {}
    for result in results:
        said.setdefault(result.id, []).append(result)
    words = {}
    for key, points_N2 in outlines.items():
        with sparing():
            place = f"{where}, region {key!r}"
            field, item = field_in(said[key], place), item_in(said[key], place)
            words[key] = Word(points_N2, texts.get(key), key in ignored, field=field, item=item)
    return words


def write_labelstudio(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``tasks.json`` and ``images/`` of a split into ``output/<split>/``.

    The addresses are those of a local storage whose document root is ``output``; the labelling interface needs
    ``PolygonLabels`` called ``label`` with the labels Text and Ignore, and with ``perRegion`` a ``TextArea`` called
    ``transcription`` and, for the fields, ``Choices`` called ``field`` and a ``Number`` called ``item``.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or one exists already.
    """
    folder = output / split
    tasks = []
    for record, image in zip(records, place_images(records, folder / IMAGES), strict=True):
        width, height = size_of(record, image)
        address = f"/data/local-files/?d={quote(f'{split}/{IMAGES}/{image.name}')}"
        results = [entry for key, word in record.words.items() for entry in region_entries(key, word, width, height)]
        tasks.append({"data": {"image": address}, "annotations": [{"result": results}]})
    write_json(tasks, folder / TASKS)
    return [*line_losses(records), *value_losses(records)]
