"""Score anybody's predictions: two files in the native format in, JSON on stdout.

    python runners/evaluate.py ground_truth=data/jsons/test.json predictions=found/predictions.json granularity=line

The default detector finds lines, so that is what it is compared with; ``per_image=true`` adds each image's figures.
``faults`` counts regions missed, split and partly found, and detections that are false or merge regions (`Outcome`).
``report=errors.html`` writes a page with them, the worst images first, and what was missed, false, split, merged or
partly found drawn over their pictures.
Every word of the predictions is one detection, whatever its shape and place. An image of the ground truth without
predictions counts as found nothing and is named on stderr; predictions of an image that the ground truth does not have
are an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from ocr.utils.printable import say_json
from ocr.utils.whole_file import new_file
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from ocr.metrics.comparison import Comparison
    from ocr.metrics.evaluator import DetectionEvaluator
    from ocr.types import Detection, Record, Word

setup_project_paths()


@hydra_main("evaluate", text=("ground_truth", "predictions", "report", "images"))
def evaluate(cfg: DictConfig) -> None:
    """Two files, counts, figures."""
    from rich.console import Console
    from rich.progress import track

    from ocr.data.regions import regions_of
    from ocr.metrics.comparison import compare, differing_sizes
    from ocr.metrics.evaluator import DetectionEvaluator
    from ocr.types import Detection

    if cfg.report is not None:
        new_file(Path(cfg.report), overwrite=cfg.overwrite, setting="report")
        images_folder(cfg)
    records, predicted = by_name(cfg.ground_truth, strict=True), by_name(cfg.predictions, strict=False)
    truth = {name: regions_of(record, cfg.granularity) for name, record in records.items()}
    found = {name: [Detection(word.points_N2, 1.0) for word in each.words.values()] for name, each in predicted.items()}
    evaluator = DetectionEvaluator(cfg.iou_thresholds)
    console = Console(stderr=True)
    result = compare(truth, found, evaluator, lambda names: track(names, "images", console=console))
    for warning in [*result.warnings(cfg.ground_truth, cfg.predictions), *differing_sizes(records, predicted)]:
        say(f"warning: {warning}", error=True)
    if cfg.report is not None:
        sizes = {name: (record.width, record.height) for name, record in records.items()}
        write_report(cfg, truth, found, sizes, result, evaluator)
    say_json(result.report(evaluator, per_image=cfg.per_image))


def by_name(path: str, *, strict: bool) -> dict[str, Record]:
    """A file's images by their names, in one normal form."""
    from ocr.formats.base import composed
    from ocr.formats.native import read_native

    return {composed(record.image_path.as_posix()): record for record in read_native(Path(path), strict=strict)}


def images_folder(cfg: DictConfig) -> Path:
    """Where the pictures lie: ``images``, else where a native data set has those of the ground truth.

    Raises:
        InputError: there is no such folder.
    """
    from ocr.formats.names import find
    from ocr.types import InputError

    truth = Path(cfg.ground_truth)
    folder = Path(cfg.images or find(truth.parent.parent, f"images/{truth.stem}"))
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; report= shows the images: name their folder with images=")
    return folder


def write_report(
    cfg: DictConfig,
    truth: Mapping[str, Sequence[Word]],
    found: Mapping[str, Sequence[Detection]],
    sizes: Mapping[str, tuple[int | None, int | None]],
    result: Comparison,
    evaluator: DetectionEvaluator,
) -> None:
    """The page of errors.

    Args:
        cfg: configuration of this runner.
        truth: regions of each image.
        found: detections of each image.
        sizes: (width, height) of each image, as far as the annotation says.
        result: what came of scoring them.
        evaluator: what they were scored with.
    """
    from ocr.formats.names import find
    from ocr.images.decode import limited
    from ocr.metrics.comparison import badness
    from ocr.report.document import write_page
    from ocr.report.errors import ImageErrors
    from ocr.report.page import error_page

    folder = images_folder(cfg)
    images = [
        ImageErrors(
            name,
            find(folder, name),
            sizes[name],
            tuple(truth[name]),
            tuple(found.get(name, ())),
            result.outcomes[name],
            evaluator.summarise([result.counts[name]]),
        )
        for name in sorted(result.counts, key=lambda name: badness(name, result.counts[name]))
    ]
    about = {
        "ground truth": f"{cfg.ground_truth}: {result.regions} regions ({cfg.granularity}), {result.ignored} ignored",
        "predictions": f"{cfg.predictions}: {result.detections} detections",
        "images": f"{len(images)}, {len(result.missing)} of them without predictions",
    }
    figures = evaluator.summarise(list(result.counts.values()))
    read = limited(folder, cfg.data.max_pixels, follow_links=cfg.data.follow_links)
    write_page(error_page("Error report", about, figures, images, cfg.pictures, read), Path(cfg.report))
    say(f"errors of each image: {cfg.report}", error=True)


if __name__ == "__main__":
    evaluate()
