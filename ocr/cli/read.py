"""``receipt-ocr read``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.loading import default_weights
from ocr.pipeline.loop import Wanted
from ocr.pipeline.read import ReadSettings, read

NAMES = ("formats", "granularity", "min_confidence", "dpi", "pdf_text")
"""Options that are settings of `ReadSettings`."""


def run(arguments: Namespace) -> str:
    """Read the text of images; return the pages left out, one per line."""
    how = {name: getattr(arguments, name) for name in NAMES}
    settings = ReadSettings(
        arguments.detector or str(default_weights(arguments.engine)),
        arguments.recogniser or str(default_weights(arguments.engine, "lines")),
        DetectorSettings(arguments.engine, arguments.device, arguments.threads, arguments.long_side),
        **how,
    )
    wanted = Wanted(
        Path(arguments.output),
        shard=arguments.shard,
        shared={"long_side": arguments.long_side, **how},
        visualize=arguments.overlays,
        table=arguments.table,
        overwrite=arguments.overwrite,
        num_workers=arguments.num_workers,
    )
    return read(arguments.source, settings, wanted)
