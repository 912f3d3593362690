"""Score predictions of any detector: two files in the native format in, JSON on stdout.

    python runners/evaluate.py ground_truth=data/jsons/test.json predictions=found/predictions.json granularity=line

The default detector finds lines, hence ``granularity=line``; ``per_image=true`` adds each image's figures. ``faults``
counts regions missed, split and partly found, and detections that are false or merge regions (`Outcome`). If both files
have text, what was read is scored too, and so are fields and items if both files state any (docs/metrics.md).
``report=errors.html`` writes a page with the figures of detection, the worst images first, and the faults drawn over
their pictures.
``text_report=readings.html`` writes a page of the lines that were read wrong.
Every word of the predictions is one detection, of any shape and position. An image of the ground truth without
predictions is scored as if nothing had been found and is named on stderr; predictions of an image that is not in the
ground truth are an error.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from ocr.utils.printable import say_json
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("evaluate", text=("ground_truth", "predictions", "report", "text_report", "images"))
def run(cfg: DictConfig) -> None:
    """Score what the configuration describes."""
    from ocr.pipeline.evaluate import Evaluation, evaluate

    settings = plain(cfg, *cfg)
    say_json(evaluate(Evaluation(**settings.pop("data"), **settings)))


if __name__ == "__main__":
    run()
