"""Run the checklist of a refactor: every gate, with a summary table and a report.

    make validate             # all except the ten minutes of training
    make validate FAST=1      # five minutes
    make validate FULL=1
    make validate ARGS="only=[lint,config]"

The exit status is 1 if a gate failed. ``outputs/validation/report.md`` is the checklist for a pull request.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("validate", text=("output",), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Run the gates that the configuration lists."""
    from tools.gates.run import validate

    settings = plain(cfg, *cfg)
    status = validate(Path(settings.pop("output")), settings, HydraConfig.get().overrides.task)
    if status:
        sys.exit(status)


if __name__ == "__main__":
    run()
