"""``data.dvc``, the small file under version control that says which bytes ``data/`` has to hold."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from ocr.utils.digest import DirectoryDigest, describe_directory, directory_entries
from ocr.utils.errors import InputError

SHOWN = 5
"""So many differing files are named in a message."""


class DigestError(InputError):
    """The data folder does not hold what its pointer says."""


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
    """Record the folder's present content, in the words that ``dvc add`` would write.

    Raises:
        FileNotFoundError: there is no such folder.
        DigestError: the folder does not lie beside the pointer or below.
    """
    folder = pointer.resolve().parent
    if not root.resolve().is_relative_to(folder):
        raise DigestError(f"{root} does not lie in {folder}, where {pointer.name} is to be; give pointer={root}.dvc")
    digest = describe_directory(root)
    path = root.resolve().relative_to(folder).as_posix()
    out = {"md5": digest.md5, "size": digest.size, "nfiles": digest.nfiles, "hash": "md5", "path": path}
    pointer.write_text(yaml.safe_dump({"outs": [out]}, sort_keys=False), encoding="utf-8")
    return digest


def verify(root: Path, pointer: Path) -> DirectoryDigest:
    """Hash every file of the folder and compare with the pointer.

    Raises:
        FileNotFoundError: the folder or the pointer is missing.
        DigestError: the content differs, or the pointer cannot be read; the message names files where DVC's cache
            knows them.
    """
    expected, found = read_pointer(pointer), describe_directory(root)
    if found == expected:
        return found
    raise DigestError(
        f"{root} is not what {pointer.name} says: expected {expected}, found {found}."
        f"{_differences(pointer, root, expected)}",
        f"To get the recorded data back, move {root.name}/ away and run `make data`; to record what is there now as "
        f"the project's data, run `make data-lock` and commit {pointer.name}.",
    )


def _differences(pointer: Path, root: Path, expected: DirectoryDigest) -> str:
    """A sentence for each kind of difference, where DVC's cache holds the recorded listing; else nothing."""
    listing = pointer.parent / ".dvc/cache/files/md5" / expected.md5[:2] / expected.md5[2:]
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
