"""Choose the postprocess's settings of a checkpoint on a split, and write them into it.

    python runners/tune.py checkpoint_path=outputs/train/.../checkpoints/best.ckpt data.root=mine split=val

The probability maps are made once. Then one setting after the other takes the best value of its grid, again and again,
until none is better. The figures on the split that chose the settings flatter them: ``folds=2`` tunes on each half,
measures on the other and prints that beside them. ``write=false`` leaves the checkpoint as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from ocr.utils.cores import worker_count
from ocr.utils.path_utils import setup_project_paths
from ocr.utils.runs import checkpoint_held
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from torch import nn

    from ocr.detection.tuning.counting import Case

setup_project_paths()


@hydra_main("tune", text=("checkpoint_path", "data.root"), stoppable=True)
def tune(cfg: DictConfig) -> None:
    """Checkpoint, maps, search, figures, checkpoint."""
    from omegaconf import OmegaConf

    from ocr.detection.tuning.counting import Counter, Counts
    from ocr.detection.tuning.search import Tuner, check_objective, grids_in_use
    from ocr.report.figures import print_figures, write_figures
    from ocr.report.settings import print_settings, write_tried
    from ocr.utils.digest import file_sha256
    from ocr.utils.provenance import RunClock
    from ocr.utils.workers import spread
    from ocr.weights.kinds import KIND, class_of
    from runners.build import module_of
    from runners.stored import load_stored, store_settings

    clock = RunClock()
    path, folder = Path(cfg.checkpoint_path), Path(cfg.output_dir)
    check_request(cfg)
    workers = worker_count(cfg.workers)
    stored = load_stored(path)
    sha256 = file_sha256(path)
    module, kept = module_of(stored, cfg.checkpoint_path, cfg.postprocess)
    build = class_of("postprocess", kept["postprocess"][KIND])
    start = all_settings(build, kept["postprocess"])
    grids = grids_in_use(start, OmegaConf.to_container(cfg.grids))  # type: ignore[arg-type]
    check_grids(build, start, grids)
    check_objective(cfg.objective, module.evaluator.summarise([]))
    cases = list(make_cases(cfg, kept, module.network))
    everything = range(len(cases))
    with spread(workers) as spreading:
        counts = Counts(cases, Counter(build, module.evaluator), spreading)
        tuner = Tuner(counts, module.evaluator, cfg.objective, shown)
        best = tuner.descend(start, grids, everything, cfg.split)
        held_out, chosen = tuner.held_out(start, grids, cfg.folds) if cfg.folds else ({}, [])
        before, after = tuner.figures([start, best], everything, "figures")

    write_tried(tuner.tried, folder / "tried.csv")
    columns = {"before": before, "tuned": after, **({"held_out": held_out} if chosen else {})}
    figures = {f"{name}/{figure}": value for name, each in columns.items() for figure, value in each.items()}
    print_figures(figures)
    print_settings({"before": start, "tuned": best, **{f"without fold {n}": s for n, s in enumerate(chosen, 1)}})
    origin = clock.provenance(cfg.seed, cfg.data.root)
    about = {"checkpoint_sha256": sha256, "split": cfg.split, "objective": list(cfg.objective), "folds": cfg.folds}
    settings = {"settings_before": start, "settings": best, "settings_without_fold": chosen}
    write_figures(figures, {"checkpoint": str(path), **settings, **about, **origin}, folder / "metrics.json")
    carried = all_settings(build, stored["config"]["postprocess"])
    changed = {name: value for name, value in best.items() if value != carried[name]}
    if not cfg.write or not changed:
        say(f"{path} stays as it is: {'write=false' if changed else 'nothing is better than what it has'}")
        return
    about |= {"data_md5": origin["data"]["md5"], "git_revision": origin["git_revision"]}
    with checkpoint_held(path):
        store_settings(path, sha256, changed, {**about, "changed": changed, "figures": columns})
    say(f"{path} has the new settings")


def check_request(cfg: DictConfig) -> None:
    """Settings that hold at another size of the images are not written, one fold is no fold, no training writes there.

    Raises:
        InputError: they would be, or it is asked for.
    """
    from ocr.types import InputError

    if cfg.folds < 0 or cfg.folds == 1:
        raise InputError(f"folds={cfg.folds}: must be 0, or between 2 and the number of images")

    if cfg.write and cfg.data.long_side is not None:
        raise InputError(
            f"data.long_side={cfg.data.long_side} is not what the checkpoint carries, and settings belong to a size; "
            "give write=false too, or export the checkpoint with data.long_side= and format=safetensors and tune that"
        )
    if cfg.write:
        with checkpoint_held(Path(cfg.checkpoint_path)):  # now rather than after hours of work
            return


def all_settings(build: type, given: dict[str, Any]) -> dict[str, Any]:
    """All settings of a postprocess: those given, else its own defaults."""
    import inspect

    from ocr.weights.kinds import KIND

    defaults = {name: parameter.default for name, parameter in inspect.signature(build).parameters.items()}
    return {**defaults, **{name: value for name, value in given.items() if name != KIND}}


def check_grids(build: type, start: dict[str, Any], grids: dict[str, list[Any]]) -> None:
    """Find a value that the postprocess does not take before hours of work.

    Raises:
        InputError: there is one.
    """
    from ocr.types import InputError

    for name, grid in grids.items():
        for value in grid:
            try:
                build(**{**start, name: value})
            except (TypeError, ValueError) as error:
                raise InputError(f"grids.{name}: {error}") from error


def make_cases(cfg: DictConfig, kept: dict[str, Any], network: nn.Module) -> Iterator[Case]:
    """The probability map of each image of the split, with its ground truth."""
    import numpy as np

    from ocr.detection.tuning.counting import Case
    from ocr.engines.torch_engine import TorchEngine, choose_device
    from runners.build import evaluation_datamodule
    from runners.launch import progress

    engine = TorchEngine(network, choose_device(cfg.device), cfg.threads)
    datamodule = evaluation_datamodule(cfg, kept)
    datamodule.setup("test")
    loader = datamodule.test_dataloader()
    for batch in until_stopped(progress(loader, "maps", len(loader))):
        datamodule.skipped.receive(batch)
        if not len(batch):
            continue
        (probability_HW,) = engine(batch.images_BCHW.numpy())
        yield Case(probability_HW.astype(np.float16), batch.matrices_B33[0], batch.original_sizes[0], batch.regions[0])


def shown(items: Any, title: str, total: int) -> Iterator[Any]:
    """The images of one step of the search, with a bar, until a signal comes."""
    from runners.launch import progress

    yield from until_stopped(progress(items, title, total))


def until_stopped(items: Iterator[Any]) -> Iterator[Any]:
    """The items.

    Raises:
        Stopped: a signal came.
    """
    from ocr.utils.interruption import Stopped, pending_stop

    for item in items:
        signum = pending_stop()
        if signum:
            raise Stopped(signum, done="the checkpoint stays as it was")
        yield item


if __name__ == "__main__":
    tune()
