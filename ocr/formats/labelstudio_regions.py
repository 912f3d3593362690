"""Label Studio's regions: the outline that a result draws, what the results say of it, and the results of a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import ItemNumber, Label
from ocr.formats.common.marks import IGNORED
from ocr.formats.common.reading import as_element, box_polygon, polygon
from ocr.formats.common.rounding import plain_points
from ocr.formats.labelstudio_tasks import POLYGONS, Result, Value
from ocr.types import FloatArray, Word

FIELD, ITEM = "field", "item"
"""Names of the controls that state a region's field and item."""
PLAIN = IGNORED | {"text", "handwriting"}
"""Labels, in lower case, that are no field; the last two are those of Label Studio's template for OCR."""


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
    return box_polygon(x, y, width, height, value.rotation, pivot=(0, 0))


def transcription_of(value: Value) -> str | None:
    """The transcription of a region; several texts are joined by line breaks."""
    return "\n".join(value.text) if isinstance(value.text, list) else value.text


def labels(value: Value) -> list[str]:
    """The labels of a region."""
    return [*value.polygonlabels, *value.rectanglelabels, *value.labels]


def field_in(results: Sequence[Result], where: str) -> str | None:
    """The field that the results of a region state; ``None`` if they state none.

    It is the choice in a ``Choices`` called ``field``, else the first label that says more than that it is text, else
    the first other choice.

    Raises:
        AnnotationError: the field is empty or too long.
    """
    chosen = [(result.from_name == FIELD, choice) for result in results for choice in result.value.choices]
    own, other = ([choice for named, choice in chosen if named is wanted] for wanted in (True, False))
    named = [label for result in results for label in labels(result.value) if label.lower() not in PLAIN]
    return next((as_element(field, Label, f"{where}, field") for field in (*own, *named, *other)), None)


def item_in(results: Sequence[Result], where: str) -> int | None:
    """The number in a ``Number`` called ``item``, if the results of a region have it.

    Raises:
        AnnotationError: it is not a whole number from 1.
    """
    numbers = (result.value.number for result in results if result.from_name == ITEM)
    return next((as_element(each, ItemNumber, f"{where}, item") for each in numbers if each is not None), None)


def region_entries(key: str, word: Word, width: int, height: int) -> list[dict[str, Any]]:
    """The results of one word: its outline, and what is known of its text, field and item."""
    points = [[100 * x / width, 100 * y / height] for x, y in plain_points(word.points_N2)]
    place = {"id": key, "to_name": "image", "original_width": width, "original_height": height, "image_rotation": 0}
    shape = {"points": points, "closed": True}
    label = "Ignore" if word.ignore else "Text"
    outlined = {"type": "polygonlabels", "from_name": "label", "value": {**shape, "polygonlabels": [label]}, **place}
    said = (
        ("textarea", "transcription", {"text": [word.transcription]}, word.transcription),
        ("choices", FIELD, {"choices": [word.field]}, word.field),
        ("number", ITEM, {"number": word.item}, word.item),
    )
    known = [
        {"type": kind, "from_name": name, "value": {**shape, **value}, **place}
        for kind, name, value, what in said
        if what is not None
    ]
    return [outlined, *known]
