"""Score predictions of any detector, reader or extraction, and show their errors."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from ocr.data.regions import Granularity
from ocr.formats.common.names import find
from ocr.metrics.end_to_end import EndToEndEvaluator, add_readings
from ocr.metrics.evaluator import DetectionEvaluator
from ocr.metrics.facts import add_facts
from ocr.pipeline.compared import compare_files
from ocr.types import InputError, Record, Word
from ocr.utils.printable import say
from ocr.utils.whole_file import new_file


@dataclass(frozen=True)
class Evaluation:
    """Settings of an evaluation.

    Attributes:
        ground_truth: file in the native format.
        predictions: file in the native format.
        granularity: unit of a region: ``word`` or ``line``.
        iou_thresholds: thresholds of the IoU figures.
        per_image: also return the figures of each image.
        report: path of the error report, if any.
        images: folder of the images for the report; ``None``: as in a native data set.
        pictures: number of images in the report, worst first.
        text_report: path of the page of lines read wrong, if any; predictions need texts.
        lines: number of lines in that page, worst first.
        overwrite: replace existing reports.
        max_pixels: images with more pixels are not shown.
        follow_links: images may be links to files outside their folder.
    """

    ground_truth: str
    predictions: str
    granularity: Granularity
    iou_thresholds: Sequence[float]
    per_image: bool = False
    report: str | None = None
    images: str | None = None
    pictures: int = 50
    text_report: str | None = None
    lines: int = 300
    overwrite: bool = False
    max_pixels: int = 200_000_000
    follow_links: bool = False


def evaluate(wanted: Evaluation) -> dict[str, Any]:
    """Score a predictions file against a ground truth file; write the report if asked to.

    What was read is scored too if a word of each file has text, and facts if both files have any: ``fields``, ``items``
    or labelled words.

    Returns:
        The figures, as plain data.

    Raises:
        InputError: a file cannot be read, or a report cannot be written, or both would be the same file.
    """
    if wanted.report and wanted.text_report and Path(wanted.report).resolve() == Path(wanted.text_report).resolve():
        raise InputError(
            f"report={wanted.report} and text_report={wanted.text_report} are one file; choose another for one of them"
        )
    for setting, path in (("report", wanted.report), ("text_report", wanted.text_report)):
        if path is not None:
            new_file(Path(path), overwrite=wanted.overwrite, setting=setting)
            images_folder(wanted)
    evaluator, console = DetectionEvaluator(wanted.iou_thresholds), Console(stderr=True)
    compared = compare_files(
        wanted.ground_truth,
        wanted.predictions,
        wanted.granularity,
        evaluator,
        lambda names: track(names, "images", console=console),
    )
    for warning in compared.warnings:
        say(f"warning: {warning}", error=True)
    if wanted.report is not None:  # decodes images, which the figures do not need
        importlib.import_module("ocr.pipeline.error_report").write_report(wanted, compared)
    if wanted.text_report is not None:
        page = importlib.import_module("ocr.pipeline.text_report")
        page.write_text_report(wanted, compared.truth, compared.predicted)
    figures = compared.result.report(evaluator, per_image=wanted.per_image)
    if compared.facts:
        figures = add_facts(figures, *compared.facts)
    if not has_readings(wanted, compared.truth, compared.predicted):
        return figures
    predicted = with_probabilities(wanted, compared.predicted)
    read = {name: list(record.words.values()) for name, record in predicted.items()}
    return add_readings(figures, compared.truth, read, EndToEndEvaluator())


def has_readings(wanted: Evaluation, truth: Mapping[str, Sequence[Word]], predicted: Mapping[str, Record]) -> bool:
    """Whether there is text to compare; warns if only some of the predictions have any, or the truth has none."""
    read = [(name, key, word) for name, record in predicted.items() for key, word in record.words.items()]
    if not any(word.text for _, _, word in read):
        return False
    if not any(region.readable for regions in truth.values() for region in regions):
        say(
            f"warning: {wanted.ground_truth} has no text to find, so what {wanted.predictions} read is not scored "
            "(each word's transcription is missing, blank or ignored)",
            error=True,
        )
        return False
    if lacking := [(name, key) for name, key, word in read if word.transcription is None]:
        name, key = lacking[0]
        say(
            f"warning: {wanted.predictions} has no transcription for {len(lacking)} of {len(read)} words (the first: "
            f"image {name!r}, word {key!r}), which are scored as read without text; add it to each word, or to none",
            error=True,
        )
    return True


def with_probabilities(wanted: Evaluation, predicted: Mapping[str, Record]) -> Mapping[str, Record]:
    """The predictions, without confidences if those of the file are no probabilities; warns about it."""
    words = [(name, key, word) for name, record in predicted.items() for key, word in record.words.items()]
    outside = [each for each in words if (sure := each[2].confidence) is not None and not 0 <= sure <= 1]
    if not outside:
        return predicted
    name, key, word = outside[0]
    say(
        f"warning: {wanted.predictions} has a confidence of {word.confidence} (image {name!r}, word {key!r}), so its "
        "confidences are not scored; write them as 0 to 1",
        error=True,
    )
    return {
        name: replace(record, words={key: replace(word, confidence=None) for key, word in record.words.items()})
        for name, record in predicted.items()
    }


def images_folder(wanted: Evaluation) -> Path:
    """The folder of the images: ``images``, or by default the one of the ground truth's native data set.

    Raises:
        InputError: the folder does not exist.
    """
    truth = Path(wanted.ground_truth)
    folder = Path(wanted.images or find(truth.parent.parent, f"images/{truth.stem}"))
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; report= and text_report= show the images: give their folder with images="
        )
    return folder
