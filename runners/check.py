"""Check a data set before training on it.

    python runners/check.py input=mine
    python runners/check.py input=mine fix=true output=repaired

The images and annotations of all splits are checked. Tables list the number of each kind of flaw, with examples and the
fix; ``report.html`` shows them with pictures, ``report.json`` lists everything. ``fix=true`` writes a repaired copy to
a new folder, as far as repairs are safe, and lists every change.

The exit status is 0 if nothing needs to be done, 1 if there are errors, and 3 if there are only warnings and
``fail_on=warning``. If the check itself fails, it is 1, with a message. With ``fix=true`` too, the status refers to the
checked data, not to the repaired copy.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("check", text=("input", "output", "read"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Check the data and exit with the resulting status."""
    from ocr.pipeline.check import Check, check

    sys.exit(check(Check(**plain(cfg, *cfg))))


if __name__ == "__main__":
    run()
