"""What every format has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr.types import InputError, Record

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


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
        owners: the place in the annotation that each image was read from.
    """

    records: list[Record]
    left_out: dict[Path, str] = field(default_factory=dict)
    faults: dict[Path, list[str]] = field(default_factory=dict)
    owners: dict[Path, str] = field(default_factory=dict)

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


def images_in(folder: Path) -> dict[str, Path]:
    """The images directly in a folder by their stem, sorted.

    Raises:
        AnnotationError: the folder is missing, or two images differ in their ending alone.
    """
    if not folder.is_dir():
        raise AnnotationError(f"{folder}: no such folder; the images are expected there")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMAGE_ENDINGS:
            continue
        if path.stem in found:
            raise AnnotationError(f"{path}: {found[path.stem].name} has the same name but for its ending; rename one")
        found[path.stem] = path
    return found
