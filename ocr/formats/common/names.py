"""Names of images that look the same are the same, however they are spelt.

Unicode has several spellings of a letter with a mark: archives of macOS hold names whose marks stand behind their
letters (NFD), keyboards and most programs write one character for both (NFC).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

from ocr.formats.common.base import AnnotationError, composed, twins

MAX_NAME = 255
"""Bytes of a file's name on any file system."""
Find = Callable[[Path, str], Path]
"""A folder and the name that an annotation gives -> where the image is, or would be."""


def find(folder: Path, name: str) -> Path:
    """The file or folder below a folder that has the name, however it is spelt; where it would be, if there is none.

    Args:
        folder: taken as it is.
        name: a path in it, with ``/``.

    Raises:
        AnnotationError: there are several, which differ in their spelling alone.
    """
    if name.isascii():
        return folder / name
    place = folder
    for part in PurePosixPath(name).parts:
        place = place / part if part.isascii() else namesake(place, part)
    return place


def spellings(name: str) -> list[str]:
    """A name as it is given, then its usual other spellings."""
    return list(dict.fromkeys((name, composed(name), unicodedata.normalize("NFD", name))))


def namesake(folder: Path, name: str) -> Path:
    """`find` of a name without folders."""
    there = [form for form in spellings(name) if os.path.lexists(folder / form)]
    if not there:  # some systems mix the forms
        try:
            there = [entry.name for entry in os.scandir(folder) if composed(entry.name) == composed(name)]
        except OSError:
            return folder / name
    if len({os.lstat(folder / form).st_ino for form in there}) > 1:  # a system may take both for the same file
        raise twins(str(folder), there)
    return folder / (there[0] if there else name)


def among(names: Iterable[str]) -> Find:
    """`find` where a list of names says what is there."""
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
    """Names so far, none of which may be another's in a different spelling: joining by name would choose one of them.

    Args:
        where: whose names they are, for messages.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._spelt: dict[str, str] = {}

    def add(self, name: str) -> None:
        """Take a further name.

        Raises:
            AnnotationError: it differs from one before in its spelling alone.
        """
        if not name.isascii() and self._spelt.setdefault(composed(name), name) != name:
            raise twins(self.where, (self._spelt[composed(name)], name))


def check_spelling(names: Iterable[str], where: str) -> None:
    """Stop where two names differ in their spelling alone.

    Raises:
        AnnotationError: two do.
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


def in_order(name: str) -> PurePosixPath:
    """By which names are sorted, folder by folder, the same however they are spelt."""
    return PurePosixPath(composed(name))


def own_names(paths: Iterable[Path]) -> dict[Path, str]:
    """All images come into one folder, so that each needs a name of its own: of several, with folders before it.

    As many of its folders as tell it from the others, from the image's own upwards.

    Raises:
        AnnotationError: an image comes twice, or no folder tells two apart.
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
    """Images whose names, with so many of their folders before them, look the same."""
    found: dict[str, list[Path]] = {}
    for path, count in folders.items():
        found.setdefault(composed(name_below(path, count)), []).append(path)
    return list(found.values())


def name_below(path: Path, folders: int) -> str:
    """An image's name with those of some of its folders before it."""
    return "_".join(path.relative_to(path.anchor).parts[-1 - folders :])
