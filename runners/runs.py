"""List trainings with their state, figures, data, revision, seed and duration.

python runners/runs.py
python runners/runs.py input=outputs output=runs.csv
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("runs", text=("input", "output"))
def run(cfg: DictConfig) -> None:
    """List the runs of a folder."""
    from ocr.pipeline.runs import report_runs

    report_runs(cfg.input, cfg.output, overwrite=cfg.overwrite)


if __name__ == "__main__":
    run()
