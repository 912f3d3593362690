"""Read files below a root that fsspec reaches: on this machine, over HTTP, in an object store, in memory.

Reads of remote files are limited in size and time, whatever the server claims.
"""

from __future__ import annotations

import html
import mmap
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urldefrag, urljoin

import fsspec
from fsspec.implementations.local import LocalFileSystem

from ocr.formats.native import MAX_BYTES, mapped
from ocr.images.files import MAX_BYTES as MAX_IMAGE
from ocr.types import InputError

Result = TypeVar("Result")

ATTEMPTS = 3
"""Attempts before a file counts as unreadable."""
PAUSE = 1.0
"""Seconds before the second attempt; doubled before the next."""
PIECE = 1 << 20
"""Bytes requested at once."""
SILENCE = 60.0
"""Seconds that a server may be silent, and that a request without content may take in total."""
SLOWEST = 10_000.0
"""Mean bytes per second that it must send after the first minute."""
LINK = re.compile(r"""href\s*=\s*["']([^"'<>]+)""", re.IGNORECASE)
MAX_PAGE = 1 << 26
"""Limit of a folder's page of links: 64 MiB, some hundred thousand files."""
UNLISTED = frozenset({403, 405})
"""Status codes of a web server that serves the files of a folder but not a listing."""


def is_remote(root: str) -> bool:
    """Whether a data folder is a URL rather than a path."""
    return "://" in root


class Files:
    """Files below a root. Holds no connection: each process and forked worker opens its own.

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
        """The file system, which fsspec caches for each process, and the root's path in it."""
        options = web_options(self.root.split(":", 1)[0]) if self.web else {}
        system, path = fsspec.core.url_to_fs(self.root, **options)
        return system, path.rstrip("/")

    def _at(self, name: str) -> tuple[Any, str]:
        system, root = self._system()
        return system, f"{root}/{quote(name) if self.web else name}"

    def names(self, folder: str) -> list[str]:
        """Sorted paths of all files below a folder, relative to it; empty if the folder is missing.

        For a web server these are the links on the folder's own page; empty if the server refuses to list it.
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
        """Whether the file exists."""

        def ask() -> bool:
            system, path = self._at(name)
            return bool(system.isfile(path) if not self.web else system.exists(path, timeout=SILENCE))

        return self._tried(name, ask)

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """A file's bytes, or a part of them.

        Raises:
            FileNotFoundError: it is missing.
            InputError: it cannot be read, or exceeds the limit of an image.
        """

        def fetch() -> bytes:
            system, path = self._at(name)
            return b"".join(pieces(system, path, MAX_IMAGE, start, end, web=self.web))

        return self._tried(name, fetch)

    def mapped(self, name: str) -> mmap.mmap | bytes:
        """A file's bytes, memory-mapped; a remote file is first copied to ``TMPDIR``.

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
        """Make a request, and repeat it if it fails, as networks do now and then.

        Each driver has its own errors, so all are caught.
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
                        "check address, permissions and network"
                    ) from error
                time.sleep(PAUSE * 2**attempt)
        raise AssertionError("the loop returns or raises")


@cache
def web_options(protocol: str) -> dict[str, Any]:
    """Options of a web server's file system: time-outs, and the user's fsspec settings."""
    import aiohttp  # noqa: PLC0415 - who reads no web server need not have it

    own = fsspec.config.conf.get(protocol, {}).get("client_kwargs", {})
    patience = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE, sock_read=SILENCE)
    return {"client_kwargs": {"timeout": patience, **own}}


def opened(system: Any, path: str, start: int | None, end: int | None, *, web: bool) -> Any:
    """Open a file for reading at ``start``.

    Raises:
        InputError: an ``https`` request was answered from an unencrypted address.
    """
    if not web:
        stream = system.open(path, "rb")
        stream.seek(start or 0)
        return stream
    part = {} if start is None or end is None else {"headers": {"Range": f"bytes={start}-{end - 1}"}}
    # Both numbers are dummies: block_size=0 makes the answer one stream, and a given size saves a request for it.
    stream = system.open(path, "rb", block_size=0, size=1, **part)
    if path.startswith("https:") and stream.r.url.scheme != "https":
        raise InputError(
            f"{path}: the server redirects to {stream.r.url}, which is not encrypted; give that address itself"
        )
    return stream


def pieces(
    system: Any, path: str, limit: int, start: int | None = None, end: int | None = None, *, web: bool
) -> Iterator[bytes]:
    """The bytes of a file, or of a part of it, piece by piece.

    Args:
        system: fsspec's file system.
        path: the file in it.
        limit: maximal number of bytes.
        start: the first byte; ``None``: that of the file.
        end: the byte after the last.
        web: whether it is a web server's file: a server may ignore the range, so one byte beyond ``end`` is read to
            detect that.

    Raises:
        InputError: there are more bytes, they come too slowly, or from an unencrypted address.
        Exception: the driver's own errors.
    """
    wanted = limit + 1 if end is None else end - (start or 0) + web
    began, found = time.monotonic(), 0
    with opened(system, path, start, end, web=web) as stream:
        while found < wanted and (piece := stream.read(min(PIECE, wanted - found))):
            found += len(piece)
            if found > limit:
                raise InputError(f"{path}: is larger than the limit of {limit} bytes; split it or make it smaller")
            seconds = time.monotonic() - began
            if seconds > SILENCE + found / SLOWEST:
                raise InputError(f"{path}: {found} bytes in {seconds:.0f} s is too slow; copy the data to this machine")
            yield piece


def links_below(page: str, address: str) -> set[str]:
    """Names of the files directly below an address, from the links on its page; the address ends with ``/``."""
    found = (urldefrag(urljoin(address, html.unescape(link))).url.partition("?")[0] for link in LINK.findall(page))
    names = {unquote(link.removeprefix(address)) for link in found if link.startswith(address)}
    return {name for name in names if name and "/" not in name}
