"""An exported file on ONNX Runtime. Knows no torch."""

from __future__ import annotations

from ocr.engines.onnx_runtime import OnnxRuntimeEngine
from ocr.pipeline.detector import Detector, DetectorSettings
from ocr.weights.parts import changed_postprocess, described, resize_of


def load(path: str, settings: DetectorSettings) -> Detector:
    """The graph, and what its metadata say of the rest."""
    engine = OnnxRuntimeEngine(path, settings.threads)
    card = engine.card
    transform = resize_of(card.transform, settings.long_side, path)
    postprocess = described("postprocess", changed_postprocess(card.postprocess, settings.postprocess), path)
    return Detector(engine, transform, postprocess, card.map_stride)
