"""What the readers of other formats share: JSON files and their elements, image names, polygons."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import msgspec
import numpy as np

from ocr.formats.base import AnnotationError, ByStem, ForeignData, Sparing, same_stem, unannotated_in
from ocr.formats.decoding import decoded
from ocr.formats.names import check_name, find
from ocr.formats.native import SHOWN
from ocr.geometry import open_ring
from ocr.types import FloatArray, Record
from ocr.utils.regular import NotReadableError, as_utf8, read_regular

T = TypeVar("T")

FOREIGN = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|\\\\")
"""How a path of Windows or an address begins."""

MAX_BYTES = 1 << 31
"""Of a JSON file: 2 GiB, as it is decoded whole."""


def read_json(path: Path, kind: type[T], form: str) -> T:
    """Decode a JSON file into msgspec's types.

    Args:
        path: the file; a byte order mark is no fault, nor are ``200.0`` and ``"200"`` for a number. What JSON does not
            have, ``NaN`` among it, is an object (`NOT_JSON`), so that it is a fault of the entry that needs it alone.
        kind: what the file holds.
        form: what the file should be, for the message, as in ``COCO annotations``.

    Raises:
        AnnotationError: the file cannot be read, is no JSON, has another form or is nested too deeply.
    """
    try:
        return decoded(as_utf8(read_regular(path, MAX_BYTES)), kind)
    except NotReadableError as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnnotationError(
            f"{path}: is not a file of {form} ({error}); correct it or give another format="
        ) from error


def only_json(source: Path, *patterns: str) -> Path:
    """The file itself, or the only one of a folder, by the first pattern that finds any.

    Raises:
        AnnotationError: there is none, or there are several.
    """
    if source.is_file():
        return source
    found = next((paths for pattern in patterns if (paths := sorted(source.glob(pattern)))), [])
    if not found:
        raise AnnotationError(
            f"input={source}: is neither a JSON file nor a folder with {' or '.join(patterns)}; give one"
        )
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise AnnotationError(f"input={source}: holds {names}; give one of them, input={found[0]}")
    return found[0]


def as_element(raw: Any, kind: type[T], where: str) -> T:
    """Make a decoded JSON value one element of a file; ``200.0`` and ``"200"`` are taken for an integer.

    Raises:
        AnnotationError: the element has another form; the message says where it is, what is wrong and the value.
    """
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise AnnotationError(f"{where}: {error}, is {shown(raw)}; correct or remove it") from error


def shown(value: object) -> str:
    """A value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."


def polygon(points: Iterable[Sequence[float]]) -> FloatArray:
    """Points as float32 (N, 2), pixels, not looked into but for a point that closes the ring, which is not repeated.

    What is out of float32's range becomes infinite.
    """
    with np.errstate(over="ignore"):
        return open_ring(np.array(list(points), np.float64).reshape(-1, 2).astype(np.float32))


def flat_polygon(numbers: Sequence[float], where: str) -> FloatArray:
    """A polygon (N, 2) from ``x1, y1, x2, y2, ...``.

    Raises:
        AnnotationError: the count is odd.
    """
    if len(numbers) % 2:
        raise AnnotationError(f"{where}: {shown(list(numbers))} has {len(numbers)} numbers; x and y must come in pairs")
    return polygon(zip(numbers[::2], numbers[1::2], strict=True))


def box_polygon(
    x: float, y: float, width: float, height: float, degrees: float = 0, pivot: tuple[float, float] = (0.5, 0.5)
) -> FloatArray:
    """The four corners (4, 2) of a box, clockwise from top left; a negative width or height reaches left or up.

    Args:
        x: left edge of the upright box, pixels.
        y: top edge.
        width: pixels.
        height: pixels.
        degrees: how far the box is turned, clockwise on the screen.
        pivot: what it is turned about, in shares of width and height: (0, 0) is the corner (x, y).
    """
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    fixed_x, fixed_y = x + pivot[0] * width, y + pivot[1] * height
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    offsets = [(corner[0] - fixed_x, corner[1] - fixed_y) for corner in corners] if degrees else []
    turned = [(fixed_x + dx * cosine - dy * sine, fixed_y + dx * sine + dy * cosine) for dx, dy in offsets]
    return polygon(turned or corners)


def locate(name: str, folders: Sequence[Path], where: str, above: Sequence[Path] = ()) -> Path:
    """Where an image is: in the first folder that has it, else where it is missing, in the first folder that exists.

    A path that is absolute, an address, or leads out of the folder was right on another machine: the image is where the
    longest end of it leads, down to the bare file name. So nothing outside the folders is ever found.

    Args:
        name: the image's name, as the annotation has it.
        folders: those of the data set.
        where: the name's place, for messages.
        above: further folders, for plain paths alone, as they are not of the data set.

    Raises:
        AnnotationError: such a path leads to no image in the folders, or no file can have the name.
    """
    expected = next((folder for folder in folders if folder.is_dir()), folders[0])
    inside = is_inside(name)
    if inside:
        check_name(name, where)
    places = (find(folder, name) for folder in (*folders, *above) if inside)
    found = next((place for place in places if is_there(place)), None)
    if found is None and (not inside or "\\" in name):
        found = by_end(name, folders)
    if found is None and not inside:
        raise AnnotationError(
            f"{where}: the name leads out of the image folder, and no end of it lies in {expected}; put the image "
            "there, or name it by a path inside the image folder, without '..'"
        )
    return found or expected / name


def by_end(name: str, folders: Sequence[Path]) -> Path | None:
    """The image that the longest end of a path leads to, from any of the folders; never out of them."""
    parts = PurePosixPath(posixpath.normpath(name.replace("\\", "/"))).parts
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    ends = [tail for tail in tails if is_inside(tail)]
    places = (find(folder, end) for end in ends for folder in folders)
    return next((place for place in places if is_there(place)), None)


def is_inside(name: str) -> bool:
    """Whether a name is a plain path below a folder, as this machine writes it."""
    return not (PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or FOREIGN.match(name))


def is_there(path: Path) -> bool:
    """Whether it is a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except OSError:  # the name is too long
        return False


def add_record(data: ForeignData, record: Record, where: object) -> None:
    """Take an image with its words, or leave it out: where it is missing, has one already, or none could be read.

    An image whose entries were all left out is no image without text.
    """
    image = record.image_path
    faulty = len(data.faults.get(image, ()))
    if image in data.owners:
        told = f"{where}: {image.name!r} is in {data.owners[image]} too; keep one of them"
        data.faults.setdefault(image, []).append(told)
        return
    data.owners[image] = str(where)
    if not is_there(image):
        data.left_out[image] = f"is annotated in {where} but missing"
    elif faulty and not record.words:
        data.left_out[image] = f"is left out: no entry of it in {where} can be read, {faulty} are wrong"
    else:
        data.records.append(record)


def read_each(
    images: ByStem,
    annotations: ByStem,
    folders: tuple[Path, Path],
    left_out: dict[Path, str],
    read: Callable[[Path, Path, Sparing], Record],
) -> ForeignData:
    """Read an annotation file for each image; what has no partner, has several or cannot be read is left out.

    Args:
        images: by their stems.
        annotations: the files, by the stems of their images.
        folders: where both are, for messages.
        left_out: what has been left out so far, and why.
        read: image, annotation file and the guard of its entries -> the image's record.
    """
    data = ForeignData([], left_out)
    for stem in {**images, **annotations}:
        pictures, files = images.get(stem, []), annotations.get(stem, [])
        if not files:
            left_out |= dict.fromkeys(pictures, f"has no annotation in {folders[1]}")
        elif not pictures:
            left_out |= dict.fromkeys(files, f"has no image in {folders[0]}")
        elif len(pictures) > 1 or len(files) > 1:
            left_out |= dict.fromkeys([*pictures, *files], same_stem(pictures if len(pictures) > 1 else files))
        else:
            with data.leaving_out(pictures[0]):
                add_record(data, read(pictures[0], files[0], partial(data.sparing, pictures[0])), files[0])
    return data


def leave_unannotated(data: ForeignData, source: Path) -> None:
    """List the images that lie beside annotated ones and are not annotated themselves."""
    annotated = {record.image_path for record in data.records}
    for folder in sorted({path.parent for path in annotated}):
        for image, why in unannotated_in(folder, annotated, source).items():
            data.left_out.setdefault(image, why)
