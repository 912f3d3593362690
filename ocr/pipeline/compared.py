"""Two annotation files, truth and predictions, compared image by image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ocr.data.regions import Granularity, regions_of
from ocr.fields import Facts
from ocr.formats.common.base import composed
from ocr.formats.native import read_items, read_native
from ocr.metrics.comparison import Comparison, compare, differing_sizes
from ocr.metrics.evaluator import DetectionEvaluator
from ocr.metrics.facts import facts_of_record
from ocr.types import Detection, Record, Word


@dataclass(frozen=True, slots=True)
class Compared:
    """The content of two files, and how it compares; all mappings are by image name.

    Attributes:
        predicted: the predictions.
        sizes: (width, height) of each image, as far as the truth states it.
        truth: regions of each image of the truth.
        found: the predicted regions.
        result: counts and outcomes of the regions.
        evaluator: what counted them.
        facts: what the truth and the predictions say of each receipt; ``None`` unless both say something.
        warnings: reasons for unexpected figures.
    """

    predicted: Mapping[str, Record]
    sizes: Mapping[str, tuple[int | None, int | None]]
    truth: Mapping[str, Sequence[Word]]
    found: Mapping[str, Sequence[Detection]]
    result: Comparison
    evaluator: DetectionEvaluator
    facts: tuple[Mapping[str, Facts], Mapping[str, Facts]] | None
    warnings: tuple[str, ...]


def compare_files(
    ground_truth: str,
    predictions: str,
    granularity: Granularity,
    evaluator: DetectionEvaluator,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> Compared:
    """Read two files in the native format and compare them.

    Args:
        ground_truth: path of the truth.
        predictions: path of the predictions.
        granularity: unit of a region of the truth.
        evaluator: counts the regions of an image.
        progress: iterates over the names it is given and shows the progress.

    Raises:
        InputError: a file cannot be read, or predictions are of images that the truth lacks.
    """
    records, predicted = by_name(ground_truth, strict=True), by_name(predictions, strict=False)
    truth = {name: regions_of(record, granularity) for name, record in records.items()}
    found = {name: [Detection(word.points_N2, 1.0) for word in each.words.values()] for name, each in predicted.items()}
    result = compare(truth, found, evaluator, progress)
    facts = facts_by_name(ground_truth, records), facts_by_name(predictions, predicted)
    return Compared(
        predicted=predicted,
        sizes={name: (record.width, record.height) for name, record in records.items()},
        truth=truth,
        found=found,
        result=result,
        evaluator=evaluator,
        facts=facts if all(any(each.known for each in side.values()) for side in facts) else None,
        warnings=(*result.warnings(ground_truth, predictions), *differing_sizes(records, predicted)),
    )


def by_name(path: str, *, strict: bool) -> dict[str, Record]:
    """The records of a file by image name, in Unicode normal form."""
    return {composed(record.image_path.as_posix()): record for record in read_native(Path(path), strict=strict)}


def facts_by_name(path: str, records: Mapping[str, Record]) -> dict[str, Facts]:
    """What a file says of each receipt; its items as the entry lists them, or else as its words are labelled."""
    items = {composed(name): found for name, found in read_items(Path(path)).items()}
    facts = {name: facts_of_record(record) for name, record in records.items()}
    return {name: replace(each, items=items.get(name, each.items)) for name, each in facts.items()}
