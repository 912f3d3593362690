"""Convert a data set of another format to the native layout.

    python runners/convert.py format=sroie input=sroie output=mine split=val include='*[16]'

Images stand upright afterwards. What had to be clipped, repaired, dropped or left out is listed; the exit status is 1
where an image is left out. An image whose polygons are of another frame than ``frame=`` says, by the size that the
annotation states, is left out. A split that ``overwrite=true`` replaces stays until the new one is complete.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("convert", text=("input", "output", "split", "include", "exclude"))
def convert(cfg: DictConfig) -> None:
    """Read, choose, write, report."""
    import sys
    from pathlib import Path

    from hydra.utils import instantiate

    from ocr.formats.convert import convert, select
    from ocr.types import InputError
    from runners.launch import progress

    if cfg.format not in cfg.readers:
        raise InputError(f"format={cfg.format} is unknown; use one of {', '.join(cfg.readers)}")
    source, output = Path(cfg.input), Path(cfg.output)
    data = select(instantiate(cfg.readers[cfg.format])(source), cfg.include, cfg.exclude)
    report = convert(
        data,
        output,
        cfg.split,
        frame=cfg.frame,
        overwrite=cfg.overwrite,
        progress=lambda records: progress(records, "images", len(records)),
    )
    print("\n".join([*report.lines(), f"written to {output}, all of this to {output / 'reports' / cfg.split}.json"]))
    sys.exit(1 if report.left_out else 0)


if __name__ == "__main__":
    convert()
