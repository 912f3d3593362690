"""Coordinate descent over the postprocess's settings, and what it is worth on images that it did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocr.detection.tuning.counting import Counts, Settings
from ocr.metrics.evaluator import Evaluator
from ocr.types import InputError

Grids = Mapping[str, Sequence[Any]]
Shown = Callable[[Iterable[list[Any]], str, int], Iterable[list[Any]]]
"""(one item an image, what is done, how many there are) -> the same items, with a bar."""


def silent(items: Iterable[list[Any]], title: str, total: int) -> Iterable[list[Any]]:  # noqa: ARG001 - a `Shown`
    """No bar."""
    return items


@dataclass
class Tuner:
    """Tries settings on images.

    Attributes:
        counts: the images and what was counted on them so far.
        evaluator: makes figures of counts.
        objective: names of the figures whose mean is to be as large as it can.
        shown: puts a bar on the work.
        tried: every point that was tried, in order: the images it was tried on, its settings, objective and figures.
    """

    counts: Counts
    evaluator: Evaluator
    objective: Sequence[str]
    shown: Shown = silent
    tried: list[dict[str, Any]] = field(default_factory=list)

    def figures(self, points: Sequence[Settings], images: Sequence[int], title: str) -> list[dict[str, float]]:
        """The figures over some images at each point."""
        rows = list(self.shown(self.counts.at(points, images), title, len(images)))
        return [self.evaluator.summarise(column) for column in zip(*rows, strict=True)]

    def value(self, figures: Mapping[str, float]) -> float:
        """The objective.

        Raises:
            InputError: there is no such figure.
        """
        check_objective(self.objective, figures)
        return sum(figures[name] for name in self.objective) / len(self.objective)

    def descend(self, start: Settings, grids: Grids, images: Sequence[int], title: str) -> dict[str, Any]:
        """From the start the best value of one setting after the other, again and again until none is better.

        Of values that are equally good the earlier one is kept, the start before all others. What is found cannot be
        bettered by changing one setting within its grid; two at once might.

        Args:
            start: settings to start from.
            grids: values to try of each setting that may change.
            images: indices of the images to be good on.
            title: what the images are called in ``tried`` and in the bar.

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
        """What tuning gives on images that it does not see: each fold with the settings that the others choose.

        Every ``folds``-th image is one fold.

        Args:
            start: settings to start from.
            grids: values to try of each setting that may change.
            folds: how many, at least 2.

        Returns:
            The figures over all images, and the settings that were chosen for each fold.

        Raises:
            InputError: there are fewer folds than 2 or fewer images than folds.
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
    """Find a misspelt figure.

    Args:
        objective: names of figures.
        figures: names of those that there are.

    Raises:
        InputError: there is no such figure, or none is named.
    """
    known = list(figures)
    if not objective or any(name not in known for name in objective):
        raise InputError(f"objective={list(objective)}: must name one or more of {', '.join(known)}")


def grids_in_use(start: Settings, grids: Grids) -> dict[str, list[Any]]:
    """The grids that can change anything: those that have values, and of the two rules to grow by the one in use.

    Raises:
        InputError: the postprocess has no setting of that name.
    """
    unknown = sorted(grids.keys() - start.keys())
    if unknown:
        raise InputError(f"grids.{unknown[0]}: the postprocess has no such setting, but {', '.join(start)}")
    unused = "shrink_ratio" if start.get("unclip_ratio") is not None else "unclip_ratio"
    return {name: list(grid) for name, grid in grids.items() if grid and name != unused}
