"""Tune a checkpoint's postprocess settings on a split and store them in it.

    python runners/tune.py checkpoint_path=outputs/train/.../checkpoints/best.ckpt data.root=mine split=val

The probability maps are computed once. Then each setting in turn takes the best value of its grid, repeatedly, until
nothing improves. The figures on the tuning split are optimistic: ``folds=2`` also tunes on each half and scores on the
other, and prints those figures too. ``write=false`` does not change the checkpoint.

For a text recogniser, a language model is built from the texts of the training split (``text.language.split``) and of
some synthetic receipts. The beam search that uses it takes the place of the stored decoding, with the best weights.

An extraction learns the companies and addresses of the training split (``known``), which correct what is read.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("tune", text=("checkpoint_path", "data.root", "postprocess.pattern"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Tune what the configuration describes."""
    from ocr.training.tune import tune
    from ocr.training.tune_common import TextSettings, TuneSettings

    names = (
        "checkpoint_path",
        "output_dir",
        "split",
        "folds",
        "write",
        "workers",
        "device",
        "threads",
        "seed",
        "known",
    )
    sections = plain(cfg, "data", "postprocess", "grids", "objective")
    tune(
        TuneSettings(**{name: cfg[name] for name in names}, text=TextSettings(**plain(cfg, "text")["text"]), **sections)
    )


if __name__ == "__main__":
    run()
