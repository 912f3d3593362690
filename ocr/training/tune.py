"""Tune a checkpoint's postprocess settings on a split and store them in it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from ocr.detection.tuning.counting import Case, Counter, Counts
from ocr.detection.tuning.search import Tuner, check_objective, grids_in_use
from ocr.engines.torch_engine import TorchEngine, choose_device
from ocr.report.figures import print_figures, print_settings, write_figures, write_tried
from ocr.training.evaluation import evaluation_datamodule, module_of
from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.utils.limits import worker_count
from ocr.utils.printable import say
from ocr.utils.progress import until_stopped
from ocr.utils.provenance import RunClock
from ocr.utils.runs import checkpoint_held
from ocr.utils.workers import spread
from ocr.weights.kinds import KIND, class_of
from ocr.weights.stored import load_stored, store_settings


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


def tune(wanted: TuneSettings) -> None:
    """Compute the maps, search for the best settings, write the figures and update the checkpoint.

    Raises:
        InputError: a setting is invalid, or the checkpoint cannot be read or written.
        Stopped: a signal arrived; the checkpoint is unchanged.
    """
    clock = RunClock()
    path, folder = Path(wanted.checkpoint_path), Path(wanted.output_dir)
    check_request(wanted)
    workers = worker_count(wanted.workers)
    stored = load_stored(path)
    sha256 = file_sha256(path)
    module, kept = module_of(stored, wanted.checkpoint_path, wanted.postprocess)
    build = class_of("postprocess", kept["postprocess"][KIND])
    start = all_settings(build, kept["postprocess"])
    grids = grids_in_use(start, wanted.grids)
    check_grids(build, start, grids)
    check_objective(wanted.objective, module.evaluator.summarise([]))
    cases = list(make_cases(wanted, kept, module.network))
    everything = range(len(cases))
    with spread(workers) as spreading:
        counts = Counts(cases, Counter(build, module.evaluator), spreading)
        tuner = Tuner(counts, module.evaluator, wanted.objective, unless_stopped)
        best = tuner.descend(start, grids, everything, wanted.split)
        held_out, chosen = tuner.held_out(start, grids, wanted.folds) if wanted.folds else ({}, [])
        before, after = tuner.figures([start, best], everything, "figures")

    write_tried(tuner.tried, folder / "tried.csv")
    columns = {"before": before, "tuned": after, **({"held_out": held_out} if chosen else {})}
    figures = {f"{name}/{figure}": value for name, each in columns.items() for figure, value in each.items()}
    print_figures(figures)
    print_settings({"before": start, "tuned": best, **{f"without fold {n}": s for n, s in enumerate(chosen, 1)}})
    origin = clock.provenance(wanted.seed, wanted.data["root"])
    about = {
        "checkpoint_sha256": sha256,
        "split": wanted.split,
        "objective": list(wanted.objective),
        "folds": wanted.folds,
    }
    settings = {"settings_before": start, "settings": best, "settings_without_fold": chosen}
    write_figures(figures, {"checkpoint": str(path), **settings, **about, **origin}, folder / "metrics.json")
    carried = all_settings(build, stored["config"]["postprocess"])
    changed = {name: value for name, value in best.items() if value != carried[name]}
    if not wanted.write or not changed:
        say(f"{path} is unchanged: {'write=false' if changed else 'no better settings were found'}")
        return
    about |= {"data_md5": origin["data"]["md5"], "git_revision": origin["git_revision"]}
    with checkpoint_held(path):
        store_settings(path, sha256, changed, {**about, "changed": changed, "figures": columns})
    say(f"{path} has the new settings")


def check_request(wanted: TuneSettings) -> None:
    """Check the settings before any work starts.

    Raises:
        InputError: ``folds`` is 1 or negative, the settings would be stored although they were tuned at another image
            size, or a training is writing to the checkpoint's folder.
    """
    if wanted.folds < 0 or wanted.folds == 1:
        raise InputError(f"folds={wanted.folds}: must be 0, or between 2 and the number of images")

    if wanted.write and wanted.data["long_side"] is not None:
        raise InputError(
            f"data.long_side={wanted.data['long_side']} differs from the checkpoint's, and settings are only valid for "
            "one size; add write=false, or export the checkpoint with data.long_side= and format=safetensors and tune "
            "that"
        )
    if wanted.write:
        with checkpoint_held(Path(wanted.checkpoint_path)):  # fail now rather than after hours of work
            return


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


def make_cases(wanted: TuneSettings, kept: dict[str, Any], network: nn.Module) -> Iterator[Case]:
    """The probability map of each image of the split, with its ground truth."""
    engine = TorchEngine(network, choose_device(wanted.device), wanted.threads)
    datamodule = evaluation_datamodule(
        kept, wanted.checkpoint_path, data=wanted.data, split=wanted.split, seed=wanted.seed
    )
    datamodule.setup("test")
    loader = datamodule.test_dataloader()
    for batch in unless_stopped(loader, "maps", len(loader)):
        datamodule.skipped.receive(batch)
        if not len(batch):
            continue
        (probability_HW,) = engine(batch.images_BCHW.numpy())
        yield Case(probability_HW.astype(np.float16), batch.matrices_B33[0], batch.original_sizes[0], batch.regions[0])


def unless_stopped(items: Any, title: str, total: int) -> Iterator[Any]:
    """Iterate over the images of one step with a progress bar until a signal arrives."""
    yield from until_stopped(items, title, total, "the checkpoint is unchanged")
