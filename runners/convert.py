"""Convert a data set of another format to the native layout, or to a third format.

    python runners/convert.py format=sroie input=sroie output=mine split=val include='*[16]'
    python runners/convert.py format=native input=mine/jsons/val.json output=theirs split=val to=icdar2015

Images stand upright afterwards. What had to be clipped, repaired, dropped or left out is listed, and what the format
written cannot hold; the exit status is 1 where an image or an entry (a region, row or word) is left out. So is an
image whose stated size is not its own in ``frame=``. What ``overwrite=true`` replaces stays until the new is complete.
The native layout gets ``images/<split>/``, ``jsons/<split>.json`` and ``reports/<split>.json``; any other format is
written to ``<split>/``, ``<split>.report.json`` beside it.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("convert", text=("input", "output", "split", "include", "exclude", "key"))
def run(cfg: DictConfig) -> None:
    """Convert, and end with the status that says whether all of it is there."""
    from ocr.pipeline.convert import Conversion, convert_data

    sys.exit(int(convert_data(Conversion(**plain(cfg, *cfg)))))


if __name__ == "__main__":
    run()
