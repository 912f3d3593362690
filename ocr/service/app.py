"""The HTTP interface: ``POST /read``, ``POST /detect``, and what operators ask for."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from ocr import __version__
from ocr.service.errors import RequestError, wrong_option
from ocr.service.formats import MEDIA_TYPES, accepted, media_type
from ocr.service.observed import Figures, Observed
from ocr.service.pool import CLOSED_REQUEST, Pool
from ocr.service.worker import Job

ADDRESSES = frozenset({"/read", "/detect", "/metrics", "/healthz", "/readyz", "/docs"})
LONGEST_HEADER = 4000
"""Characters of the ``X-Left-Out`` header."""
BODY = {
    "requestBody": {
        "required": True,
        "description": "The file itself, whatever Content-Type says: an image, for /read also a PDF, TIFF or HEIC.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "An option is unknown or has a wrong value, or the body is empty."},
    401: {"description": "The key is missing or wrong."},
    406: {"description": "`Accept` asks for no format that there is; /read only."},
    408: {"description": "The body did not arrive in time."},
    413: {"description": "The body is too large."},
    415: {"description": "The body is a form; send the file itself."},
    422: {"description": "The file cannot be read; `detail` says why."},
    429: {"description": "As many requests wait as may; `Retry-After` says when to try again."},
    503: {"description": "No process was free in time, or the one that read this file died."},
    504: {"description": "Reading took too long."},
}


class DetectOptions(BaseModel):
    """The query of ``/detect``."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field("image", min_length=1, max_length=255, description="Name of the file in the result.")


class ReadOptions(DetectOptions):
    """The query of ``/read``."""

    format: Literal["json", "text", "hocr", "alto", "pdf"] | None = Field(
        None, description="Format of the result; without it, `Accept` decides."
    )


class Service:
    """Answers requests.

    Args:
        pool: the workers.
        key: that every request has to bring; ``None``: none.
    """

    def __init__(self, pool: Pool, key: bytes | None) -> None:
        self.pool, self.limits, self.key = pool, pool.service, key
        self.figures = Figures(pool)

    def app(self) -> ASGIApp:
        """The application."""

        @contextlib.asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            async with self.pool.kept():
                yield

        about = "Finds and reads the text of receipts."
        # Its pages load nothing from other servers; the badge of Swagger's validator would.
        swagger = {"validatorUrl": None}
        app = FastAPIOffline(
            redoc_url=None, title="receipt-ocr", version=__version__, description=about, lifespan=lifespan,
            swagger_ui_parameters=swagger,
        )  # fmt: skip
        allowed = [Depends(HTTPBearer(auto_error=False)), Depends(self.check_key)] if self.key else []
        results = {"content": {media_type(kind): {} for kind in MEDIA_TYPES}, "description": "What was read."}
        regions = {"content": {"application/json": {}}, "description": "What was found."}
        for endpoint, found in ((self.read, results), (self.detect, regions)):
            of_files: dict[str, Any] = {"openapi_extra": BODY, "responses": {200: found, **PROBLEMS}}
            app.post(**shown(endpoint, "receipts"), **of_files, dependencies=allowed)(endpoint)
        app.get(**shown(self.metrics, "service"), dependencies=allowed)(self.metrics)
        app.get(**shown(self.healthz, "service"))(self.healthz)
        app.get(**shown(self.readyz, "service"))(self.readyz)
        app.add_exception_handler(RequestError, answer_problem)
        app.add_exception_handler(RequestValidationError, answer_problem)
        app.add_exception_handler(HTTPException, answer_problem)
        app.add_exception_handler(Exception, answer_problem)
        return Observed(app, self.figures, ADDRESSES)

    async def read(self, request: Request, options: Annotated[ReadOptions, Query()]) -> Response:
        """Find and read the text of an image or document."""
        kind = options.format or accepted(request.headers.get("accept"))
        return await self.work(request, "read", options.name, kind)

    async def detect(self, request: Request, options: Annotated[DetectOptions, Query()]) -> Response:
        """Find the text regions of an image."""
        return await self.work(request, "detect", options.name, "json")

    async def work(self, request: Request, task: str, name: str, kind: str) -> Response:
        """Receive a file, let a worker read it and answer with the result."""
        facts = request.state.facts
        facts["format"] = kind
        with self.pool.place():
            encoded = await self.received(request)
            facts["bytes"] = len(encoded)
            answer = await self.pool.work(Job(task, name, kind, encoded), request.is_disconnected)
        facts.update(pages=answer.pages, left_out=len(answer.left_out))
        if task == "read":
            self.figures.pages.inc(answer.pages)
        left_out = {"X-Left-Out": listed(answer.left_out)} if answer.left_out else {}
        return Response(answer.content, media_type=media_type(kind), headers=left_out)

    async def received(self, request: Request) -> bytes:
        """The body of a request.

        Raises:
            RequestError: it is empty, a form, too large, or does not arrive in time.
        """
        if request.headers.get("content-type", "").lower().startswith("multipart/"):
            raise RequestError(415, "the body is a form; send the file itself, as curl --data-binary @receipt.jpg does")
        most = self.limits.max_bytes
        too_large = RequestError(413, f"the body is larger than max_bytes={most}; make the file smaller")
        stated = request.headers.get("content-length", "0")
        if int(stated) > most:  # h11 accepts digits alone
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.upload_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > most:
                        raise too_large
        except TimeoutError as error:
            late = f"the body did not arrive within upload_s={self.limits.upload_s:g} s; make the file smaller"
            raise RequestError(408, late, {"Connection": "close"}) from error
        except ClientDisconnect as error:
            raise RequestError(CLOSED_REQUEST, "the client closed the connection") from error
        if not body:
            raise RequestError(400, "the body is empty; send an image or a document")
        return bytes(body)

    async def check_key(self, request: Request) -> None:
        """Check the key of a request.

        Raises:
            RequestError: 401, it is missing or wrong.
        """
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = self.key or b""
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("utf-8"), known):
            raise RequestError(401, "give the key: Authorization: Bearer <key>", {"WWW-Authenticate": "Bearer"})

    async def metrics(self) -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(self.figures.registry), media_type=CONTENT_TYPE_LATEST)

    async def healthz(self) -> Response:
        """Whether the server answers."""
        return Response("ok\n", media_type="text/plain")

    async def readyz(self) -> Response:
        """Whether a process can read: 200, otherwise 503."""
        ready = self.pool.alive > 0
        return Response(
            "ready\n" if ready else "starting\n", status_code=200 if ready else 503, media_type="text/plain"
        )


def shown(endpoint: Callable[..., Any], tag: str) -> dict[str, Any]:
    """The address of an endpoint, which is its name, and how the page ``/docs`` calls it: by its docstring."""
    about = (endpoint.__doc__ or "").strip().removesuffix(".")
    return {"path": f"/{endpoint.__name__}", "summary": about, "tags": [tag]}


def listed(messages: Sequence[str]) -> str:
    """As many of the messages as fit into a header, as a JSON list: that escapes what a header cannot hold."""
    texts = (json.dumps(messages[:count]) for count in range(len(messages), -1, -1))
    return next(text for text in texts if len(text) <= LONGEST_HEADER)


async def answer_problem(request: Request, error: Exception) -> Response:
    """The response for a request that is refused or failed: problem details (RFC 9457)."""
    headers = getattr(error, "headers", None) or {}
    if isinstance(error, RequestError):
        status, detail = error.status, error.detail
    elif isinstance(error, RequestValidationError):
        known = list((ReadOptions if request.url.path == "/read" else DetectOptions).model_fields)
        status, detail = 400, "; ".join(wrong_option(each, known) for each in error.errors())
    elif isinstance(error, HTTPException):
        status, detail = error.status_code, str(error.detail)
        if status == 404:
            detail = f"no such address; known addresses: {', '.join(sorted(ADDRESSES))}"
        elif status == 405:
            detail = f"{request.method} is not allowed here; use {headers.get('Allow', 'another method')}"
    else:
        status, detail = 500, "a fault of the service; its log has it under the request id"
    title = HTTPStatus(status).phrase if status != CLOSED_REQUEST else "Client Closed Request"
    content = {"title": title, "status": status, "detail": detail, "request_id": request.state.request_id}
    return Response(json.dumps(content), status, headers, "application/problem+json")
