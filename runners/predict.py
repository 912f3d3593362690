"""Find the text regions of images.

    python runners/predict.py input=photos/ output=found/ csv=true visualize=true table=true
    python runners/predict.py checkpoint_path=receipts.onnx threads=1 input=photos/ output=found/ shard=2/8

The default of ``checkpoint_path`` is the weights of this repository. An image that cannot be read or processed is
reported and left out, and the exit status is 1. Ctrl+C and SIGTERM write the predictions so far and exit with status
130 and 143. A shard is complete once its file exists; `runners/merge.py` merges the shards.
"""

from __future__ import annotations

import sys
from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("predict", text=("checkpoint_path", "input", "output"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Predict what the configuration describes."""
    from ocr.pipeline.detector import DetectorSettings
    from ocr.pipeline.loop import Wanted
    from ocr.pipeline.predict import predict

    shared = plain(cfg, "data", "postprocess")
    settings = DetectorSettings(cfg.engine, cfg.device, cfg.threads, cfg.data.long_side, shared["postprocess"])
    choices = {name: cfg[name] for name in ("shard", "csv", "visualize", "table", "overwrite", "num_workers")}
    wanted = Wanted(Path(cfg.output), shared=shared, max_pixels=cfg.data.max_pixels, **choices)
    if left_out := predict(cfg.input, cfg.checkpoint_path, settings, wanted):
        sys.exit(left_out)


if __name__ == "__main__":
    run()
