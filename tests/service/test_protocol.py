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


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    """A server whose answers are large, and whose limits are those of the tests."""
    monkeypatch.setattr(protocol, "HEADERS_S", PATIENCE_S)
    monkeypatch.setattr(protocol, "READ_S", PATIENCE_S)

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]})
        for _ in range(100):
            await send({"type": "http.response.body", "body": bytes(LARGE // 100), "more_body": True})
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


def test_a_client_that_does_not_read_is_disconnected(monkeypatch: pytest.MonkeyPatch, served: uvicorn.Server) -> None:
    monkeypatch.setattr(protocol, "READ_S", 0.3)
    with connected(served) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: served.server_state.total_requests or served.server_state.tasks)
        wait_until(lambda: not served.server_state.connections)


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
