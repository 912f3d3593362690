"""Read one annotation of a COCO file as a word: its outline, rotation and ignore flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from ocr.formats.common.base import AnnotationError
from ocr.formats.common.labels import Label
from ocr.formats.common.marks import means_ignore
from ocr.formats.common.reading import as_element, box_polygon, flat_polygon, quoted
from ocr.types import FloatArray, Word

UNDEFINED = ("rotation", "angle", "theta")
"""Keys that tools write for a rotated box, each with its own meaning; all but CVAT's may be in ``attributes`` too."""
BOX = 4
XYWH = 1
"""Detectron2's ``bbox_mode`` for COCO's x, y, width, height."""
ROUNDED = 0.02
"""Pixels by which a polygon may differ from the corners of its box, as both are rounded."""


class CocoRegion(msgspec.Struct):
    """One annotation as in the file."""

    id: int | str
    image_id: int | str
    bbox: list[float] | None = None
    segmentation: list[list[float]] | dict[str, Any] | None = None
    mask: list[float] | None = None
    polygon: Any = None
    points: Any = None
    iscrowd: int | bool | None = None
    ignore: int | bool | None = None
    utf8_string: str | None = None
    legibility: str | None = None
    category_id: Any = None
    attributes: Any = None
    rotation: Any = None
    angle: Any = None
    theta: Any = None
    bbox_mode: Any = None


def identity(value: Any) -> str:
    """An id as text, whether it is written as a number or a string."""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def read_region(region: CocoRegion, categories: Mapping[str, str], where: str) -> Word:
    """One annotation as a word.

    Args:
        region: the annotation.
        categories: the names of the categories that say something, by id.
        where: its place, for messages.
    """
    name = categories.get(identity(region.category_id), "text")
    ignored = means_ignore([name])
    ignore = bool(region.iscrowd or region.ignore) or region.legibility == "illegible" or ignored
    field = None if is_plain(name) or ignored else as_element(name, Label, f"{where}, name of its category")
    return Word(outline(region, ignore, where), region.utf8_string, ignore, field=field)


def is_plain(name: str) -> bool:
    """Whether a category says no more than that it is text."""
    return name.lower() == "text"


def outline(region: CocoRegion, ignore: bool, where: str) -> FloatArray:
    """The polygon of an annotation (N, 2)."""
    flat = next((part for part in (region.mask, region.polygon, region.points) if is_flat(part)), None)
    parts = [as_element(flat, list[float], where)] if flat else region.segmentation
    if isinstance(parts, list):
        parts = [part for part in parts if part]
    if isinstance(parts, list) and len(parts) == 1:
        points_N2 = flat_polygon(parts[0], where)
        # A polygon equal to the upright box is only a copy of the box, so the rotation applies to it too.
        is_box = len(region.bbox or ()) == BOX and same_corners(points_N2, box_polygon(*region.bbox or ()))
        return box_of(region, where) if is_box else points_N2
    if region.bbox and (ignore or not parts):
        return box_of(region, where)
    if not parts:
        raise AnnotationError(f"{where}: has neither segmentation nor bbox; draw one or remove the annotation")
    what = "a mask of pixels (RLE)" if isinstance(parts, dict) else f"{len(parts)} polygons, {quoted(parts)}"
    raise AnnotationError(f"{where}: its segmentation is {what}; draw one polygon, or keep only bbox")


def is_flat(part: Any) -> bool:
    """Whether a value is a list of numbers, as ``x1, y1, x2, y2, ...``."""
    return isinstance(part, list) and bool(part) and isinstance(part[0], int | float)


def same_corners(one_N2: FloatArray, other_N2: FloatArray) -> bool:
    """Whether two polygons have the same corners, in any order."""
    one, other = (np.array(sorted(points_N2.tolist())) for points_N2 in (one_N2, other_N2))
    return len(one) == len(other) and np.allclose(one, other, rtol=0, atol=ROUNDED)


def attributes_of(region: CocoRegion) -> dict[str, Any]:
    """An annotation's attributes by name; some tools write a list, of ``name`` and ``value`` or of single entries."""
    if not isinstance(region.attributes, list):
        return region.attributes if isinstance(region.attributes, dict) else {}
    found: dict[str, Any] = {}
    for each in region.attributes:
        if isinstance(each, dict):
            found |= {str(each["name"]): each.get("value")} if "name" in each else each
    return found


def box_of(region: CocoRegion, where: str) -> FloatArray:
    """The corners (4, 2) of an annotation's box, turned by CVAT's ``attributes.rotation``.

    Raises:
        AnnotationError: it has a key that changes the meaning of the box in a way that COCO does not define, or not
            four numbers.
    """
    box = region.bbox or []
    unknown = {name: getattr(region, name) for name in UNDEFINED if getattr(region, name)}
    about = attributes_of(region)
    unknown |= {f"attributes.{name}": about[name] for name in UNDEFINED[1:] if about.get(name)}
    if region.bbox_mode not in {None, XYWH}:
        unknown["bbox_mode"] = region.bbox_mode
    if unknown:
        raise AnnotationError(
            f"{where}: its bbox depends on {quoted(unknown)}, which COCO does not define; draw a polygon, or give "
            "bbox as x, y, width, height and attributes.rotation in degrees, clockwise about its centre"
        )
    if len(box) != BOX:
        raise AnnotationError(f"{where}: its bbox {box} must be x, y, width, height; correct or remove it")
    degrees = as_element(about.get("rotation") or 0, float, f"{where}, attributes.rotation")
    return box_polygon(box[0], box[1], box[2], box[3], degrees)
