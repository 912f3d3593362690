"""What DVC's cache holds of a recorded folder: a list of its files, and an object for each, named after its MD5."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ocr.utils.digest import file_md5

SHOWN = 5
"""So many damaged objects are named in a message."""


def damaged_objects(cache: Path, md5: str) -> Iterator[tuple[Path, str]]:
    """The objects of one recorded folder that are in the cache but do not hold what their name says.

    Args:
        cache: DVC's cache folder.
        md5: the folder's digest, ``....dir``.

    Yields:
        The object and the file of the folder that it stands for.
    """
    listing = stored(cache, md5)
    if not listing.is_file():
        return
    if f"{file_md5(listing)}.dir" != md5:
        yield listing, "the list of the files"
        return
    for entry in json.loads(listing.read_text(encoding="utf-8")):
        path = stored(cache, entry["md5"])
        if path.is_file() and file_md5(path) != entry["md5"]:
            yield path, entry["relpath"]


def holds(cache: Path, md5: str) -> bool:
    """The cache has the list of a recorded folder and an object for each of its files, whatever is in them."""
    listing = stored(cache, md5)
    if not listing.is_file():
        return False
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return all(stored(cache, entry["md5"]).is_file() for entry in entries)


def stored(cache: Path, md5: str) -> Path:
    """Where DVC 3 keeps the object of that digest."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def named(damaged: dict[str, str]) -> list[str]:
    """A line for each of the first damaged objects, and how many more there are."""
    lines = [f"  {name} ({file})" for name, file in list(damaged.items())[:SHOWN]]
    return [*lines, *([f"  and {len(damaged) - SHOWN} more"] if len(damaged) > SHOWN else [])]
