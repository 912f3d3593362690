"""Tune a checkpoint's postprocess settings on a split and store them in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from ocr.detection.tuning.counting import Case, Counter, grids_in_use
from ocr.engines.torch_engine import TorchEngine, choose_device
from ocr.report.figures import print_figures, print_settings, write_figures, write_tried
from ocr.training.evaluation import evaluation_datamodule, module_of
from ocr.training.tune_common import Outcome, TuneSettings, all_settings, check_grids, unless_stopped
from ocr.training.tune_counts import Counts
from ocr.training.tune_facts import tune_facts
from ocr.training.tune_search import Tuner, check_objective, grids_with_values
from ocr.training.tune_text import tune_text
from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.utils.limits import worker_count
from ocr.utils.printable import say
from ocr.utils.provenance import RunClock
from ocr.utils.runs import checkpoint_held
from ocr.utils.workers import spread
from ocr.weights.kinds import KIND, class_of
from ocr.weights.stored import load_stored, store_settings


def tune(wanted: TuneSettings) -> None:
    """Compute the network's output once, search for the best settings, write the figures and update the checkpoint.

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
    task = stored["config"]["task"]
    if task == "detection":
        check_size(wanted)
        result = tune_maps(wanted, stored, workers)
    else:
        result = tune_text(wanted, stored) if task == "recognition" else tune_facts(wanted, stored)
    write_tried(result.tried, folder / "tried.csv")
    figures = {f"{name}/{figure}": value for name, each in result.columns.items() for figure, value in each.items()}
    print_figures(figures)
    without = {f"without fold {number}": settings for number, settings in enumerate(result.chosen, 1)}
    print_settings({"before": result.start, "tuned": result.best, **without})
    origin = clock.provenance(wanted.seed, wanted.data["root"])
    about = {
        "checkpoint_sha256": sha256,
        "split": wanted.split,
        "objective": list(result.objective),
        "folds": wanted.folds,
    }
    settings = {
        "settings_before": result.start,
        "settings": result.best,
        "settings_without_fold": result.chosen,
    }
    write_figures(figures, {"checkpoint": str(path), **settings, **about, **origin}, folder / "metrics.json")
    if not wanted.write or not result.changed:
        say(f"{path} is unchanged: {'write=false' if result.changed else 'no better settings were found'}")
        return
    about |= {"data_md5": origin["data"]["md5"], "git_revision": origin["git_revision"]}
    with checkpoint_held(path):
        note = {**about, "changed": result.noted, "figures": result.columns}
        store_settings(path, sha256, result.changed, note)
    say(f"{path} has the new settings")


def tune_maps(wanted: TuneSettings, stored: dict[str, Any], workers: int) -> Outcome:
    """Search for the best settings of a detector's postprocess."""
    module, kept = module_of(stored, wanted.checkpoint_path, wanted.postprocess)
    build = class_of("postprocess", kept["postprocess"][KIND])
    start = all_settings(build, kept["postprocess"])
    grids = grids_in_use(start, grids_with_values(start, wanted.grids))
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
    columns = {"before": before, "tuned": after, **({"held_out": held_out} if chosen else {})}
    carried = all_settings(build, stored["config"]["postprocess"])
    changed = {name: value for name, value in best.items() if value != carried[name]}
    return Outcome(wanted.objective, start, best, chosen, columns, tuner.tried, changed, changed)


def check_request(wanted: TuneSettings) -> None:
    """Check the settings before any work starts.

    Raises:
        InputError: ``folds`` is 1 or negative, or a training is writing to the checkpoint's folder.
    """
    if wanted.folds < 0 or wanted.folds == 1:
        raise InputError(f"folds={wanted.folds}: must be 0, or between 2 and the number of images")
    if wanted.write:
        with checkpoint_held(Path(wanted.checkpoint_path)):  # fail now rather than after hours of work
            return


def check_size(wanted: TuneSettings) -> None:
    """Check that a detector's settings are only stored if they are tuned at its own image size.

    Raises:
        InputError: they would be stored for another size.
    """
    if wanted.write and wanted.data["long_side"] is not None:
        raise InputError(
            f"data.long_side={wanted.data['long_side']} differs from the checkpoint's, and settings are only valid for "
            "one size; add write=false, or export the checkpoint with data.long_side= and format=safetensors and tune "
            "that"
        )


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
