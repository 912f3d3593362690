"""The HTML page of an evaluation's lines that were read wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from ocr.formats.common.names import find
from ocr.images.decode import read_picture
from ocr.metrics.areas import common_areas, shapes_of
from ocr.metrics.shapes import padded
from ocr.pipeline.evaluate import Evaluation, images_folder
from ocr.report.document import write_page
from ocr.report.text_errors import ReadLine, text_error_page
from ocr.types import InputError, Record, UInt8Array, Word
from ocr.utils.printable import say

LEAST_IOU = 0.5
"""IoU that a region and a prediction of the same line exceed."""


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
        ReadLine(name, word.points_N2, region.text or "", word.transcription or "", word.confidence)
        for name, regions in truth.items()
        if name in predicted
        for region, word in matched(
            [region for region in regions if region.readable],
            [word for word in predicted[name].words.values() if word.transcription is not None],
        )
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


def matched(regions: Sequence[Word], words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """Pairs of a region and the prediction that lies on it, one to one, those of the highest IoU first."""
    truth_GK2, found_DK2 = (padded([each.points_N2.astype(np.float64) for each in some]) for some in (regions, words))
    common_GD = common_areas(truth_GK2, found_DK2)
    union_GD = shapely.area(shapes_of(truth_GK2))[:, None] + shapely.area(shapes_of(found_DK2))[None] - common_GD
    iou_GD = np.divide(common_GD, union_GD, out=np.zeros_like(common_GD), where=union_GD > 0)
    while iou_GD.size and iou_GD.max() > LEAST_IOU:
        region, word = divmod(int(iou_GD.argmax()), len(words))
        yield regions[region], words[word]
        iou_GD[region], iou_GD[:, word] = 0, 0
