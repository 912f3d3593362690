"""Coordinate descent over the postprocess settings, and its cross-validation on held-out images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocr.metrics.evaluator import Evaluator
from ocr.training.tune_counts import Counts, Settings
from ocr.types import InputError

Grids = Mapping[str, Sequence[Any]]
Shown = Callable[[Iterable[list[Any]], str, int], Iterable[list[Any]]]
"""(one item per image, title, total) -> the same items, with a progress bar."""


def silent(items: Iterable[list[Any]], title: str, total: int) -> Iterable[list[Any]]:  # noqa: ARG001 - a `Shown`
    """Show no progress bar."""
    return items


@dataclass
class Tuner:
    """Evaluates settings on images.

    Attributes:
        counts: the images and their cached counts.
        evaluator: computes figures from counts.
        objective: names of the figures whose mean is maximised.
        shown: shows a progress bar.
        tried: every point tried, in order: its images, settings, objective and figures.
    """

    counts: Counts[Any]
    evaluator: Evaluator
    objective: Sequence[str]
    shown: Shown = silent
    tried: list[dict[str, Any]] = field(default_factory=list)

    def figures(self, points: Sequence[Settings], images: Sequence[int], title: str) -> list[dict[str, float]]:
        """The figures over some images for each point."""
        rows = list(self.shown(self.counts.at(points, images), title, len(images)))
        return [self.evaluator.summarise(column) for column in zip(*rows, strict=True)]

    def value(self, figures: Mapping[str, float]) -> float:
        """The objective.

        Raises:
            InputError: a figure does not exist.
        """
        check_objective(self.objective, figures)
        return sum(figures[name] for name in self.objective) / len(self.objective)

    def descend(self, start: Settings, grids: Grids, images: Sequence[int], title: str) -> dict[str, Any]:
        """Optimise one setting after the other, repeatedly until no change improves the objective.

        Of equally good values the earlier one is kept, the start before all others. The result cannot be improved by
        changing one setting within its grid; changing two at once might.

        Args:
            start: settings to start from.
            grids: values to try of each setting that may change.
            images: indices of the images to optimise on.
            title: name of the images in ``tried`` and in the progress bar.

        Returns:
            All settings.
        """
        best = dict(start)
        height = self._try([best], images, title, title)[0]
        improved = True
        while improved:
            improved = False
            for name, grid in grids.items():
                points = [{**best, name: value} for value in grid if value != best[name]]
                for point, reached in zip(points, self._try(points, images, title, f"{title}: {name}"), strict=True):
                    if reached > height:
                        best, height, improved = point, reached, True
        return best

    def _try(self, points: Sequence[Settings], images: Sequence[int], title: str, bar: str) -> list[float]:
        values = []
        for point, figures in zip(points, self.figures(points, images, bar) if points else [], strict=True):
            values.append(self.value(figures))
            self.tried.append({"images": title, **point, "objective": values[-1], **figures})
        return values

    def held_out(self, start: Settings, grids: Grids, folds: int) -> tuple[dict[str, float], list[dict[str, Any]]]:
        """Cross-validate the tuning: each fold is scored with the settings tuned on the other folds.

        Every ``folds``-th image is one fold.

        Args:
            start: settings to start from.
            grids: values to try of each setting that may change.
            folds: number of folds, at least 2.

        Returns:
            The figures over all images, and the settings chosen for each fold.

        Raises:
            InputError: there are fewer than 2 folds or fewer images than folds.
        """
        images = range(len(self.counts.cases))
        if not 2 <= folds <= len(images):
            raise InputError(f"folds={folds}: must be 0, or between 2 and the number of images, {len(images)}")
        chosen, counts = [], []
        for fold in range(folds):
            seen = [image for image in images if image % folds != fold]
            unseen = [image for image in images if image % folds == fold]
            title = f"without fold {fold + 1}/{folds}"
            chosen.append(self.descend(start, grids, seen, title))
            rows = self.shown(self.counts.at([chosen[-1]], unseen), f"fold {fold + 1}/{folds}", len(unseen))
            counts += [row[0] for row in rows]
        return self.evaluator.summarise(counts), chosen


def check_objective(objective: Sequence[str], figures: Iterable[str]) -> None:
    """Check the names of an objective's figures.

    Args:
        objective: names of figures.
        figures: names of the existing figures.

    Raises:
        InputError: a figure does not exist, or none is named.
    """
    known = list(figures)
    if not objective or any(name not in known for name in objective):
        raise InputError(f"objective={list(objective)}: must name one or more of {', '.join(known)}")


def grids_with_values(start: Settings, grids: Grids) -> dict[str, list[Any]]:
    """The grids with values.

    Raises:
        InputError: the postprocess does not have a setting of that name.
    """
    unknown = sorted(grids.keys() - start.keys())
    if unknown:
        raise InputError(f"grids.{unknown[0]}: the postprocess has no such setting; it has {', '.join(start)}")
    return {name: list(grid) for name, grid in grids.items() if grid}
