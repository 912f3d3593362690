"""``receipt-ocr read``."""

from __future__ import annotations

from argparse import Namespace

from ocr.cli.wanted import wanted_of
from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.loading import default_recogniser, default_weights
from ocr.pipeline.read import read
from ocr.pipeline.read_settings import ReadSettings

NAMES = ("formats", "granularity", "min_confidence", "mark", "orientation", "dpi", "pdf_text")
"""Options that are settings of `ReadSettings`."""


def run(arguments: Namespace) -> str:
    """Read the text of images; return the pages left out, one per line."""
    how = {name: getattr(arguments, name) for name in NAMES}
    how["formats"] = [name for given in arguments.formats for name in given.lower().split(",") if name]
    settings = ReadSettings(
        arguments.detector or str(default_weights(arguments.engine)),
        arguments.recogniser or str(default_recogniser(arguments.engine, arguments.language)),
        DetectorSettings(arguments.engine, arguments.device, arguments.threads, arguments.long_side),
        extractor=arguments.extractor,
        **how,
    )
    return read(arguments.source, settings, wanted_of(arguments, how))
