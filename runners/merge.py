"""Put the parts of a prediction together; the result is the file that one process would have written.

    python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ shard=1/2
    python runners/predict.py checkpoint_path=best.ckpt input=photos/ output=found/ shard=2/2
    python runners/merge.py input=found/

A part that is missing is named with what runs it.
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, say

setup_project_paths()


@hydra_main("merge", text=("input",))
def merge(cfg: DictConfig) -> None:
    """Parts to one file."""
    from ocr.pipeline.shards import merge_shards
    from ocr.utils.whole_file import new_file

    folder = Path(cfg.input)
    written = new_file(folder / "predictions.json", overwrite=cfg.overwrite)
    say(f"{merge_shards(folder, written, submission=cfg.csv)} images: {written}")


if __name__ == "__main__":
    merge()
