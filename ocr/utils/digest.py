"""The content hash of a folder, as DVC 3 computes it for ``data.dvc``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DirectoryDigest:
    """The digest that DVC records for a folder.

    Attributes:
        md5: hash of the listing, 32 hexadecimal digits and ``.dir``.
        size: bytes of all files together.
        nfiles: number of files.
    """

    md5: str
    size: int
    nfiles: int

    def __str__(self) -> str:
        """The digest as shown in messages."""
        return f"{self.md5} ({self.nfiles} files, {self.size} bytes)"


def file_md5(path: Path) -> str:
    """MD5 of a file's bytes as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, hashlib.sha256).hexdigest()


def directory_files(root: Path) -> dict[str, Path]:
    """Every file below a folder by its path relative to it, in DVC's order: by the path as one string.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such data folder; run `make data` or give another data.root")
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return dict(sorted(found.items()))


def directory_entries(root: Path) -> dict[str, str]:
    """MD5 of every file below a folder by its relative path, in DVC's order."""
    return {name: file_md5(path) for name, path in directory_files(root).items()}


def listing_md5(entries: dict[str, str]) -> str:
    """The MD5 that DVC gives a folder, from the MD5 of its files in order: ``<32 hexadecimal digits>.dir``."""
    listing = json.dumps([{"md5": md5, "relpath": name} for name, md5 in entries.items()])
    return hashlib.md5(listing.encode(), usedforsecurity=False).hexdigest() + ".dir"


def directory_digest(root: Path) -> str:
    """The folder's MD5 in DVC's notation (``....dir``); reads every byte and does not need DVC.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    return listing_md5(directory_entries(root))


def describe_directory(root: Path) -> DirectoryDigest:
    """The folder's digest with its size and number of files, as recorded in ``data.dvc``.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    files = directory_files(root)
    return DirectoryDigest(directory_digest(root), sum(path.stat().st_size for path in files.values()), len(files))
