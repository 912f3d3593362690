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

from typing import Any

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, say

setup_project_paths()


@hydra_main("convert", text=("input", "output", "split", "include", "exclude", "key"))
def convert(cfg: DictConfig) -> None:
    """Read, choose, write, report."""
    import sys
    from functools import partial
    from pathlib import Path

    from ocr.formats.convert import check_key, convert, select
    from ocr.formats.export import export, report_of
    from ocr.utils.progress import progress

    source, output = Path(cfg.input), Path(cfg.output)
    reader = chosen(cfg.readers, "format", cfg.format)
    check_key(cfg.key, cfg.format)
    if cfg.to == "native":
        write, told = convert, output / "reports" / f"{cfg.split}.json"
    else:
        write, told = partial(export, writer=chosen(cfg.writers, "to", cfg.to)), report_of(output / cfg.split)
    report = write(
        select(reader(source), cfg.include, cfg.exclude),
        output,
        cfg.split,
        frame=cfg.frame,
        overwrite=cfg.overwrite,
        progress=lambda records: progress(records, "images", len(records)),
    )
    say(*report.lines(), f"written to {output}, all of this to {told}")
    sys.exit(int(report.incomplete))


def chosen(functions: DictConfig, key: str, name: str) -> Any:
    """The reader or writer of a format."""
    from hydra.utils import instantiate

    from ocr.types import InputError

    if name not in functions:
        also = ", native" if key == "to" else ""
        raise InputError(f"{key}={name} is unknown; use one of {', '.join(functions)}{also}")
    return instantiate(functions[name])


if __name__ == "__main__":
    convert()
