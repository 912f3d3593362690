"""Choose the postprocess's settings of a checkpoint on a split, and write them into it.

    python runners/tune.py checkpoint_path=outputs/train/.../checkpoints/best.ckpt data.root=mine split=val

The probability maps are made once. Then one setting after the other takes the best value of its grid, again and again,
until none is better. The figures on the split that chose the settings flatter them: ``folds=2`` tunes on each half,
measures on the other and prints that beside them. ``write=false`` leaves the checkpoint as it is.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("tune", text=("checkpoint_path", "data.root"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Tune what the configuration describes."""
    from ocr.training.tune import TuneSettings, tune

    names = ("checkpoint_path", "output_dir", "split", "folds", "write", "workers", "device", "threads", "seed")
    sections = plain(cfg, "data", "postprocess", "grids", "objective")
    tune(TuneSettings(**{name: cfg[name] for name in names}, **sections))


if __name__ == "__main__":
    run()
