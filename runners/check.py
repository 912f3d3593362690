"""Find what is wrong with a data set before a training meets it.

    python runners/check.py input=mine
    python runners/check.py input=mine fix=true output=mended

Images and annotations of all splits are looked into. Tables say how many of each flaw there are, with examples and the
fix; ``report.html`` shows them with pictures, ``report.json`` lists everything. ``fix=true`` writes what is safe to
repair to a new folder and lists every change.

The exit status is 0 where nothing has to be done, 1 where there are errors, and 3 where there are warnings alone and
``fail_on=warning``. What could not be checked at all ends with 1 and a message. With ``fix=true`` too the status speaks
of what was checked.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("check", text=("input", "output"), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Check, and end with its status."""
    from ocr.pipeline.check import Check, check

    sys.exit(check(Check(**plain(cfg, *cfg))))


if __name__ == "__main__":
    run()
