"""Match names of images that look the same, whatever their Unicode normal form.

Unicode has several spellings of an accented letter: archives of macOS have names in which the accent follows the
letter (NFD), keyboards and most programs write one character (NFC).
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

from ocr.formats.common.base import AnnotationError, composed, twins

MAX_NAME = 255
"""Bytes that a file name may have on any file system."""
FURTHER_PAGE = re.compile(r"(.+)#([1-9]\d{0,8})", re.DOTALL)
Find = Callable[[Path, str], Path]
"""(folder, name in the annotation) -> path of the image, existing or not."""

PAGE_NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
"""Of PAGE XML, which is read as annotation and written as a document."""


def find(folder: Path, name: str) -> Path:
    """Path of the file or folder of this name, in whatever spelling; the path as spelt if there is none.

    Args:
        folder: the folder to search, taken as it is.
        name: a path in it, with ``/``.

    Raises:
        AnnotationError: there are several that differ only in spelling.
    """
    if name.isascii():
        return folder / name
    place = folder
    for part in PurePosixPath(name).parts:
        place = place / part if part.isascii() else namesake(place, part)
    return place


def spellings(name: str) -> list[str]:
    """A name as given, then its usual other spellings."""
    return list(dict.fromkeys((name, composed(name), unicodedata.normalize("NFD", name))))


def namesake(folder: Path, name: str) -> Path:
    """`find` for a name without folders."""
    there = [form for form in spellings(name) if os.path.lexists(folder / form)]
    if not there:  # some systems mix the forms
        try:
            there = [entry.name for entry in os.scandir(folder) if composed(entry.name) == composed(name)]
        except OSError:
            return folder / name
    if len({os.lstat(folder / form).st_ino for form in there}) > 1:  # on some systems both name the same file
        raise twins(str(folder), there)
    return folder / (there[0] if there else name)


def among(names: Iterable[str]) -> Find:
    """`find` over a list of names."""
    spelt: dict[str, list[str]] = {}
    for name in names:
        if not name.isascii():
            spelt.setdefault(composed(name), []).append(name)

    def find_listed(folder: Path, name: str) -> Path:
        there = spelt.get(composed(name), [])
        if len(there) > 1:
            raise twins(str(folder), there)
        return folder / (there[0] if there else name)

    return find_listed


class Spellings:
    """Collects names, no two of which may differ only in spelling: joining by name would pick one of them.

    Args:
        where: the owner of the names, for messages.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._spelt: dict[str, str] = {}

    def add(self, name: str) -> None:
        """Add a name.

        Raises:
            AnnotationError: it differs from an earlier one only in spelling.
        """
        if not name.isascii() and self._spelt.setdefault(composed(name), name) != name:
            raise twins(self.where, (self._spelt[composed(name)], name))


def check_spelling(names: Iterable[str], where: str) -> None:
    """Refuse names of which two differ only in spelling.

    Raises:
        AnnotationError: two names do.
    """
    spellings = Spellings(where)
    for name in names:
        spellings.add(name)


def check_name(name: str, where: str) -> None:
    """An image's name must not lead out of the image folder, and a file must be able to have it."""
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        raise AnnotationError(f"{where}: the name must be a path inside the image folder, without '..'; rename it")
    if "\0" in name or max(len(os.fsencode(part)) for part in parts) > MAX_NAME:
        raise AnnotationError(f"{where}: no file can have this name; rename it")


def in_order(name: str) -> tuple[PurePosixPath, int]:
    """Sort key of names: folder by folder, independent of spelling, the pages of a file by their numbers."""
    further = FURTHER_PAGE.fullmatch(name)
    file, number = further.groups() if further else (name, "1")
    return PurePosixPath(composed(file)), int(number)


def page_name(name: str, number: int) -> str:
    """The name of a page in results: the file's for the first, ``scan.pdf#2`` for the second."""
    return name if number == 1 else f"{name}#{number}"


def own_names(paths: Iterable[Path]) -> dict[Path, str]:
    """Unique names for images that are written to one folder.

    Names that would clash get as many parent folders' names as prefix as needed, starting with the image's own folder.

    Raises:
        AnnotationError: an image is listed twice, or no prefix distinguishes two images.
    """
    folders: dict[Path, int] = {}
    for path in paths:
        if path in folders:
            raise AnnotationError(f"{path}: is annotated twice; keep one of the annotations")
        folders[path] = 0
    while shared := [alike for alike in by_look(folders) if len(alike) > 1]:
        for alike in shared:
            if all(name_below(path, folders[path] + 1) == name_below(path, folders[path]) for path in alike):
                name = name_below(alike[0], folders[alike[0]])
                raise AnnotationError(f"{alike[1]}: {alike[0]} would be called {name} too; rename one of them")
            folders |= {path: folders[path] + 1 for path in alike}
    return {path: name_below(path, count) for path, count in folders.items()}


def by_look(folders: Mapping[Path, int]) -> list[list[Path]]:
    """Images grouped by their names, with that many folders as prefix, in NFC."""
    found: dict[str, list[Path]] = {}
    for path, count in folders.items():
        found.setdefault(composed(name_below(path, count)), []).append(path)
    return list(found.values())


def name_below(path: Path, folders: int) -> str:
    """An image's name with some of its folders' names as prefix."""
    return "_".join(path.relative_to(path.anchor).parts[-1 - folders :])
