"""What can be seen of the service: a log line and figures of every request, under an id that its client knows too."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocr.service.pool import CLOSED_REQUEST, Pool

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Ids of clients that are taken over."""
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
logger = logging.getLogger("ocr.service")


class JsonLines(logging.Formatter):
    """Formats a log record as a JSON object on a line; ``extra={"facts": {...}}`` adds keys."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        about = {"time": moment, "level": record.levelname.lower(), "event": record.getMessage()}
        facts: dict[str, Any] = getattr(record, "facts", {})
        trace = {"trace": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(about | facts | trace)


class Figures:
    """The figures of the service in Prometheus's format, names beginning with ``receipt_ocr_``.

    Args:
        pool: the workers.
    """

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        with_prefix: dict[str, Any] = {"namespace": "receipt_ocr", "registry": self.registry}
        self.requests = Counter("requests", "Requests by path and status.", ["path", "status"], **with_prefix)
        self.seconds = Histogram(
            "request_seconds",
            "Seconds from a request's headers to its answer.",
            ["path"],
            buckets=SECONDS,
            **with_prefix,
        )
        self.pages = Counter("pages", "Pages that were read.", **with_prefix)
        for name, about in (
            ("taken", "Admitted requests: being uploaded, waiting or being read."),
            ("alive", "Worker processes that can read."),
            ("busy", "Worker processes that read at this moment."),
            ("replaced", "Worker processes that ended and were replaced."),
        ):
            gauge = Gauge(f"pool_{name}", about, **with_prefix)
            gauge.set_function(partial(getattr, pool, name))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


class Observed:
    """Gives every request an id and writes a line and figures about it. Neither image nor text are in either.

    A handler puts what else is to be logged into ``request.state.facts``.

    Args:
        app: the application.
        figures: what is counted.
        paths: the paths that figures name; all others are ``other``.
    """

    def __init__(self, app: ASGIApp, figures: Figures, paths: frozenset[str]) -> None:
        self.app, self.figures, self.paths = app, figures, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        facts: MutableMapping[str, Any] = {}
        scope.setdefault("state", {}).update(request_id=request_id, facts=facts)
        started, status = time.monotonic(), CLOSED_REQUEST

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception:  # the answer, 500, has been sent
            facts["trace"] = traceback.format_exc()
        seconds = time.monotonic() - started
        path = scope["path"] if scope["path"] in self.paths else "other"
        self.figures.requests.labels(path, status).inc()
        self.figures.seconds.labels(path).observe(seconds)
        about = {"request_id": request_id, "method": scope["method"], "path": path, "status": status}
        level = logging.ERROR if status >= 500 else logging.INFO
        logger.log(level, "request", extra={"facts": {**about, "seconds": round(seconds, 4), **facts}})
