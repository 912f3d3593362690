"""``receipt-ocr detect``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.detector import DetectorSettings
from ocr.pipeline.loading import default_weights
from ocr.pipeline.predict import Wanted, predict


def run(arguments: Namespace) -> str:
    """Run detection on images; return the images left out, one per line."""
    postprocess = {"mode": arguments.mode, "box_thresh": arguments.box_thresh}
    settings = DetectorSettings(arguments.engine, arguments.device, arguments.threads, arguments.long_side, postprocess)
    wanted = Wanted(
        Path(arguments.output),
        shard=arguments.shard,
        shared={"long_side": arguments.long_side, **postprocess},
        csv=arguments.csv,
        visualize=arguments.overlays,
        table=arguments.table,
        overwrite=arguments.overwrite,
        num_workers=arguments.num_workers,
    )
    weights = arguments.weights or str(default_weights(arguments.engine))
    return predict(arguments.source, weights, settings, wanted)
