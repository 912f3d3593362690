"""``data.dvc``, the file under version control that records the contents of ``data/``, and DVC's cache.

The cache holds a listing of each recorded folder, and an object for each file, named after its MD5.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import yaml

from ocr.utils.digest import DirectoryDigest, describe_directory, directory_entries, file_md5
from ocr.utils.errors import InputError

SHOWN = 5
"""Maximum number of differing files or damaged objects named in a message."""


class DigestError(InputError):
    """The data folder does not match its pointer."""


def read_pointer(pointer: Path) -> DirectoryDigest:
    """The digest that a ``.dvc`` file records.

    Raises:
        FileNotFoundError: there is no such file.
        DigestError: the file is not a DVC 3 pointer to one folder.
    """
    try:
        (out,) = yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"]
        return DirectoryDigest(str(out["md5"]), int(out["size"]), int(out["nfiles"]))
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise DigestError(
            f"{pointer}: not a DVC pointer to one folder ({error!r}); restore it with `git checkout {pointer.name}`"
        ) from error


def write_pointer(root: Path, pointer: Path) -> DirectoryDigest:
    """Record the folder's current content, exactly as ``dvc add`` would.

    Raises:
        FileNotFoundError: there is no such folder.
        DigestError: the folder is not in the pointer's folder or below it.
    """
    folder = pointer.resolve().parent
    if not root.resolve().is_relative_to(folder):
        raise DigestError(f"{root} is not in {folder}, the folder of {pointer.name}; give pointer={root}.dvc")
    digest = describe_directory(root)
    path = root.resolve().relative_to(folder).as_posix()
    out = {"md5": digest.md5, "size": digest.size, "nfiles": digest.nfiles, "hash": "md5", "path": path}
    pointer.write_text(yaml.safe_dump({"outs": [out]}, sort_keys=False), encoding="utf-8")
    return digest


def verify(root: Path, pointer: Path) -> DirectoryDigest:
    """Hash every file of the folder and compare the result with the pointer.

    Raises:
        FileNotFoundError: the folder or the pointer is missing.
        DigestError: the content differs, or the pointer cannot be read; the message names the files if DVC's cache
            has their listing.
    """
    expected, found = read_pointer(pointer), describe_directory(root)
    if found == expected:
        return found
    raise DigestError(
        f"{root} does not match {pointer.name}: expected {expected}, found {found}."
        f"{_differences(pointer, root, expected)}",
        f"To get the recorded data back, move {root.name}/ away and run `make data`; to record the current content as "
        f"the project's data, run `make data-lock` and commit {pointer.name}.",
    )


def _differences(pointer: Path, root: Path, expected: DirectoryDigest) -> str:
    """Describe each kind of difference, if DVC's cache holds the recorded listing; otherwise return nothing."""
    listing = stored(pointer.parent / ".dvc" / "cache", expected.md5)
    if not listing.is_file():
        return ""
    recorded = {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_text(encoding="utf-8"))}
    present = directory_entries(root)
    kinds = {
        "missing": sorted(recorded.keys() - present.keys()),
        "not recorded": sorted(present.keys() - recorded.keys()),
        "changed": [name for name in recorded if name in present and recorded[name] != present[name]],
    }
    return "".join(
        f" {kind}: {', '.join(names[:SHOWN])}{f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''}."
        for kind, names in kinds.items()
        if names
    )


def damaged_objects(cache: Path, md5: str) -> Iterator[tuple[Path, str]]:
    """Find the cached objects of a recorded folder whose content does not match their name.

    Args:
        cache: DVC's cache folder.
        md5: the folder's digest, ``....dir``.

    Yields:
        The object and the data file that it stores.
    """
    listing = stored(cache, md5)
    if not listing.is_file():
        return
    if f"{file_md5(listing)}.dir" != md5:
        yield listing, "the file listing"
        return
    for entry in json.loads(listing.read_text(encoding="utf-8")):
        path = stored(cache, entry["md5"])
        if path.is_file() and file_md5(path) != entry["md5"]:
            yield path, entry["relpath"]


def holds(cache: Path, md5: str) -> bool:
    """Whether the cache has a recorded folder's listing and all its objects; their content is not checked."""
    listing = stored(cache, md5)
    if not listing.is_file():
        return False
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return all(stored(cache, entry["md5"]).is_file() for entry in entries)


def stored(cache: Path, md5: str) -> Path:
    """The path of the object with that digest in DVC 3's cache."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def listed(damaged: dict[str, str]) -> list[str]:
    """List the first damaged objects, one per line, and how many more there are."""
    lines = [f"  {name} ({file})" for name, file in list(damaged.items())[:SHOWN]]
    return [*lines, *([f"  and {len(damaged) - SHOWN} more"] if len(damaged) > SHOWN else [])]
