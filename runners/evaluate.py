"""Score anybody's predictions: two files in the native format in, JSON on stdout.

    python runners/evaluate.py ground_truth=data/jsons/test.json predictions=found/predictions.json granularity=line

The default detector finds lines, so that is what it is compared with; ``per_image=true`` adds each image's figures.
Every word of the predictions is one detection, whatever its shape and place. An image of the ground truth without
predictions counts as found nothing and is named on stderr; predictions of an image that the ground truth does not have
are an error.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("evaluate", text=("ground_truth", "predictions"))
def evaluate(cfg: DictConfig) -> None:
    """Two files, counts, figures."""
    import json
    import sys
    from pathlib import Path

    from rich.console import Console
    from rich.progress import track

    from ocr.data.regions import regions_of
    from ocr.formats.native import read_native
    from ocr.metrics.comparison import compare
    from ocr.metrics.evaluator import DetectionEvaluator
    from ocr.types import Detection

    truth = {
        record.image_path.as_posix(): regions_of(record, cfg.granularity)
        for record in read_native(Path(cfg.ground_truth))
    }
    found = {
        record.image_path.as_posix(): [Detection(word.points_N2, 1.0) for word in record.words.values()]
        for record in read_native(Path(cfg.predictions), strict=False)
    }
    evaluator = DetectionEvaluator(cfg.iou_thresholds)
    console = Console(stderr=True)
    result = compare(truth, found, evaluator, lambda names: track(names, "images", console=console))
    if result.missing:
        names = ", ".join(map(repr, result.missing[:5])) + (", ..." if len(result.missing) > 5 else "")
        print(
            f"warning: {cfg.predictions} lacks {len(result.missing)} of {len(truth)} images: {names}; "
            "they count as found nothing",
            file=sys.stderr,
        )
    print(json.dumps(result.report(evaluator, per_image=cfg.per_image), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    evaluate()
