"""Files below a folder, wherever fsspec finds it: on this machine, behind HTTP, in an object store, in memory.

Of a remote file no more bytes are taken than are wanted, whatever its server says of their number, and not for ever.
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
"""How often a request is made before the file counts as not readable."""
PAUSE = 1.0
"""Seconds before the second attempt; twice as many before the next."""
PIECE = 1 << 20
"""Bytes that are asked for at once."""
SILENCE = 60.0
"""Seconds that a server may say nothing, and that a question without an answer's content may take in all."""
SLOWEST = 10_000.0
"""Bytes a second that it must send after the first minute, on the mean."""
LINK = re.compile(r"""href\s*=\s*["']([^"'<>]+)""", re.IGNORECASE)
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

        A web server may list a folder as a page of links, and is asked for this one alone; where it refuses to, the
        list is empty.
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


@cache
def web_options(protocol: str) -> dict[str, Any]:
    """What a web server's file system is made with: time-outs, beside what the user set up for fsspec."""
    import aiohttp  # noqa: PLC0415 - who reads no web server need not have it

    own = fsspec.config.conf.get(protocol, {}).get("client_kwargs", {})
    patience = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE, sock_read=SILENCE)
    return {"client_kwargs": {"timeout": patience, **own}}


def opened(system: Any, path: str, start: int | None, end: int | None, *, web: bool) -> Any:
    """A file, open for reading where a part begins.

    Raises:
        InputError: a server's answer came from an address without encryption, where one with it was asked.
    """
    if not web:
        stream = system.open(path, "rb")
        stream.seek(start or 0)
        return stream
    part = {} if start is None or end is None else {"headers": {"Range": f"bytes={start}-{end - 1}"}}
    # Neither of the two numbers is used: without blocks the answer is one stream, and nobody asks for its size before.
    stream = system.open(path, "rb", block_size=0, size=1, **part)
    if path.startswith("https:") and stream.r.url.scheme != "https":
        raise InputError(
            f"{path}: the server sends to {stream.r.url}, which is not encrypted; give that address itself"
        )
    return stream


def pieces(
    system: Any, path: str, limit: int, start: int | None = None, end: int | None = None, *, web: bool
) -> Iterator[bytes]:
    """The bytes of a file, or of a part of it, one piece after the other.

    Args:
        system: fsspec's file system.
        path: the file in it.
        limit: bytes that there may be.
        start: the first byte; ``None``: of the file.
        end: the byte behind the last.
        web: it is a web server's, which may send anything, whatever was asked for: one byte beyond ``end`` is read, by
            which the reader sees it.

    Raises:
        InputError: there are more, they come too slowly, or from elsewhere.
        Exception: the driver's own.
    """
    wanted = limit + 1 if end is None else end - (start or 0) + web
    began, found = time.monotonic(), 0
    with opened(system, path, start, end, web=web) as stream:
        while found < wanted and (piece := stream.read(min(PIECE, wanted - found))):
            found += len(piece)
            if found > limit:
                raise InputError(f"{path}: has more than the {limit} bytes that are read; split it or make it smaller")
            seconds = time.monotonic() - began
            if seconds > SILENCE + found / SLOWEST:
                raise InputError(f"{path}: {found} bytes came in {seconds:.0f} seconds; copy the data to this machine")
            yield piece


def links_below(page: str, address: str) -> set[str]:
    """Names of the files directly below an address that a page of links there names; the address ends with ``/``."""
    found = (urldefrag(urljoin(address, html.unescape(link))).url.partition("?")[0] for link in LINK.findall(page))
    names = {unquote(link.removeprefix(address)) for link in found if link.startswith(address)}
    return {name for name in names if name and "/" not in name}
