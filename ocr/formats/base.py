"""What every format has in common."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr.images.files import SortedFiles
from ocr.types import InputError, Record

SYSTEM = re.compile(r"\.|__MACOSX$|@eaDir$")
"""How the folders are called that operating systems and editors leave."""


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


ByStem = dict[str, list[Path]]
"""Files by the stem of the image that they are, or are of, `composed`: those that share one are not told apart."""


def images_in(folder: Path, left_out: dict[Path, str]) -> ByStem:
    """The images directly in a folder, sorted; what its files are, their content says.

    Args:
        folder: where they are.
        left_out: is given what may have been meant as an image and is none, and the folders in it, with the reason.

    Raises:
        AnnotationError: the folder is missing.
    """
    if not folder.is_dir():
        raise AnnotationError(f"{folder}: no such folder; the images are expected there")
    files = SortedFiles.of(path for path in sorted(folder.iterdir()) if not path.is_dir())
    left_out |= files.meant | folders_in(folder)
    found: ByStem = {}
    for path in files.images:
        found.setdefault(composed(path.stem), []).append(path)
    return found


def folders_in(folder: Path) -> dict[Path, str]:
    """The folders in one of which the files alone are read: how many files each holds. Systems' own are passed over."""
    told = {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and not SYSTEM.match(path.name)):
        files = sum(not name.startswith(".") for _, _, names in os.walk(path) for name in names)
        if files:
            told[path] = f"is a folder with {files} files, which are not read; put them into {folder} itself"
    return told


def same_stem(paths: Sequence[Path]) -> str:
    """Why files that share a stem are left out."""
    names = [path.name for path in paths]
    looks = {composed(name).lower() for name in names}
    told = " and ".join(names if len(looks) == len(names) else map(ascii, names))
    return f"is left out: {told} have one name but for ending or spelling; rename or remove all but one"


def check_stems(folder: Path) -> None:
    """Stop where two images in a folder differ in their ending or spelling alone.

    Raises:
        AnnotationError: two do.
    """
    for first, *others in images_in(folder, {}).values():
        if others and composed(first.name) == composed(others[0].name):
            raise twins(str(folder), (first.name, others[0].name))
        if others:
            raise AnnotationError(f"{others[0]}: {first.name} has the same name but for its ending; rename one")


def unannotated_in(folder: Path, annotated: Container[Path], source: Path) -> dict[Path, str]:
    """The images directly in a folder that an annotation does not name, and what may have been meant as one: why.

    Args:
        folder: where they are.
        annotated: the images that it names.
        source: the annotation, for the reason.
    """
    files = SortedFiles.of(p for p in sorted(folder.iterdir()) if p not in annotated and not p.is_dir())
    return dict.fromkeys(files.images, f"has no annotation in {source}") | files.meant
