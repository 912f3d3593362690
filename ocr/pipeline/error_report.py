"""The images of an evaluation with their errors, worst first, and the HTML report of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocr.fields import Facts
from ocr.formats.common.names import find
from ocr.images.decode import Read, read_picture
from ocr.metrics.comparison import badness
from ocr.metrics.evaluator import DetectionEvaluator
from ocr.metrics.facts import ExtractionEvaluator, add_facts, compare_fields, counts_of
from ocr.metrics.text import compare_texts, text_figures
from ocr.pipeline.compared import Compared, compare_files
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.pipeline.text_report import lines_of
from ocr.report.document import write_page
from ocr.report.errors import ImageErrors, error_page
from ocr.report.text_errors import text_error_page
from ocr.types import UInt8Array
from ocr.utils.printable import say


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of an evaluation.

    Attributes:
        images: each image's, worst first.
        figures: over all images, by name.
        warnings: reasons for unexpected figures.
        read: reads a picture of the images' folder.
    """

    images: tuple[ImageErrors, ...]
    figures: Mapping[str, float]
    warnings: tuple[str, ...]
    read: Read


def errors_of(wanted: Evaluation) -> Errors:
    """Compare two files and list the errors of each image.

    Args:
        wanted: settings of the evaluation; no report is written.

    Raises:
        InputError: a file cannot be read, or the images' folder does not exist.
    """
    folder = images_folder(wanted)
    evaluator = DetectionEvaluator(wanted.iou_thresholds)
    compared = compare_files(wanted.ground_truth, wanted.predictions, wanted.granularity, evaluator)
    figures = evaluator.summarise(list(compared.result.counts.values()))
    if compared.facts:
        figures = add_facts({"figures": figures}, *compared.facts)["figures"]
    images = tuple(image_errors(compared, folder))
    if lines := [compare_texts(line.truth, line.text) for image in images for line in image.lines]:
        figures |= text_figures(lines, "text_matched")
    return Errors(images, figures, compared.warnings, reading(wanted, folder))


def reading(wanted: Evaluation, folder: Path) -> Read:
    """How the images of a report are read."""
    within = None if wanted.follow_links else folder  # the folder's content is not trusted
    return partial(read_picture, max_pixels=wanted.max_pixels, within=within)


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
    page = error_page("Error report", about, figures, images, wanted.pictures, reading(wanted, folder))
    write_page(page, Path(str(wanted.report)))
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
        lines = tuple(lines_of(name, compared.truth[name], predicted)) if predicted else ()
        figures = compared.evaluator.summarise([result.counts[name]])
        if lines:
            figures |= text_figures((compare_texts(line.truth, line.text) for line in lines), "text_matched")
        if facts[0].known:
            figures |= ExtractionEvaluator().summarise([counts_of(*facts)])
        return ImageErrors(
            name,
            find(folder, name),
            compared.sizes[name],
            tuple(compared.truth[name]),
            tuple(compared.found.get(name, ())),
            result.outcomes[name],
            figures,
            lines,
            compare_fields(*facts, judged),
            (facts[0].items, facts[1].items),
        )

    return [of(name) for name in sorted(result.counts, key=lambda name: badness(name, result.counts[name]))]


def lines_page(image: ImageErrors, read: Read) -> str:
    """The page of the lines of one image that were read wrong.

    Args:
        image: the image.
        read: reads its picture.
    """

    def pixels(_: str) -> UInt8Array:
        return read(image.path, math.inf).image_HWC

    about = {"lines": f"{len(image.lines)} with a known text on which a prediction with a text lies"}
    return text_error_page(image.name, about, image.lines, len(image.lines), pixels)
