"""A reader's result: the images of a data set with their words, what was left out and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr.types import InputError, Record


class AnnotationError(InputError):
    """An annotation file has an error; the message names the file, image, word and value."""


@dataclass(frozen=True, slots=True)
class ForeignData:
    """A data set read from another format: its polygons are not yet clipped, repaired or ordered.

    Every reader makes one from the input that the user names: a folder, or a file if the format has one.

    One bad entry does not affect the others: `sparing` and `leaving_out` record its error. An error that affects a
    whole file of many images is raised.

    Attributes:
        records: the annotated images; ``image_path`` is the image's path, the size is the one that the annotation
            states, a polygon may have no points.
        left_out: why an image cannot be converted, by its path or by its name in the annotation.
        faults: the error of each entry (a region, row or word) that was left out, by its image, or by the annotation
            file if the image is unknown.
        frames: regions without text that were drawn around words and are left out.
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
        """Read one entry of an image; an `AnnotationError` is recorded, and the entry is left out."""
        try:
            yield
        except AnnotationError as error:
            self.faults.setdefault(image, []).append(str(error))

    @contextmanager
    def leaving_out(self, image: Path) -> Iterator[None]:
        """Read a whole image; an `AnnotationError` is recorded, and the image is left out."""
        try:
            yield
        except AnnotationError as error:
            self.left_out[image] = f"is left out: {error}"


Sparing = Callable[[], AbstractContextManager[None]]
"""`ForeignData.sparing` of one image."""


def composed(name: str) -> str:
    """The NFC spelling, shared by all names that look the same."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def twins(where: str, names: Iterable[str]) -> AnnotationError:
    """The error for names that differ only in Unicode normal form."""
    listed = " and ".join(map(ascii, names))
    return AnnotationError(f"{where}: {listed} look the same, but differ in Unicode normal form; rename one")
