"""Score the detections of many images against their ground truth, by image name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocr.geometry import swallowed
from ocr.metrics.errors import FAULTS, Outcomes, outcomes_in
from ocr.metrics.evaluator import DetectionEvaluator, ImageCounts
from ocr.types import Detection, InputError, Record, Word
from ocr.utils.printable import plural


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of scoring many images.

    Attributes:
        counts: counts of each image of the ground truth.
        outcomes: outcomes of each image's regions and detections.
        missing: images of the ground truth without predictions; they are scored as if nothing had been found.
        regions: number of ground truth regions that are not ignored.
        ignored: number of ignored ground truth regions.
        swallowed: number of regions that lie in ignored ones, which IoU cannot count as found.
        detections: number of detections.
    """

    counts: Mapping[str, ImageCounts]
    outcomes: Mapping[str, Outcomes]
    missing: tuple[str, ...]
    regions: int
    ignored: int
    swallowed: int
    detections: int

    def report(self, evaluator: DetectionEvaluator, *, per_image: bool = False) -> dict[str, Any]:
        """The figures and counts, ready for JSON.

        Args:
            evaluator: the evaluator that made the counts.
            per_image: add the figures and faults of each image under ``per_image``, lowest CLEval H-mean first, then
                lowest IoU H-mean at the first threshold; images without regions and detections come last.
        """
        content: dict[str, Any] = {
            "figures": evaluator.summarise(list(self.counts.values())),
            "images": len(self.counts),
            "images_without_predictions": len(self.missing),
            "regions": self.regions,
            "ignored_regions": self.ignored,
            "regions_in_ignored_ones": self.swallowed,
            "detections": self.detections,
            "iou_thresholds": list(evaluator.iou_thresholds),
            "faults": {kind: sum(image.faults[kind] for image in self.outcomes.values()) for kind in FAULTS},
        }
        if per_image:
            worst_first = sorted(self.counts.items(), key=lambda item: badness(*item))
            content["per_image"] = [
                {"image": name, **evaluator.summarise([image]), "faults": self.outcomes[name].faults}
                for name, image in worst_first
            ]
        return content

    def warnings(self, truth: str, predictions: str) -> list[str]:
        """Warnings about reasons for unexpected figures, one line each.

        Args:
            truth: the ground truth file, for the messages.
            predictions: the predictions file, for the messages.
        """
        warnings = []
        if self.missing:
            names = ", ".join(map(repr, self.missing[:5])) + (", ..." if len(self.missing) > 5 else "")
            warnings.append(
                f"{predictions} lacks {len(self.missing)} of {len(self.counts)} images: {names}; "
                "they are scored as if nothing had been found"
            )
        if not self.regions:
            warnings.append(f"{truth} has no region to find besides {self.ignored} ignored; recall and H-mean are 0")
        if self.swallowed:
            warnings.append(
                f"{self.swallowed} of {self.regions} regions of {truth} lie inside ignored regions; IoU leaves out "
                "their detections (runners/check.py lists them)"
            )
        return warnings


def differing_sizes(truth: Mapping[str, Record], found: Mapping[str, Record]) -> list[str]:
    """Warn if predictions and ground truth state different sizes of an image, which makes its figures meaningless.

    Args:
        truth: the ground truth records by image name.
        found: the predicted records by image name.
    """
    differences = []
    for name in truth.keys() & found.keys():
        sizes = [(record.width, record.height) for record in (truth[name], found[name])]
        if any(None not in sides and sides[0] != sides[1] for sides in zip(*sizes, strict=True)):
            ours, theirs = (" x ".join("?" if side is None else str(side) for side in size) for size in sizes)
            differences.append(f"{name!r}: img_w and img_h are {ours} in the ground truth, {theirs} in the predictions")
    if not differences:
        return []
    first = "; ".join(sorted(differences)[:5]) + ("; ..." if len(differences) > 5 else "")
    return [
        f"predictions and ground truth state different sizes of {plural(len(differences), 'image')}, so their boxes do "
        f"not match: {first}; scale them to the same image, or correct img_w and img_h"
    ]


def badness(name: str, image: ImageCounts) -> tuple[bool, float, float, str]:
    """Sort key of an image: worse images have smaller keys."""
    return image.nothing_to_judge, image.cleval.hmean, image.iou[0].hmean if image.iou else 0.0, name


def compare(
    truth: Mapping[str, Sequence[Word]],
    found: Mapping[str, Sequence[Detection]],
    evaluator: DetectionEvaluator,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> Comparison:
    """Score the detections of many images.

    Args:
        truth: regions of each image by name.
        found: detections of each image by name.
        evaluator: computes the counts.
        progress: iterates over the names it is given and shows the progress.

    Raises:
        InputError: there are detections of an image that is not in the ground truth.
    """
    unknown = [name for name in found if name not in truth]
    if unknown:
        raise InputError(
            f"predictions: {len(unknown)} of {len(found)} images not in the ground truth: "
            f"{', '.join(map(repr, unknown[:5]))}{', ...' if len(unknown) > 5 else ''}; "
            "remove them, or give the ground truth that they belong to"
        )
    counts, outcomes = {}, {}
    for name in progress(list(truth)):
        counts[name], pairing = evaluator.explain_image(truth[name], found.get(name, ()))
        outcomes[name] = outcomes_in(pairing)
    regions = [region for words in truth.values() for region in words]
    ignored = sum(region.ignore for region in regions)
    return Comparison(
        counts=counts,
        outcomes=outcomes,
        missing=tuple(name for name in truth if name not in found),
        regions=len(regions) - ignored,
        ignored=ignored,
        swallowed=sum(len({region for region, _ in swallowed(words)}) for words in truth.values()),
        detections=sum(len(detections) for detections in found.values()),
    )
