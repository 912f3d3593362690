"""Obtain the default data set and verify it against ``data.dvc``.

python runners/data.py                           # verify; missing data are pulled from the remote or generated
python runners/data.py push=true                 # verify, then send what the remote lacks
python runners/data.py record=true               # record the current folder in data.dvc
python runners/data.py root=mine                 # the same for another folder, next to its mine.dvc
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig, OmegaConf

from ocr.utils.path_utils import CONFIG_DIR, setup_project_paths
from ocr.utils.printable import printable
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("data", text=("root", "pointer"))
def run(cfg: DictConfig) -> None:
    """Obtain or record the folder; it is generated with the defaults of `runners/synthesize.py`."""
    from ocr.pipeline.data import DataFolder, keep_data

    corpus = DictConfig(OmegaConf.load(CONFIG_DIR / "synthesize.yaml"))
    try:
        keep_data(DataFolder(**plain(cfg, *cfg)), plain(corpus, "seed", "train", "val", "test", "workers", "overwrite"))
    except FileNotFoundError as error:
        sys.exit(printable(str(error)))


if __name__ == "__main__":
    run()
