"""What the readers of other formats share: JSON files and their elements, image names, polygons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from ocr.formats.base import IMAGE_ENDINGS, AnnotationError, ForeignData
from ocr.formats.native import SHOWN, check_name
from ocr.formats.regular import NotReadableError, read_regular
from ocr.types import FloatArray, Record

T = TypeVar("T")

MAX_BYTES = 1 << 31
"""Of a JSON file: 2 GiB, as it is decoded whole."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_json(path: Path, kind: type[T], form: str) -> T:
    """Decode a JSON file into msgspec's types.

    Args:
        path: the file; a byte order mark is no fault.
        kind: what the file holds.
        form: what the file should be, for the message, as in ``COCO annotations``.

    Raises:
        AnnotationError: the file cannot be read, is no JSON, has another form or is nested too deeply.
    """
    try:
        return msgspec.json.decode(read_regular(path, MAX_BYTES).removeprefix(BYTE_ORDER_MARK), type=kind)
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
    """Make a decoded JSON value one element of a file.

    Raises:
        AnnotationError: the element has another form; the message says where it is, what is wrong and the value.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise AnnotationError(f"{where}: {error}, is {shown(raw)}; correct or remove it") from error


def shown(value: object) -> str:
    """A value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."


def polygon(points: Iterable[Sequence[float]]) -> FloatArray:
    """Points as float32 (N, 2), pixels, not looked into: what is out of float32's range becomes infinite."""
    with np.errstate(over="ignore"):
        return np.array(list(points), np.float64).reshape(-1, 2).astype(np.float32)


def flat_polygon(numbers: Sequence[float], where: str) -> FloatArray:
    """A polygon (N, 2) from ``x1, y1, x2, y2, ...``.

    Raises:
        AnnotationError: the count is odd.
    """
    if len(numbers) % 2:
        raise AnnotationError(f"{where}: {shown(list(numbers))} has {len(numbers)} numbers; x and y must come in pairs")
    return polygon(zip(numbers[::2], numbers[1::2], strict=True))


def box_polygon(x: float, y: float, width: float, height: float) -> FloatArray:
    """The four corners (4, 2) of an upright box, clockwise from top left."""
    return polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def locate(name: str, folders: Sequence[Path], where: str) -> Path:
    """Where an image is: in the first folder that has it, else where it is missing, in the first folder that exists.

    Raises:
        AnnotationError: the name leads out of the folder, or no file can have it.
    """
    check_name(name, where)
    expected = next((folder for folder in folders if folder.is_dir()), folders[0])
    return next((folder / name for folder in folders if is_there(folder / name)), expected / name)


def is_there(path: Path) -> bool:
    """Whether it is a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except OSError:  # the name is too long
        return False


def add_record(data: ForeignData, record: Record, source: Path) -> None:
    """Take an image with its words, or leave it out where the image is missing."""
    if is_there(record.image_path):
        data.records.append(record)
    else:
        data.left_out[record.image_path] = f"is annotated in {source} but missing"


def leave_unannotated(data: ForeignData, source: Path) -> None:
    """List the images that lie beside annotated ones and are not annotated themselves."""
    annotated = {record.image_path for record in data.records}
    for folder in sorted({path.parent for path in annotated}):
        for image in sorted(folder.iterdir()):
            if image.suffix.lower() in IMAGE_ENDINGS and image not in annotated:
                data.left_out.setdefault(image, f"has no annotation in {source}")
