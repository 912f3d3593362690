"""Files below a folder, wherever fsspec finds it: on this machine, behind HTTP, in an object store, in memory."""

from __future__ import annotations

import mmap
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import fsspec
from fsspec.implementations.local import LocalFileSystem

from ocr.data.bounded import SILENCE, links_below, pieces, web_options
from ocr.formats.native import MAX_BYTES, mapped
from ocr.images.files import MAX_BYTES as MAX_IMAGE
from ocr.types import InputError

Result = TypeVar("Result")

ATTEMPTS = 3
"""How often a request is made before the file counts as not readable."""
PAUSE = 1.0
"""Seconds before the second attempt; twice as many before the next."""


MAX_PAGE = 1 << 26
"""Bytes of a folder's page of links: 64 MiB, some hundred thousand files."""
UNLISTED = frozenset({403, 405})
"""What a web server answers that serves the files of a folder and not the folder's page."""


def is_remote(root: str) -> bool:
    """Whether a data folder is an address and not a path."""
    return "://" in root


class Files:
    """Files below a root. Holds no connection: each process, and each forked worker, opens its own.

    Args:
        root: a path, or an address such as ``s3://bucket/receipts`` or ``https://host/receipts``.

    Raises:
        InputError: the protocol is unknown, or the package for it is not installed.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.web = root.startswith(("http://", "https://"))
        try:
            self._system()
        except (ImportError, ValueError) as error:
            raise InputError(
                f"data.root={root}: {error}; fsspec reaches no such file system here: install the "
                "package for it, or copy the data to this machine"
            ) from error

    def _system(self) -> tuple[Any, str]:
        """The file system, which fsspec keeps one of for each process, and the root's path in it."""
        options = web_options(self.root.split(":", 1)[0]) if self.web else {}
        system, path = fsspec.core.url_to_fs(self.root, **options)
        return system, path.rstrip("/")

    def _at(self, name: str) -> tuple[Any, str]:
        system, root = self._system()
        return system, f"{root}/{quote(name) if self.web else name}"

    def names(self, folder: str) -> list[str]:
        """The files in a folder and those below it, by their path in the folder, sorted; none where it is not there.

        A web server tells what it has where it lists a folder as a page of links, and is asked for this one alone;
        where it refuses to, nobody knows of any.
        """

        def find() -> list[str]:
            system, path = self._at(folder)
            if self.web:
                try:
                    page = b"".join(pieces(system, f"{path}/", MAX_PAGE, web=True))
                except Exception as error:  # the driver's own, which has the status
                    if getattr(error, "status", None) in UNLISTED:
                        return []
                    raise
                return list(links_below(page.decode(errors="replace"), f"{path}/"))
            return [str(found)[len(path) :].lstrip("/") for found in system.find(path)]

        try:
            return sorted(self._tried(folder, find))
        except FileNotFoundError:
            return []

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

        def ask() -> bool:
            system, path = self._at(name)
            return bool(system.isfile(path) if not self.web else system.exists(path, timeout=SILENCE))

        return self._tried(name, ask)

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """A file's bytes, or a part of them.

        Raises:
            FileNotFoundError: it is not there.
            InputError: it cannot be read, or is larger than an image may be.
        """

        def fetch() -> bytes:
            system, path = self._at(name)
            return b"".join(pieces(system, path, MAX_IMAGE, start, end, web=self.web))

        return self._tried(name, fetch)

    def mapped(self, name: str) -> mmap.mmap | bytes:
        """A file's bytes, which need not lie in memory: a remote file is copied to ``TMPDIR`` for as long.

        Raises:
            InputError: it cannot be read.
        """

        def fetch() -> mmap.mmap | bytes:
            system, path = self._at(name)
            if isinstance(system, LocalFileSystem):
                return mapped(Path(path))
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / "copy"
                with copy.open("wb") as stream:
                    stream.writelines(pieces(system, path, MAX_BYTES, web=self.web))
                return mapped(copy)

        return self._tried(name, fetch)

    def _tried(self, name: str, request: Callable[[], Result]) -> Result:
        """Make a request, again where it fails: a network does so now and then, and a file that is there is no error.

        Each driver has errors of its own, hence all of them are caught.
        """
        for attempt in range(ATTEMPTS):
            try:
                return request()
            except (FileNotFoundError, InputError):
                raise
            except Exception as error:
                if attempt == ATTEMPTS - 1:
                    raise InputError(
                        f"{self.root}/{name}: cannot be read, {ATTEMPTS} times ({type(error).__name__}: {error}); "
                        "check address, rights and network"
                    ) from error
                time.sleep(PAUSE * 2**attempt)
        raise AssertionError("the loop returns or raises")
