"""What a reader gives: the images of a data set with their words, what was left out and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr.types import InputError, Record


class AnnotationError(InputError):
    """Something in an annotation file is wrong; the message names the file, image, word and value."""


@dataclass(frozen=True, slots=True)
class ForeignData:
    """A data set as another format has it: its polygons not yet clipped, repaired or put in order.

    Every reader makes one from the input that the user names: a folder, or a file where the format has one.

    One bad entry costs no other: `sparing` and `leaving_out` note what is wrong with it. What is wrong with a file of
    many images as a whole is raised.

    Attributes:
        records: the annotated images; ``image_path`` is where each lies, the size is what the annotation says of it,
            a polygon may have no point at all.
        left_out: why an image cannot be converted, by its path or by the name that the annotation gives it.
        faults: what is wrong with each entry (a region, row or word) that was left out, by the image that it is of, or
            by the annotation file where that is unknown.
        frames: regions without a text of their own that were drawn around words, and are left out.
        owners: the place in the annotation that each image was read from.
        joined: the files of many images each that were read together.
    """

    records: list[Record]
    left_out: dict[Path, str] = field(default_factory=dict)
    faults: dict[Path, list[str]] = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)
    owners: dict[Path, str] = field(default_factory=dict)
    joined: list[Path] = field(default_factory=list)

    @contextmanager
    def sparing(self, image: Path) -> Iterator[None]:
        """Read one entry of an image; an `AnnotationError` is noted, and the entry is left out."""
        try:
            yield
        except AnnotationError as error:
            self.faults.setdefault(image, []).append(str(error))

    @contextmanager
    def leaving_out(self, image: Path) -> Iterator[None]:
        """Read all of an image; an `AnnotationError` is noted, and the image is left out."""
        try:
            yield
        except AnnotationError as error:
            self.left_out[image] = f"is left out: {error}"


Sparing = Callable[[], AbstractContextManager[None]]
"""`ForeignData.sparing` of one image."""


def composed(name: str) -> str:
    """The spelling (NFC) that all names share which look the same."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def twins(where: str, names: Iterable[str]) -> AnnotationError:
    """What to tell where names differ in their spelling alone."""
    told = " and ".join(map(ascii, names))
    return AnnotationError(f"{where}: {told} look the same, they differ in Unicode's normal form alone; rename one")
