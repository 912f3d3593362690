"""Read the text of receipts, and the facts that they state.

    python runners/read.py input=scan.pdf output=read/ formats=[text,hocr,alto,page,pdf]
    python runners/read.py detector=receipts.onnx recogniser=lines.onnx threads=1 input=photos/ output=read/ shard=2/8

Stops, parts, left out images and exit statuses are as for `runners/predict.py`; `runners/merge.py` merges the parts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("read", text=("detector", "recogniser", "extractor", "input", "output"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Read what the configuration describes."""
    from ocr.pipeline import read, read_settings
    from ocr.pipeline.detector import DetectorSettings
    from ocr.pipeline.loop import Wanted

    how = ("formats", "granularity", "min_confidence", "mark", "orientation", "dpi", "pdf_text")
    shared = plain(cfg, "data", "postprocess", *how)
    detection = DetectorSettings(cfg.engine, cfg.device, cfg.threads, cfg.data.long_side, shared["postprocess"])
    settings = read_settings.ReadSettings(cfg.detector, cfg.recogniser, detection, **plain(cfg, "extractor", *how))
    choices = {name: cfg[name] for name in ("shard", "visualize", "table", "overwrite", "num_workers")}
    wanted = Wanted(Path(cfg.output), shared=shared, max_pixels=cfg.data.max_pixels, **choices)
    if left_out := read.read(cfg.input, settings, wanted):
        sys.exit(left_out)


if __name__ == "__main__":
    run()
