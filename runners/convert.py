"""Convert a data set in another format to the native layout, or to a third format.

    python runners/convert.py format=sroie input=sroie output=mine split=val include='*[16]'
    python runners/convert.py format=native input=mine/jsons/val.json output=theirs split=val to=icdar2015

The converted images are upright. The report lists what was clipped, repaired, dropped or left out, and what the output
format cannot represent. The exit status is 1 if an image or an entry (a region, row or word) was left out. So is an
image whose stated size differs from its real one in ``frame=``. With ``overwrite=true``, the old split is kept until
the new one is complete. The native layout gets ``images/<split>/``, ``jsons/<split>.json`` and
``reports/<split>.json``; any other format is written to ``<split>/``, with ``<split>.report.json`` next to it.
"""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("convert", text=("input", "output", "split", "include", "exclude", "key"))
def run(cfg: DictConfig) -> None:
    """Convert the data and exit with status 1 if anything was left out."""
    from ocr.pipeline.convert import Conversion, convert_data

    sys.exit(int(convert_data(Conversion(**plain(cfg, *cfg)))))


if __name__ == "__main__":
    run()
