"""``receipt-ocr evaluate``."""

from __future__ import annotations

from argparse import Namespace

from ocr.pipeline.evaluate import Evaluation, evaluate
from ocr.utils.printable import say_json


def run(arguments: Namespace) -> str:
    """Score predictions and print the figures; return an empty message."""
    wanted = Evaluation(
        arguments.truth,
        arguments.found,
        arguments.granularity,
        arguments.iou_thresholds,
        per_image=arguments.per_image,
        report=arguments.report,
        images=arguments.images,
        pictures=arguments.pictures,
        text_report=arguments.text_report,
        lines=arguments.lines,
        overwrite=arguments.overwrite,
    )
    say_json(evaluate(wanted))
    return ""
