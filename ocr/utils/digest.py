"""The content hash of a folder, as DVC computes it for ``data.dvc``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def file_md5(path: Path) -> str:
    """MD5 of a file's bytes as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def directory_entries(root: Path) -> list[dict[str, str]]:
    """``md5`` and ``relpath`` of every file below a folder, in DVC's order."""
    files = sorted(
        ((path.relative_to(root).parts, path) for path in root.rglob("*") if path.is_file()), key=lambda item: item[0]
    )
    return [{"md5": file_md5(path), "relpath": "/".join(parts)} for parts, path in files]


def directory_digest(root: Path) -> str:
    """The folder's MD5 in DVC's notation (``....dir``).

    DVC 3 hashes the JSON list of the files' hashes and relative paths, ordered by path.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such data folder; run `make data` or give another data.root")
    listing = json.dumps(directory_entries(root), sort_keys=True)
    return hashlib.md5(listing.encode(), usedforsecurity=False).hexdigest() + ".dir"
