"""Label Studio's JSON export: a list of tasks, each with an image and its annotations.

A region is one or more results with the same ``id``: ``polygonlabels`` or ``polygon``, ``rectanglelabels`` or
``rectangle`` (turned clockwise by ``rotation`` degrees about its top left corner), in per cent of ``original_width``
and ``original_height``; a ``textarea`` is its transcription. A label called Ignore or Illegible means that. The first
annotation of a task that is not cancelled counts, predictions do not. Choices, ratings, relations and text of the whole
image are left alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import msgspec

from ocr.formats.base import AnnotationError, ForeignData
from ocr.formats.fitting import size_of
from ocr.formats.native import Length
from ocr.formats.native_writing import write_whole
from ocr.formats.placing import line_losses, place_images
from ocr.formats.reading import (
    add_record,
    as_element,
    is_there,
    leave_unannotated,
    locate,
    only_json,
    polygon,
    read_json,
    shown,
)
from ocr.formats.rounding import plain_points
from ocr.types import FloatArray, Record, Word

IMAGE_KEYS = ("image", "ocr", "captioning")
POLYGONS = ("polygonlabels", "polygon")
RECTANGLES = ("rectanglelabels", "rectangle")
NO_POLYGONS = re.compile("(brush|ellipse|keypoint|bitmask|vector|magicwand|video).*")
IGNORED = frozenset({"ignore", "illegible"})
UPLOADED = re.compile("[0-9a-f]{8}-")
"""What Label Studio puts before the name of an uploaded file."""

TASKS = "tasks.json"
IMAGES = "images"


class Task(msgspec.Struct):
    """One task, its annotations not yet looked into."""

    data: dict[str, Any]
    annotations: list[Any] = []
    id: int | str | None = None


class TaskAnnotation(msgspec.Struct):
    """What one annotator did, the results not yet looked into."""

    result: list[Any] = []
    id: int | str | None = None
    was_cancelled: bool = False


class Value(msgspec.Struct):
    """What a result says, as far as it concerns us."""

    points: list[tuple[float, float]] | None = None
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float = 0
    text: str | list[str] | None = None
    polygonlabels: list[str] = []
    rectanglelabels: list[str] = []
    labels: list[str] = []


class Result(msgspec.Struct):
    """One result as it stands in the file."""

    type: str = ""
    id: str = ""
    value: Value = msgspec.field(default_factory=Value)
    original_width: Length | None = None
    original_height: Length | None = None
    image_rotation: float = 0


def read_labelstudio(source: Path) -> ForeignData:
    """Read an export, or the only one of a folder.

    The images lie in ``images/`` or beside the file, by the name that ends the task's address, with or without the
    eight characters that an upload puts before it. Further annotations of a task are listed as left out.

    Raises:
        AnnotationError: there is no such file, or several, or something in it is wrong; the message names file, task,
            region and value.
    """
    path = only_json(source, "*.json")
    data = ForeignData([])
    for number, raw in enumerate(read_json(path, list[Any], "Label Studio tasks"), start=1):
        task = as_element(raw, Task, f"{path}: task {number}")
        where = f"{path}: task {number if task.id is None else task.id}"
        read_task(task, where, path, data)
    leave_unannotated(data, path)
    return data


def read_task(task: Task, where: str, path: Path, data: ForeignData) -> None:
    """Add the image of one task."""
    image = task_image(task, where, path.parent)
    annotations = [as_element(raw, TaskAnnotation, f"{where}, annotation") for raw in task.annotations]
    done = [annotation for annotation in annotations if not annotation.was_cancelled]
    if not done:
        data.left_out[image] = f"has no annotation in {path} that is not cancelled"
        return
    for place, further in enumerate(done[1:], start=2):
        name = f"{image.name}, annotation {place}"
        data.left_out[image.with_name(name)] = f"(id {further.id}) is left out: its task has one that comes first"
    results = [as_element(raw, Result, f"{where}, result {place}") for place, raw in enumerate(done[0].result)]
    turned = next((result.image_rotation for result in results if result.image_rotation), 0)
    if turned:
        data.left_out[image] = f"was turned by {turned} degrees in Label Studio; turn it back there and export again"
        return
    size = stated_size(results, where)
    add_record(data, Record(image, read_regions(results, where), *size), path)


def stated_size(results: Sequence[Result], where: str) -> tuple[int | None, int | None]:
    """(width, height) of the image as all regions have it; ``None`` where there is no region."""
    sizes = {(result.original_width, result.original_height) for result in results if is_outline(result)}
    if len(sizes) > 1 or any(None in size for size in sizes):
        raise AnnotationError(
            f"{where}: its regions say original_width, original_height {sorted(map(str, sizes))}; give one size"
        )
    return next(iter(sizes), (None, None))


def task_image(task: Task, where: str, folder: Path) -> Path:
    """Where the image of a task is."""
    address = next((task.data[key] for key in IMAGE_KEYS if isinstance(task.data.get(key), str)), None)
    if address is None:
        raise AnnotationError(
            f"{where}: data {shown(task.data)} has no text at {', '.join(IMAGE_KEYS)}; name the image there"
        )
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise AnnotationError(f"{where}: {address!r} is not an address ({error}); correct it") from error
    full = parse_qs(parts.query).get("d", [unquote(parts.path)])[0]
    name = PurePosixPath(full).name
    places = [
        locate(each, [folder / IMAGES, folder], f"{where}: {address!r}") for each in (name, UPLOADED.sub("", name, 1))
    ]
    return next((place for place in places if is_there(place)), places[0])


def is_outline(result: Result) -> bool:
    """Whether a result draws a region."""
    return result.type in POLYGONS or result.type in RECTANGLES


def read_regions(results: Sequence[Result], where: str) -> dict[str, Word]:
    """The words of one annotation by their region's id."""
    outlines: dict[str, FloatArray] = {}
    for result in results:
        told = f"{where}, region {result.id!r}"
        if NO_POLYGONS.fullmatch(result.type):
            raise AnnotationError(f"{told}: {result.type} is no polygon; draw one instead")
        if is_outline(result) and result.id in outlines:
            raise AnnotationError(f"{told}: is drawn twice; remove one")
        if is_outline(result):
            outlines[result.id] = outline(result, told)
    texts = {result.id: said(result.value) for result in results if result.type == "textarea"}
    ignored = {result.id for result in results if means_ignore(result.value)}
    return {key: Word(points_N2, texts.get(key), key in ignored) for key, points_N2 in outlines.items()}


def said(value: Value) -> str | None:
    """The transcription of a region, of several texts one a row."""
    return "\n".join(value.text) if isinstance(value.text, list) else value.text


def means_ignore(value: Value) -> bool:
    """Whether a label says that a region is ignored."""
    return any(label.lower() in IGNORED for label in (*value.polygonlabels, *value.rectanglelabels, *value.labels))


def outline(result: Result, where: str) -> FloatArray:
    """The polygon of a result (N, 2) in pixels."""
    value = result.value
    across, down = (result.original_width or 0) / 100, (result.original_height or 0) / 100
    if result.type in POLYGONS:
        if value.points is None:
            raise AnnotationError(f"{where}: has no points; draw or remove it")
        return polygon((x * across, y * down) for x, y in value.points)
    if value.x is None or value.y is None or value.width is None or value.height is None:
        raise AnnotationError(f"{where}: lacks one of x, y, width, height; draw or remove it")
    x, y, width, height = value.x * across, value.y * down, value.width * across, value.height * down
    sine, cosine = math.sin(math.radians(value.rotation)), math.cos(math.radians(value.rotation))
    offsets = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    return polygon((x + dx * cosine - dy * sine, y + dx * sine + dy * cosine) for dx, dy in offsets)


def write_labelstudio(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``tasks.json`` and ``images/`` of a split into ``output/<split>/``.

    The addresses are those of a local storage whose document root is ``output``; the labelling interface needs
    ``PolygonLabels`` called ``label`` with the labels Text and Ignore, and a ``TextArea`` called ``transcription`` with
    ``perRegion``.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name, or one is there already.
    """
    folder = output / split
    tasks = []
    for record, image in zip(records, place_images(records, folder / IMAGES), strict=True):
        width, height = size_of(record, image)
        address = f"/data/local-files/?d={quote(f'{split}/{IMAGES}/{image.name}')}"
        results = [entry for key, word in record.words.items() for entry in region_entries(key, word, width, height)]
        tasks.append({"data": {"image": address}, "annotations": [{"result": results}]})
    write_whole(msgspec.json.format(msgspec.json.encode(tasks), indent=1), folder / TASKS)
    return line_losses(records)


def region_entries(key: str, word: Word, width: int, height: int) -> list[dict[str, Any]]:
    """The results of one word: its outline, and its text where that is known."""
    points = [[100 * x / width, 100 * y / height] for x, y in plain_points(word.points_N2)]
    place = {"id": key, "to_name": "image", "original_width": width, "original_height": height, "image_rotation": 0}
    shape = {"points": points, "closed": True}
    label = "Ignore" if word.ignore else "Text"
    outlined = {"type": "polygonlabels", "from_name": "label", "value": {**shape, "polygonlabels": [label]}, **place}
    if word.transcription is None:
        return [outlined]
    text = {"type": "textarea", "from_name": "transcription", "value": {**shape, "text": [word.transcription]}, **place}
    return [outlined, text]
