"""Label Studio's tasks: the fields of an export, and on which of a task's images a region is drawn.

``data`` has the address of an image under a custom key, or the list of a document's pages. A region names an ``Image``
tag (``to_name``) and, if that shows pages, the page (``item_index``). Only the labelling interface, which is not
exported, says which key of ``data`` a tag shows: it is known if the two have the same name, if an old export states it
(``source``), or if all regions of the export are drawn on one tag and the task has one image. Tags made by a
``Repeater`` end in the number of their page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ocr.formats.common.base import AnnotationError, Sparing
from ocr.formats.common.reading import Length, quoted

IMAGE_KEYS = ("image", "ocr", "captioning", "images", "pages")
ADDRESS_KEYS = ("url", "image", "page", "src")
"""Keys that may hold the address of a page that is a dictionary."""
POLYGONS = ("polygonlabels", "polygon")
RECTANGLES = ("rectanglelabels", "rectangle")
NO_POLYGONS = re.compile("(brush|ellipse|keypoint|bitmask|vector|magicwand|video|cuboid|polyline).*")
LAST_NUMBER = re.compile("[0-9]{1,9}$")


class Task(msgspec.Struct):
    """One task, its annotations (``completions`` before version 1.0) not yet decoded."""

    data: dict[str, Any]
    annotations: list[Any] = []
    completions: list[Any] = []
    predictions: list[Any] = []
    id: int | str | None = None


class TaskAnnotation(msgspec.Struct):
    """One annotator's work, the results not yet decoded."""

    result: list[Any] = []
    id: int | str | None = None
    was_cancelled: bool | None = False
    skipped: bool | None = False
    ground_truth: bool | None = False


class Value(msgspec.Struct):
    """The value of a result, as far as it is used."""

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
    choices: list[str] = []
    number: float | None = None


class Result(msgspec.Struct):
    """One result as in the file."""

    type: str = ""
    id: str = ""
    value: Value = msgspec.field(default_factory=Value)
    original_width: Length | None = None
    original_height: Length | None = None
    image_rotation: float = 0
    from_name: Any = ""
    to_name: Any = ""
    source: Any = ""
    item_index: int | None = None


def is_outline(result: Result) -> bool:
    """Whether a result draws a region."""
    return result.type in POLYGONS or result.type in RECTANGLES


def is_shape(result: Result) -> bool:
    """Whether a result is of a known type that draws something, a region or another shape."""
    return is_outline(result) or bool(NO_POLYGONS.fullmatch(result.type))


def has_place(value: Value) -> bool:
    """Whether a result has coordinates, as a region's labels and texts also do."""
    return bool(value.points) or value.x is not None


def drawn_on(raw: Any) -> Iterator[str]:
    """The tags that the regions of a task that is not yet decoded are drawn on."""
    annotations = raw.get("annotations") if isinstance(raw, dict) else None
    for annotation in annotations if isinstance(annotations, list) else []:
        results = annotation.get("result") if isinstance(annotation, dict) else None
        for result in results if isinstance(results, list) else []:
            if isinstance(result, dict) and result.get("type") in (*POLYGONS, *RECTANGLES):
                yield str(result.get("to_name"))


def addresses_in(value: Any) -> list[str]:
    """The addresses of a task's image or pages; none if the value is something else."""
    found = []
    for page in value if isinstance(value, list) else [value]:
        address = next((page[key] for key in ADDRESS_KEYS if key in page), None) if isinstance(page, dict) else page
        if not isinstance(address, str) or not address:
            return []
        found.append(address)
    return found


@dataclass(frozen=True, slots=True)
class Pages:
    """The images of one task.

    Attributes:
        task: the task.
        key: the key of its ``data`` that the user named, or ``None``.
        several: whether the regions of the export are drawn on more than one tag, or the task has several images.
        where: the task, for messages.
    """

    task: Task
    key: str | None
    several: bool
    where: str

    def main_key(self) -> str | None:
        """The key of the image, or of the pages, if it is known without a region."""
        keys = IMAGE_KEYS if self.key is None else (self.key,)
        return next((key for key in keys if addresses_in(self.task.data.get(key))), None)

    def main(self) -> list[str]:
        """The addresses under the main key."""
        key = self.main_key()
        return [] if key is None else addresses_in(self.task.data[key])

    def no_image(self) -> AnnotationError:
        """The error for a task of which no key of ``data`` is known to have the image."""
        keys = ", ".join(IMAGE_KEYS if self.key is None else (self.key,))
        own = ", ".join(key for key, value in self.task.data.items() if addresses_in(value))
        return AnnotationError(
            f"{self.where}: data {quoted(self.task.data)} has no text at {keys}; name the image there, or set key= to "
            f"one of {own or 'the keys that have it'}"
        )

    def shared_out(self, results: Sequence[Result], sparing: Sparing) -> dict[str, list[Result]]:
        """The results drawn on each image, by its address; all images of the main key are included.

        Raises:
            AnnotationError: no image is known.
        """
        shares: dict[str, list[Result]] = {address: [] for address in self.main()}
        shapes = {result.id for result in results if is_shape(result)}
        for result in results:
            # A result with coordinates that belongs to no shape is a shape of an unknown type.
            if is_shape(result) or (has_place(result.value) and result.id not in shapes):
                with sparing():
                    shares.setdefault(self.address_of(result), []).append(result)
        if not shares:
            raise self.no_image()
        return shares

    def address_of(self, result: Result) -> str:
        """The address of the image that a region is drawn on.

        Raises:
            AnnotationError: it is unknown, or there is no such page.
        """
        place = f"{self.where}, region {result.id!r}"
        data, tag, main = self.task.data, str(result.to_name), self.main_key()
        names = (tag, str(result.source).removeprefix("$")) if self.several or self.key is None else ()
        key = next((name for name in names if addresses_in(data.get(name))), main)
        if key is None:
            raise self.no_image()
        pages, listed = addresses_in(data[key]), isinstance(data[key], list)
        number = LAST_NUMBER.search(tag)
        if self.several and key == main and key not in names and not (listed and number):
            raise AnnotationError(
                f"{place}: its to_name {tag!r} is one of several images, and the export does not say which key of data "
                "that is; name the Image tags like their keys, or give key= if everything is drawn on one image, or "
                "export each image's tasks separately"
            )
        index = result.item_index
        if index is None:
            index = int(number[0]) if listed and number and key not in names else 0
        if not 0 <= index < len(pages):
            raise AnnotationError(f"{place}: is on page {index} (item_index or to_name), and its task has {len(pages)}")
        return pages[index]
