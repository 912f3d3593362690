"""Merge the shards of a prediction (`predict.py`, `read.py`) into the file that a single process would have written.

python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ shard=1/2
python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ shard=2/2
python runners/merge.py input=found/      # names missing shards and the overrides that run them
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("merge", text=("input",))
def merge(cfg: DictConfig) -> None:
    """Merge the shards into one file."""
    from ocr.pipeline.shards import merge_folder

    merge_folder(Path(cfg.input), submission=cfg.csv, overwrite=cfg.overwrite)


if __name__ == "__main__":
    merge()
