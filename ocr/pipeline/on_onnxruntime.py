"""Load an exported model for ONNX Runtime, without importing torch."""

from __future__ import annotations

from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.pipeline.detector import Detector, DetectorSettings
from ocr.weights.parts import changed_postprocess, described, resize_of


def load(path: str, settings: DetectorSettings) -> Detector:
    """Load the graph, and the resize and postprocess from its metadata."""
    engine = OnnxRuntimeEngine(path, settings.threads)
    card = engine.card
    transform = resize_of(card.transform, settings.long_side, path)
    postprocess = described("postprocess", changed_postprocess(card.postprocess, settings.postprocess), path)
    return Detector(engine, transform, postprocess, card.map_stride)
