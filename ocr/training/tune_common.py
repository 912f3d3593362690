"""What the tunings of all tasks have in common: their settings and their result."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocr.types import InputError
from ocr.utils.progress import until_stopped
from ocr.weights.kinds import KIND


@dataclass(frozen=True)
class LanguageSettings:
    """What a recogniser's language model is built from.

    Attributes:
        split: name of the split whose texts it learns.
        receipts: synthetic receipts whose texts are added.
        order: longest sequence of characters, 1 to 7.
        characters: limit of the stored model.
    """

    split: str
    receipts: int
    order: int
    characters: int


@dataclass(frozen=True)
class TextSettings:
    """What the tuning of a recogniser takes instead of a detector's objective and grids.

    Attributes:
        objective: figures whose mean is maximised.
        grids: values to try, by setting of the beam search.
        language: `LanguageSettings`; ``None`` keeps the stored language model.
    """

    objective: Sequence[str]
    grids: Mapping[str, list[Any]]
    language: Mapping[str, Any] | None


@dataclass(frozen=True)
class TuneSettings:
    """Settings of a tuning.

    Attributes:
        checkpoint_path: a checkpoint or a weights file.
        output_dir: folder for ``tried.csv`` and ``metrics.json``.
        data: section ``data`` of ``configs/tune.yaml``.
        split: name of the split.
        postprocess: settings to start from; ``None`` keeps the checkpoint's value.
        grids: values to try, by setting.
        objective: figures whose mean is maximised.
        folds: number of folds for the held-out figures; 0 omits them.
        write: store the settings in the checkpoint.
        workers: processes that trace and score: a number or ``auto``.
        device: device of the network.
        threads: CPU threads of the network.
        seed: seed of the loader.
        text: used for a recogniser, instead of grids, objective and workers.
        known: used for an extraction: name of the split whose companies and addresses become known.
    """

    checkpoint_path: str
    output_dir: str
    data: Mapping[str, Any]
    split: str
    postprocess: Mapping[str, Any]
    grids: Mapping[str, list[Any]]
    objective: Sequence[str]
    folds: int
    write: bool
    workers: int | str
    device: str
    threads: int | None
    seed: int
    text: TextSettings
    known: str


@dataclass(frozen=True)
class Outcome:
    """Result of a tuning.

    Attributes:
        objective: figures whose mean was maximised.
        start: settings before, for the report.
        best: settings found.
        chosen: settings found without each fold.
        columns: figures by the name of their column: ``before``, ``tuned``, perhaps ``held_out``.
        tried: every point that was tried.
        changed: settings to store, by name.
        noted: the same for the record of the tuning.
    """

    objective: Sequence[str]
    start: dict[str, Any]
    best: dict[str, Any]
    chosen: list[dict[str, Any]]
    columns: dict[str, dict[str, float]]
    tried: list[dict[str, Any]]
    changed: dict[str, Any]
    noted: dict[str, Any]


def all_settings(build: type, given: dict[str, Any]) -> dict[str, Any]:
    """All settings of a postprocess: the given ones, and its defaults for the rest."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(build).parameters.items()}
    return {**defaults, **{name: value for name, value in given.items() if name != KIND}}


def check_grids(build: type, start: dict[str, Any], grids: dict[str, list[Any]]) -> None:
    """Check all values of the grids before hours of work.

    Raises:
        InputError: the postprocess rejects a value.
    """
    for name, grid in grids.items():
        for value in grid:
            try:
                build(**{**start, name: value})
            except (TypeError, ValueError) as error:
                raise InputError(f"grids.{name}: {error}") from error


def unless_stopped(items: Any, title: str, total: int) -> Iterator[Any]:
    """Iterate over the images of one step with a progress bar until a signal arrives."""
    yield from until_stopped(items, title, total, "the checkpoint is unchanged")
