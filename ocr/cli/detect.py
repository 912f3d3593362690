"""``receipt-ocr detect``."""

from __future__ import annotations

from argparse import Namespace

from ocr.cli.wanted import wanted_of
from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.loading import default_weights
from ocr.pipeline.predict import predict


def run(arguments: Namespace) -> str:
    """Run detection on images; return the images left out, one per line."""
    postprocess = {"mode": arguments.mode, "box_thresh": arguments.box_thresh}
    settings = DetectorSettings(arguments.engine, arguments.device, arguments.threads, arguments.long_side, postprocess)
    weights = arguments.weights or str(default_weights(arguments.engine))
    return predict(arguments.source, weights, settings, wanted_of(arguments, postprocess, csv=arguments.csv))
