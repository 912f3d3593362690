"""WildReceipt (Sun et al., 2021): a file of JSON lines, one per receipt.

``{"file_name": "image_files/Image_1/11/a.jpeg", "height": 1200, "width": 1600, "annotations": [{"box": [x1, y1, ...,
x4, y4], "text": "TOTAL", "label": 24}]}``. The label is a category: 0 is ``Ignore``, the odd ones up to 23 are values
(`FIELD_OF`), the even ones up to 24 the words that name them ("TOTAL"). Those have no field, nor has 25 (``Others``).
Paths are relative to the file's folder, which also has ``class_list.txt`` and ``dict.txt``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ocr.formats.common.base import ForeignData
from ocr.formats.common.listed import Row, decoded_row, label_files, read_listed
from ocr.formats.common.marks import unknown_losses
from ocr.formats.common.reading import Length, as_element, flat_polygon
from ocr.formats.common.rounding import plain_points, quad, shape_losses
from ocr.formats.common.writing import (
    item_losses,
    line_losses,
    no_place,
    place_images,
    renumbered,
    size_of,
    value_losses,
    write_whole,
)
from ocr.types import FloatArray, Record, Word

NOT_LABELS = frozenset({"class_list", "dict"})
LABELS = "labels.txt"
IMAGES = "image_files"
IGNORE, OTHERS = 0, 25
FIELD_OF: Mapping[int, str] = {
    1: "company",  # Store_name_value
    3: "address",  # Store_addr_value
    5: "phone",  # Tel_value
    7: "date",  # Date_value
    9: "time",  # Time_value
    11: "menu.nm",  # Prod_item_value
    13: "menu.cnt",  # Prod_quantity_value
    15: "menu.price",  # Prod_price_value
    17: "subtotal",  # Subtotal_value
    19: "tax",  # Tax_value
    21: "tips",  # Tips_value
    23: "total",  # Total_value
}
LABEL_OF = {field: label for label, field in FIELD_OF.items()}
LEVELS = 1
"""An image is searched only in the folder of its label file."""


class Annotation(msgspec.Struct):
    """One text as in a line."""

    box: Annotated[list[float], msgspec.Meta(min_length=8, max_length=8)]
    text: str
    label: int


class Receipt(msgspec.Struct):
    """One line, its texts not yet decoded."""

    file_name: str
    height: Length
    width: Length
    annotations: list[Any]


def read_wildreceipt(source: Path) -> ForeignData:
    """Read a label file, or those of a folder (``train.txt`` and ``test.txt``) together.

    Raises:
        AnnotationError: there is no label file, or one cannot be read.
    """
    paths = label_files(source, lambda path: path.stem not in NOT_LABELS, "train.txt or test.txt")
    return read_listed(source, paths, read_row, read_word, LEVELS)


def read_row(text: str, where: str) -> Row:
    """Read one line as an image with its words, which are not yet decoded."""
    receipt = decoded_row(text, Receipt, where)
    return Row(receipt.file_name, receipt.annotations, receipt.width, receipt.height)


def read_word(raw: Any, where: str) -> Word:
    """One word."""
    entry = as_element(raw, Annotation, where)
    ignore, field = entry.label == IGNORE, FIELD_OF.get(entry.label)
    return Word(flat_polygon(entry.box, where), entry.text, ignore=ignore, field=field)


def write_wildreceipt(records: Sequence[Record], output: Path, split: str) -> list[str]:
    """Write ``labels.txt`` and ``image_files/`` of a split into ``output/<split>/``.

    Texts have the label of their field, 25 (``Others``) if they have none, ignored ones 0.

    Returns:
        What the format cannot hold, with image, word and value.

    Raises:
        AnnotationError: two images have the same name.
    """
    folder = output / split
    images = place_images(records, folder / IMAGES)
    rows = [msgspec.json.encode(receipt(record, image)) for record, image in zip(records, images, strict=True)]
    write_whole(b"".join(row + b"\n" for row in rows), folder / LABELS)
    return [
        *shape_losses(records, quad),
        *unknown_losses(records),
        *line_losses(records),
        *no_place(records, "fields", lambda word: word.field if word.ignore or word.field not in LABEL_OF else None),
        *item_losses(records),
        *value_losses(records),
        *renumbered(records),
    ]


def receipt(record: Record, image: Path) -> Receipt:
    """The line of one image."""
    width, height = size_of(record, image)
    words = [annotation(word, quad(word.points_N2, record)) for word in record.words.values()]
    return Receipt(f"{IMAGES}/{image.name}", height, width, words)


def annotation(word: Word, points_42: FloatArray) -> Annotation:
    """A line's entry of one text."""
    box = [value for point in plain_points(points_42) for value in point]
    label = IGNORE if word.ignore else LABEL_OF.get(word.field or "", OTHERS)
    return Annotation(box, word.transcription or "", label)
