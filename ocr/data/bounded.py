"""Bytes of a remote file, no more than are wanted, whatever its server says of their number, and not for ever."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import fsspec

from ocr.types import InputError

PIECE = 1 << 20
"""Bytes that are asked for at once."""
SILENCE = 60.0
"""Seconds that a server may say nothing, and that a question without an answer's content may take in all."""
SLOWEST = 10_000.0
"""Bytes a second that it must send after the first minute, on the mean."""
LINK = re.compile(r"""href\s*=\s*["']([^"'<>]+)""", re.IGNORECASE)


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
