"""Text on receipts: read it; train, validate, test and run a detector and a recogniser.

    from ocr import Reader

    print(Reader().read("receipt.jpg").text)

Submodules are imported on first use.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr.pipeline.detector import Detector
    from ocr.pipeline.extractor import FactFinder
    from ocr.pipeline.reader import Reader
    from ocr.pipeline.recognizer import LineReader

__all__ = ["Detector", "FactFinder", "LineReader", "Reader", "__version__"]
__version__ = "0.1.0"

# Its official builds send figures about their use to Microsoft unless this is set before they are imported; later, and
# through `onnxruntime.disable_telemetry_events`, a device identifier is stored and the sender runs. Every program of
# this package imports this file first. A value that the user has set is kept.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name == "Detector":
        return importlib.import_module("ocr.pipeline.detector").Detector
    if name == "FactFinder":
        return importlib.import_module("ocr.pipeline.extractor").FactFinder
    if name == "LineReader":
        return importlib.import_module("ocr.pipeline.recognizer").LineReader
    if name == "Reader":
        return importlib.import_module("ocr.pipeline.reader").Reader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
