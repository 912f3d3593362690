"""Load a checkpoint or a weights file for torch."""

from __future__ import annotations

from ocr.engines.torch_engine import TorchEngine, choose_device
from ocr.pipeline.detector import Detector, DetectorSettings
from ocr.weights.parts import changed_postprocess, described, resize_of
from ocr.weights.stored import load_stored, stored_network


def load(path: str, settings: DetectorSettings) -> Detector:
    """Load the network, resize and postprocess, without loss and metric."""
    stored = load_stored(path)
    config = stored["config"]
    postprocess = described("postprocess", changed_postprocess(config["postprocess"], settings.postprocess), path)
    engine = TorchEngine(stored_network(stored, path), choose_device(settings.device), settings.threads)
    return Detector(engine, resize_of(config["data"]["transform"], settings.long_side, path), postprocess)
