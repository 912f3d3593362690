"""Find the images that an annotation names, and those of a folder that have no annotation."""

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
"""Names of the folders that operating systems and editors create."""
ByStem = dict[str, list[Path]]
"""Files by the `composed` stem of their image; files that share a stem cannot be distinguished."""
FOREIGN = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|\\\\")
"""Start of a Windows path or a URL."""


def images_in(folder: Path, left_out: dict[Path, str]) -> ByStem:
    """The images directly in a folder, sorted; files are recognised by their content.

    Args:
        folder: the folder.
        left_out: gets sub-folders, and files that may have been intended as images but are not, with the reason.

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
    """The sub-folders, which are not read, with their number of files; those of operating systems are skipped."""
    faults = {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and not SYSTEM.match(path.name)):
        files = sum(not name.startswith(".") for _, _, names in os.walk(path) for name in names)
        if files:
            faults[path] = f"is a folder with {files} files, which are not read; move them to {folder} itself"
    return faults


def same_stem(paths: Sequence[Path]) -> str:
    """Why files that share a stem are left out."""
    names = [path.name for path in paths]
    looks = {composed(name).lower() for name in names}
    listed = " and ".join(names if len(looks) == len(names) else map(ascii, names))
    return f"is left out: the names {listed} differ only in extension or spelling; rename or remove all but one"


def check_stems(folder: Path) -> None:
    """Refuse a folder in which the names of two images differ only in extension or spelling.

    Raises:
        AnnotationError: two names do.
    """
    for first, *others in images_in(folder, {}).values():
        if others and composed(first.name) == composed(others[0].name):
            raise twins(str(folder), (first.name, others[0].name))
        if others:
            raise AnnotationError(f"{others[0]}: {first.name} differs only in its extension; rename one")


def unannotated_in(folder: Path, annotated: Container[Path], source: Path) -> dict[Path, str]:
    """Unannotated images directly in a folder, and files that may have been intended as images, with the reason.

    Args:
        folder: the folder.
        annotated: the images that the annotation names.
        source: the annotation, for the reason.
    """
    files = SortedFiles.of(p for p in sorted(folder.iterdir()) if p not in annotated and not p.is_dir())
    return dict.fromkeys(files.images, f"has no annotation in {source}") | files.meant


def locate(name: str, folders: Sequence[Path], where: str, above: Sequence[Path] = ()) -> Path:
    """Path of an image: in the first folder that has it, else the path that it should have in the first folder.

    A path that is absolute, a URL, or leads out of the folder comes from another machine: the image is looked up by the
    longest suffix of it, down to the bare file name. Nothing outside the folders is ever found.

    Args:
        name: the image's name in the annotation.
        folders: those of the data set.
        where: the name's place, for messages.
        above: further folders, for plain paths only, as they are not part of the data set.

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
            f"{where}: the name leads out of the image folder, and no suffix of it is in {expected}; put the image "
            "there, or name it by a path inside the image folder, without '..'"
        )
    return found or expected / name


def by_end(name: str, folders: Sequence[Path]) -> Path | None:
    """The image that the longest suffix of a path leads to, in any of the folders; never outside them."""
    parts = PurePosixPath(posixpath.normpath(name.replace("\\", "/"))).parts
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    ends = [tail for tail in tails if is_inside(tail)]
    places = (find(folder, end) for end in ends for folder in folders)
    return next((place for place in places if is_there(place)), None)


def is_inside(name: str) -> bool:
    """Whether a name is a plain relative path on this machine."""
    return not (PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or FOREIGN.match(name))


def is_there(path: Path) -> bool:
    """Whether it is a file; ``False`` for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:  # the name is too long
        return False


def add_record(data: ForeignData, record: Record, where: object) -> None:
    """Add an image with its words, or leave it out if it is missing, already added, or none of its entries is readable.

    An image whose entries were all left out does not count as one without text.
    """
    image = record.image_path
    faulty = len(data.faults.get(image, ()))
    if image in data.owners:
        fault = f"{where}: {image.name!r} is in {data.owners[image]} too; keep one of them"
        data.faults.setdefault(image, []).append(fault)
        return
    data.owners[image] = str(where)
    if not is_there(image):
        data.left_out[image] = f"is annotated in {where} but missing"
    elif faulty and not record.words:
        data.left_out[image] = f"is left out: none of its entries in {where} can be read, {faulty} are wrong"
    else:
        data.records.append(record)


def leave_unannotated(data: ForeignData, source: Path) -> None:
    """Add the unannotated images in the folders of annotated ones to those left out."""
    annotated = {record.image_path for record in data.records}
    for folder in sorted({path.parent for path in annotated}):
        for image, why in unannotated_in(folder, annotated, source).items():
            data.left_out.setdefault(image, why)
