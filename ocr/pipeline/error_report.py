"""The images of an evaluation with their errors, worst first, and the HTML report of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ocr.fields import Facts
from ocr.formats.common.names import find
from ocr.images.decode import read_picture
from ocr.metrics.comparison import badness
from ocr.metrics.facts import compare_fields
from ocr.pipeline.compared import Compared
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.pipeline.text_report import lines_of
from ocr.report.document import write_page
from ocr.report.errors import ImageErrors, error_page
from ocr.utils.printable import say


def write_report(wanted: Evaluation, compared: Compared) -> None:
    """Write the error report.

    Args:
        wanted: settings of the evaluation.
        compared: what it compared.
    """
    folder, result = images_folder(wanted), compared.result
    images = image_errors(compared, folder)
    about = {
        "ground truth": (
            f"{wanted.ground_truth}: {result.regions} regions ({wanted.granularity}), {result.ignored} ignored"
        ),
        "predictions": f"{wanted.predictions}: {result.detections} detections",
        "images": f"{len(images)}, {len(result.missing)} without predictions",
    }
    figures = compared.evaluator.summarise(list(result.counts.values()))
    within = None if wanted.follow_links else folder  # the folder's content is not trusted
    read = partial(read_picture, max_pixels=wanted.max_pixels, within=within)
    write_page(error_page("Error report", about, figures, images, wanted.pictures, read), Path(str(wanted.report)))
    say(f"error report: {wanted.report}", error=True)


def image_errors(compared: Compared, folder: Path) -> list[ImageErrors]:
    """The errors of each image, worst first.

    Args:
        compared: what was compared.
        folder: of the images.
    """
    result = compared.result
    truth, found = compared.facts or ({}, {})
    judged = {name for facts in truth.values() for name in facts.fields}

    def of(name: str) -> ImageErrors:
        facts = truth.get(name, Facts()), found.get(name, Facts())
        predicted = compared.predicted.get(name)
        return ImageErrors(
            name,
            find(folder, name),
            compared.sizes[name],
            tuple(compared.truth[name]),
            tuple(compared.found.get(name, ())),
            result.outcomes[name],
            compared.evaluator.summarise([result.counts[name]]),
            tuple(lines_of(name, compared.truth[name], predicted)) if predicted else (),
            compare_fields(*facts, judged),
            (facts[0].items, facts[1].items),
        )

    return [of(name) for name in sorted(result.counts, key=lambda name: badness(name, result.counts[name]))]
