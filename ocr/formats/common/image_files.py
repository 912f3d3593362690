"""The images of a data set: where those that an annotation names lie, and which of a folder have none."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Container, Sequence
from pathlib import Path, PurePosixPath

from ocr.formats.common.base import AnnotationError, ForeignData, composed, twins
from ocr.formats.common.names import check_name, find
from ocr.images.files import SortedFiles
from ocr.types import Record

SYSTEM = re.compile(r"\.|__MACOSX$|@eaDir$")
"""How the folders are called that operating systems and editors leave."""
ByStem = dict[str, list[Path]]
"""Files by the stem of the image that they are, or are of, `composed`: those that share one are not told apart."""
FOREIGN = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|\\\\")
"""How a path of Windows or an address begins."""


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


def leave_unannotated(data: ForeignData, source: Path) -> None:
    """List the images that lie beside annotated ones and are not annotated themselves."""
    annotated = {record.image_path for record in data.records}
    for folder in sorted({path.parent for path in annotated}):
        for image, why in unannotated_in(folder, annotated, source).items():
            data.left_out.setdefault(image, why)
