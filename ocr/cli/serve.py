"""``receipt-ocr serve``."""

from __future__ import annotations

from argparse import Namespace

from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.loading import default_recogniser, default_weights
from ocr.pipeline.read_settings import ReadSettings
from ocr.service.serve import serve
from ocr.service.settings import ServiceSettings

HOW = ("extractor", "granularity", "min_confidence", "mark", "orientation", "dpi", "pdf_text", "max_pages")
"""Options that are settings of `ReadSettings`."""
SERVICE = ("host", "port", "workers", "queue", "max_bytes", "max_pixels", "upload_s", "timeout_s", "key_file",
           "without_key")  # fmt: skip
"""Options that are settings of `ServiceSettings`."""


def run(arguments: Namespace) -> str:
    """Serve until a signal arrives."""
    settings = ReadSettings(
        arguments.detector or str(default_weights(arguments.engine)),
        arguments.recogniser or str(default_recogniser(arguments.engine, arguments.language)),
        DetectorSettings(arguments.engine, arguments.device, arguments.threads, arguments.long_side),
        **{name: getattr(arguments, name) for name in HOW},
    )
    serve(settings, ServiceSettings(**{name: getattr(arguments, name) for name in SERVICE}))
    return ""
