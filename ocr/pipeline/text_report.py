"""The HTML page of an evaluation's lines that were read wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.formats.common.names import find
from ocr.images.decode import read_picture
from ocr.metrics.lines import match_lines
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.report.document import write_page
from ocr.report.readings import ReadLine
from ocr.report.text_errors import text_error_page
from ocr.types import InputError, Record, UInt8Array, Word
from ocr.utils.printable import say


def write_text_report(wanted: Evaluation, truth: Mapping[str, Sequence[Word]], predicted: Mapping[str, Record]) -> None:
    """Write the page of the lines that were read wrong.

    Args:
        wanted: settings of the evaluation.
        truth: regions of each image.
        predicted: predictions of each image.

    Raises:
        InputError: no region with a text has a prediction with one.
    """
    lines = [
        line
        for name, regions in truth.items()
        if name in predicted
        for line in lines_of(name, regions, predicted[name])
    ]
    if not lines:
        raise InputError(
            f"text_report: no word of {wanted.predictions} has a transcription and lies on a region of "
            f"{wanted.ground_truth} with one; give predictions with texts, or leave text_report out"
        )
    folder = images_folder(wanted)
    within = None if wanted.follow_links else folder  # the folder's content is not trusted

    def read(name: str) -> UInt8Array:
        return read_picture(find(folder, name), max_pixels=wanted.max_pixels, within=within).image_HWC

    readable = sum(region.readable for regions in truth.values() for region in regions)
    about = {
        "ground truth": f"{wanted.ground_truth}: {readable} regions ({wanted.granularity}) with a text",
        "predictions": f"{wanted.predictions}: {len(lines)} of them read, each by the prediction that lies on it",
        "not shown": f"{readable - len(lines)} regions on which no prediction with a text lies",
    }
    page = text_error_page("Lines read wrong", about, lines, wanted.lines, read)
    write_page(page, Path(str(wanted.text_report)))
    say(f"lines read wrong: {wanted.text_report}", error=True)


def lines_of(name: str, regions: Sequence[Word], predicted: Record) -> list[ReadLine]:
    """The lines of an image that were found, with what was read in them."""
    read = [word for word in predicted.words.values() if word.transcription is not None]
    return [
        ReadLine(name, read[other].points_N2, regions[line].text or "", read[other].text or "", read[other].confidence)
        for line, other in match_lines(regions, read).pairs
    ]
