"""Clients for which uvicorn would wait for ever, on a server in this process with one short limit."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from ocr.service import protocol
from patience import PATIENCE_S, wait_until

LARGE = 100_000_000
"""Bytes of an answer: more than the system holds for a connection."""
SIZES = {"/": (LARGE, 100), "/whole": (LARGE, 1), "/small": (60_000, 1)}
"""The answers by their paths: bytes, and in how many pieces."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    """A server whose answers are large, and whose limits are those of the tests."""
    monkeypatch.setattr(protocol, "HEADERS_S", PATIENCE_S)
    monkeypatch.setattr(protocol, "READ_S", PATIENCE_S)

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        length, pieces = SIZES[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % length)]})
        for _ in range(pieces):
            await send({"type": "http.response.body", "body": bytes(length // pieces), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    settings: dict[str, Any] = {"port": 0, "lifespan": "off", "log_config": None, "ws": "none"}
    server = uvicorn.Server(uvicorn.Config(app, http=protocol.TimedProtocol, **settings))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server
    server.should_exit = True
    thread.join()


def connected(server: uvicorn.Server) -> socket.socket:
    return socket.create_connection(server.servers[0].sockets[0].getsockname(), timeout=PATIENCE_S)


@pytest.mark.parametrize("path", SIZES)
def test_a_client_that_does_not_read_is_disconnected(
    monkeypatch: pytest.MonkeyPatch, served: uvicorn.Server, path: str
) -> None:
    """Also one whose answer is written in full as far as the server can see."""
    monkeypatch.setattr(protocol, "READ_S", 0.3)
    served.servers[0].sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the smallest there is
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.connect(served.servers[0].sockets[0].getsockname())
        client.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
        wait_until(lambda: served.server_state.total_requests or served.server_state.tasks)
        wait_until(lambda: not served.server_state.connections)


def test_a_client_that_reads_slowly_has_all_of_it(monkeypatch: pytest.MonkeyPatch, served: uvicorn.Server) -> None:
    """It takes several of the periods in which it has to read some."""
    looked = threading.Event()
    end_unread = protocol.TimedProtocol._end_unread

    def look(self: protocol.TimedProtocol, unsent: int) -> None:
        end_unread(self, unsent)
        looked.set()

    monkeypatch.setattr(protocol, "READ_S", 2.0)
    monkeypatch.setattr(protocol.TimedProtocol, "_end_unread", look)
    with connected(served) as client:
        client.sendall(b"GET /whole HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = 0
        for several in (LARGE // 4, LARGE // 2):
            while received < several:
                received += len(client.recv(1_000_000))
            looked.clear()
            assert looked.wait(PATIENCE_S)
        while part := client.recv(1_000_000):
            received += len(part)
    assert received > LARGE


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-"])
def test_a_client_without_a_request_is_disconnected(
    monkeypatch: pytest.MonkeyPatch, served: uvicorn.Server, begun: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEADERS_S", 0.3)
    with connected(served) as client:
        client.sendall(begun)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""


def test_a_client_that_reads_has_all_of_it(served: uvicorn.Server) -> None:
    with connected(served) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = 0
        while part := client.recv(1_000_000):
            received += len(part)
    assert received > LARGE
