"""HTTP/1.1 as uvicorn speaks it, with a time limit between requests and for their headers."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 10.0
"""Seconds in which a request has to begin and its headers have to end, and the rest of an answered one to arrive."""


class TimedProtocol(H11Protocol):
    """Closes connections on which no request begins or no header ends: uvicorn waits for those for ever.

    Of a request that is answered before its body has arrived, the rest is read and dropped, because closing at once
    could cost the client the answer; that ends with the same limit.
    """

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client has connected."""
        super().connection_made(transport)
        self._set_limit()

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        super().data_received(data)
        self._set_limit()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        super().connection_lost(exc)
        self._drop_limit()

    def _set_limit(self) -> None:
        between = self.cycle is None or self.cycle.response_complete
        if not between or self.transport.is_closing():
            self._drop_limit()
        elif self._limit is None:
            self._limit = self.loop.call_later(HEADERS_S, self.transport.abort)

    def _drop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
