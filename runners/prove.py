"""Prove that the working tree behaves like another revision, or show where it differs.

    make prove REF=HEAD~1
    make prove REF=main TOL=1e-4 DIRTY=1
    python runners/prove.py ref=v1.0 training=[model=dbnet_resnet18]

Both revisions run side by side in separate folders; nothing in the checkout is touched. Exit status 0: equivalent; 1:
changed, or no verdict; 3: nothing differs, but changed code was not run. ``outputs/prove/report.md`` is the block for a
pull request.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("prove", text=("ref", "data", "output"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Prove what the configuration describes."""
    from tools.proof.run import Proving, prove

    sys.exit(prove(Proving(**plain(cfg, *cfg))))


if __name__ == "__main__":
    run()
