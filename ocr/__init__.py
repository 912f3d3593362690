"""Text on receipts: read it; train, validate, test and run a detector and a recogniser.

    from ocr import Reader

    print(Reader().read("receipt.jpg").text)

Submodules are imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr.pipeline.detector import Detector
    from ocr.pipeline.extractor import FactFinder
    from ocr.pipeline.reader import Reader
    from ocr.pipeline.recognizer import LineReader

__all__ = ["Detector", "FactFinder", "LineReader", "Reader", "__version__"]
__version__ = "0.1.0"


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
