"""The results of a detector in a comparison: figures and times, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.detections import Detector, Found
from ocr.metrics import DetectionEvaluator, ImageCounts
from ocr.metrics.comparison import badness
from ocr.metrics.end_to_end import EndToEndEvaluator, ReadingCounts
from ocr.types import Detection, Word


@dataclass(frozen=True, slots=True)
class Standing:
    """The results of one detector.

    Attributes:
        name: the detector's.
        version: what decides its output.
        found: what it found in each image, by the image's name.
        counts: of each image.
        figures: over all its images, by name, 0 to 1.
        readings: counts of what was read in each image; empty if nothing was to be read.
    """

    name: str
    version: str
    found: Mapping[str, Found]
    counts: Mapping[str, ImageCounts]
    figures: Mapping[str, float]
    readings: Mapping[str, ReadingCounts] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        detector: Detector,
        found: Mapping[str, Found],
        truth: Mapping[str, Sequence[Word]],
        *,
        reads: bool = False,
    ) -> Standing:
        """Score what a detector found.

        Args:
            detector: whose it is.
            found: by the image's name.
            truth: regions of each image.
            reads: score what it read there, too.
        """
        evaluator = DetectionEvaluator()
        counts = {name: evaluator.evaluate_image(truth[name], detections_of(one)) for name, one in found.items()}
        figures = evaluator.summarise(list(counts.values()))
        if not reads:
            return cls(detector.name, detector.version, found, counts, figures)
        reader = EndToEndEvaluator()
        readings = {name: reader.evaluate_image(truth[name], one.words) for name, one in found.items()}
        figures |= reader.summarise(list(readings.values()))
        return cls(detector.name, detector.version, found, counts, figures, readings)

    @property
    def seconds(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile of the wall time of an image."""
        low, median, high = np.quantile([found.seconds for found in self.found.values()], (0.25, 0.5, 0.75))
        return float(low), float(median), float(high)

    @property
    def processor_s(self) -> float:
        """Median of the processor time of an image."""
        return float(np.median([found.processor_s for found in self.found.values()]))

    @property
    def failures(self) -> dict[str, str]:
        """What was raised, by the name of the image."""
        return {name: found.failure for name, found in self.found.items() if found.failure is not None}

    @property
    def kept_since(self) -> list[str]:
        """The days on which times were measured that are not of this run, one for each such image, sorted."""
        return sorted(found.kept_since for found in self.found.values() if found.kept_since is not None)

    def worst_first(self) -> list[str]:
        """The images, those with the most wrong first: in what was read, otherwise in what was found."""
        if self.readings:
            wrong = {name: self.image_report(name)["figures"]["text_all/cer_bare"] for name in self.readings}
            return sorted(wrong, key=lambda name: (-wrong[name], name))
        return sorted(self.counts, key=lambda name: badness(name, self.counts[name]))

    def report(self) -> dict[str, Any]:
        """Figures and times, ready for JSON."""
        low, median, high = self.seconds
        times = {"low": low, "median": median, "high": high, "processor_median": self.processor_s}
        return {
            "version": self.version,
            "n": len(self.found),
            "figures": dict(self.figures),
            "seconds": {**times, "kept": len(self.kept_since)},
            "failures": self.failures,
        }

    def image_report(self, name: str) -> dict[str, Any]:
        """The same of one image."""
        found = self.found[name]
        read = EndToEndEvaluator().summarise([self.readings[name]]) if self.readings else {}
        return {
            "figures": DetectionEvaluator().summarise([self.counts[name]]) | read,
            "detections": len(found.polygons),
            "seconds": found.seconds,
            "processor_s": found.processor_s,
            "kept_since": found.kept_since,
            "failure": found.failure,
        }


def detections_of(found: Found) -> list[Detection]:
    """What was found as the metric takes it; no peer's score is used."""
    return [Detection(points_N2, 1.0) for points_N2 in found.polygons]
