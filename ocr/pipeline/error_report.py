"""The HTML error report of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ocr.formats.common.names import find
from ocr.images.decode import read_picture
from ocr.metrics.comparison import Comparison, badness
from ocr.metrics.evaluator import DetectionEvaluator
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.report.document import write_page
from ocr.report.errors import ImageErrors, error_page
from ocr.types import Detection, Word
from ocr.utils.printable import say


def write_report(
    wanted: Evaluation,
    truth: Mapping[str, Sequence[Word]],
    found: Mapping[str, Sequence[Detection]],
    sizes: Mapping[str, tuple[int | None, int | None]],
    result: Comparison,
    evaluator: DetectionEvaluator,
) -> None:
    """Write the error report.

    Args:
        wanted: settings of the evaluation.
        truth: regions of each image.
        found: detections of each image.
        sizes: (width, height) of each image, as far as the annotation has them.
        result: result of the scoring.
        evaluator: the evaluator that scored them.
    """
    folder = images_folder(wanted)
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
        "ground truth": (
            f"{wanted.ground_truth}: {result.regions} regions ({wanted.granularity}), {result.ignored} ignored"
        ),
        "predictions": f"{wanted.predictions}: {result.detections} detections",
        "images": f"{len(images)}, {len(result.missing)} without predictions",
    }
    figures = evaluator.summarise(list(result.counts.values()))
    within = None if wanted.follow_links else folder  # the folder's content is not trusted
    read = partial(read_picture, max_pixels=wanted.max_pixels, within=within)
    write_page(error_page("Error report", about, figures, images, wanted.pictures, read), Path(str(wanted.report)))
    say(f"error report: {wanted.report}", error=True)
