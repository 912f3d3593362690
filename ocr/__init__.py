"""Text detection on receipts: train, validate, test and run a detector.

    from ocr import Detector

    regions = Detector.load().detect("receipt.jpg")

Submodules are imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr.pipeline.detector import Detector

__all__ = ["Detector", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name == "Detector":
        return importlib.import_module("ocr.pipeline.detector").Detector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
