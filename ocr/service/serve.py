"""Run the service until a signal stops it."""

from __future__ import annotations

import gc
import logging
import math
import socket

import uvicorn

from ocr.pipeline.read_settings import ReadSettings
from ocr.service.app import Service
from ocr.service.observed import JsonLines
from ocr.service.pool import Pool
from ocr.service.protocol import READ_S, TimedProtocol
from ocr.service.settings import ServiceSettings
from ocr.types import InputError
from ocr.utils.interruption import Stopped
from ocr.utils.printable import plural, say

CONNECTIONS = 500
"""Connections at a time; further ones are answered with 503. Systems often allow a process 1,024 files."""


def serve(settings: ReadSettings, service: ServiceSettings) -> None:
    """Load the networks and answer requests; call it in the main thread, after `raise_signals`.

    After SIGTERM or SIGINT no connection is accepted, and the admitted requests are answered; a second SIGINT cuts them
    off.

    Args:
        settings: how to read; ``formats`` is not used.
        service: where to listen, and the limits.

    Raises:
        InputError: a setting is invalid, the address cannot be used, or the networks cannot be loaded.
        Stopped: a signal arrived, and the admitted requests are answered or cut off.
    """
    settings.check()
    service.check()
    key = service.key()
    log_as_json()
    pool = Pool(settings, service)
    with listening(service.host, service.port) as listener, pool.started():
        config = uvicorn.Config(
            Service(pool, key).app(), http=TimedProtocol, ws="none", loop="asyncio", lifespan="on",
            log_config=None, access_log=False, server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=math.ceil(service.upload_s + 2 * service.timeout_s + READ_S),
        )  # fmt: skip
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        say(f"listening on {address}, {plural(service.processes, 'worker')}; {address}/docs describes it")
        # A full collection would take some 25 ms, in which no request is answered, for what imports have made.
        gc.collect()
        gc.freeze()
        try:
            uvicorn.Server(config).run([listener])
        except Stopped as stop:
            left = f"{plural(pool.cut_off, 'admitted request')} cut off" if pool.cut_off else ""
            raise Stopped(stop.signum, done=left or "every admitted request is answered") from None


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        InputError: the address cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise InputError(
            f"host={host} port={port}: cannot be listened on ({error.strerror}); choose another address or port"
        ) from error


def log_as_json() -> None:
    """Write the log of the service, and uvicorn's warnings, to stderr: a JSON object a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for name, level in (("ocr.service", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
