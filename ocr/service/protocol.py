"""HTTP/1.1 as uvicorn speaks it, with time limits where uvicorn waits for a client for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 10.0
"""Seconds in which a request has to begin and its headers have to end, and the rest of an answered one to arrive."""


READ_S = 30.0
"""Seconds in which a client has to read more of an answer."""


class TimedProtocol(H11Protocol):
    """Closes connections on which no request begins, no header ends, or the answer is not read.

    Of a request that is answered before its body has arrived, the rest is read and dropped, because closing at once
    could cost the client the answer; that ends with the same limit.
    """

    _limit: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client has connected."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # so that `pause_writing` tells of anything that is not read
        self._set_limit()

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        super().data_received(data)
        self._set_limit()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        super().connection_lost(exc)
        self._drop_limit()
        self._drop_unread()

    def pause_writing(self) -> None:
        """The client does not read as fast as the answer is written."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """The client has read most of what was written."""
        super().resume_writing()
        self._drop_unread()

    def _set_limit(self) -> None:
        between = self.cycle is None or self.cycle.response_complete
        if not between or self.transport.is_closing():
            self._drop_limit()
        elif self._limit is None:
            self._limit = self.loop.call_later(HEADERS_S, self.transport.abort)

    def _expect_reading(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(READ_S, self._end_unread, unsent)

    def _end_unread(self, unsent: int) -> None:
        if self.transport.get_write_buffer_size() < unsent:
            self._expect_reading()
        else:
            self.transport.abort()

    def _drop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _drop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
