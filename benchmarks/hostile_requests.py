"""Requests that a service should refuse without harm, each with the statuses that are right for it."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import random
import socket
import zlib
from collections.abc import Callable, Iterable, Mapping

from PIL import Image

PATIENCE_S = 120.0
Address = tuple[str, int]
Send = Callable[[Address, bytes, random.Random], int]
"""Sends a request made from an image's bytes and returns the status; 0: the connection was closed without one."""


def post(
    address: Address, body: bytes | Iterable[bytes], path: str = "/read", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """POST a body; status, headers and content."""
    with contextlib.closing(http.client.HTTPConnection(*address, timeout=PATIENCE_S)) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # answered before all was sent
            connection.request("POST", path, body, headers, encode_chunked="Transfer-Encoding" in headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def raw(address: Address, *parts: bytes) -> int:
    """Send bytes and wait until the other side closes the connection; the status."""
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        for part in parts:
            connection.sendall(part)
        said = connection.makefile("rb").read()
    return int(said.split(b" ", 2)[1]) if said else 0


def body(make: Callable[[bytes, random.Random], bytes]) -> Send:
    """A request with a hostile body."""
    return lambda address, image, rng: post(address, make(image, rng))[0]


def truncated(image: bytes, rng: random.Random) -> bytes:
    """The beginning of an image."""
    return image[: rng.randrange(1, len(image))]


def flipped(image: bytes, rng: random.Random) -> bytes:
    """An image with some bytes changed, those of the header most likely."""
    content = bytearray(image)
    for _ in range(rng.randrange(1, 9)):
        content[rng.randrange(64 if rng.random() < 0.5 else len(content))] = rng.randrange(256)
    return bytes(content)


def claimed(*_: object) -> bytes:
    """A PNG of a few bytes whose header promises 3.6 billion pixels."""
    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, "PNG")
    head = bytearray(file.getvalue())
    head[16:24] = (60_000).to_bytes(4) * 2
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4)
    return bytes(head)


@functools.cache
def packed(*_: object) -> bytes:
    """A PNG of 300 million white pixels, which takes 900 MB when it is decoded."""
    file = io.BytesIO()
    Image.new("1", (20_000, 15_000), 1).save(file, "PNG")
    return file.getvalue()


@functools.cache
def pdf(pages: int, side: int) -> bytes:
    """A PDF of empty pages, each ``side`` points wide and high."""
    kids = " ".join(f"{number} 0 R" for number in range(3, pages + 3))
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {side} {side}]/Contents {pages + 3} 0 R>>"
    draw = "0 0 9 9 re f"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>", *[page] * pages]
    objects.append(f"<</Length {len(draw)}>>stream\n{draw}\nendstream")
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj{each}endobj\n".encode()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(content)}\n%%EOF"
    return content + f"xref\n0 {size}\n0000000000 65535 f \n{rows}{trailer}".encode()


def looping_tiff(image: bytes, rng: random.Random) -> bytes:  # noqa: ARG001 - as the others
    """A TIFF whose page names itself as the next one."""
    file = io.BytesIO()
    Image.new("L", (30, 40), 255).save(file, "TIFF")
    content = bytearray(file.getvalue())
    place = int.from_bytes(content[4:8], "little")
    entries = int.from_bytes(content[place : place + 2], "little")
    content[place + 2 + 12 * entries : place + 6 + 12 * entries] = content[4:8]
    return bytes(content)


def large(address: Address, image: bytes, rng: random.Random) -> int:  # noqa: ARG001 - as the others
    """100 MB."""
    return post(address, bytes(100_000_000))[0]


def endless(address: Address, image: bytes, rng: random.Random) -> int:  # noqa: ARG001 - as the others
    """A body in chunks that does not end before 100 MB."""
    chunks = (bytes(100_000) for _ in range(1000))
    return post(address, chunks, **{"Transfer-Encoding": "chunked"})[0]


def slow_body(address: Address, image: bytes, rng: random.Random) -> int:  # noqa: ARG001 - as the others
    """A body that stops in its middle."""
    head = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(image)
    return raw(address, head, image[: len(image) // 2])


def slow_head(address: Address, image: bytes, rng: random.Random) -> int:  # noqa: ARG001 - as the others
    """Headers that do not end."""
    return raw(address, b"POST /read HTTP/1.1\r\nHost: a\r\nX-", b"a: b\r\n")


def dropped(address: Address, image: bytes, rng: random.Random) -> int:
    """A client that goes away in the middle of its body, or before it has the answer."""
    head = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(image)
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        connection.sendall(head + image[: rng.choice((len(image) // 2, len(image)))])
    return 0


def form(address: Address, image: bytes, rng: random.Random) -> int:  # noqa: ARG001 - as the others
    """A form."""
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n' + image + b"\r\n--x--\r\n"
    return post(address, part, **{"Content-Type": "multipart/form-data; boundary=x"})[0]


TEXTS = (b"hello", b"<html><script>alert(1)</script>", b"PK\x03\x04" + bytes(100), bytes(10_000))
HOSTILE: Mapping[str, tuple[Send, frozenset[int]]] = {
    "truncated image": (body(truncated), frozenset({200, 422})),
    "flipped bytes": (body(flipped), frozenset({200, 422})),
    "PNG that promises 3.6 billion pixels": (body(claimed), frozenset({422})),
    "PNG of 300 million pixels": (body(packed), frozenset({422})),
    "wrong type": (body(lambda _, rng: rng.choice(TEXTS)), frozenset({422})),
    "empty body": (body(lambda *_: b""), frozenset({400})),
    "PDF of 10,000 pages": (body(lambda *_: pdf(10_000, 200)), frozenset({422})),
    "PDF of 5 x 5 m": (body(lambda *_: pdf(1, 14_400)), frozenset({422})),
    "TIFF in a loop": (body(looping_tiff), frozenset({200, 422})),
    "100 MB": (large, frozenset({413})),
    "endless chunks": (endless, frozenset({413})),
    "slow body": (slow_body, frozenset({408})),
    "slow headers": (slow_head, frozenset({0})),
    "client that goes away": (dropped, frozenset({0})),
    "form": (form, frozenset({415})),
    "no HTTP": (lambda address, *_: raw(address, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"), frozenset({400})),
    "unknown option": (lambda address, image, _: post(address, image, "/read?formats=pdf")[0], frozenset({400})),
    "name with a line end": (lambda address, image, _: post(address, image, "/read?name=a%0Ab")[0], frozenset({422})),
}
"""By name how it is sent, and the statuses that are right."""
