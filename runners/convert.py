"""Convert a data set of another format to the native layout.

    python runners/convert.py format=sroie input=sroie output=mine split=val include='*[16]'

Images stand upright afterwards. What had to be clipped, repaired, dropped or left out is listed; the exit status is 1
where an image is left out.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("convert", text=("input", "output", "include", "exclude"))
def convert(cfg: DictConfig) -> None:
    """Read, choose, write, report."""
    import sys
    from pathlib import Path

    from hydra.utils import instantiate

    from ocr.formats.convert import convert, prepare_split, select
    from ocr.types import InputError
    from runners.launch import progress

    if cfg.format not in cfg.readers:
        raise InputError(f"format={cfg.format} is unknown; use one of {', '.join(cfg.readers)}")
    source, output = Path(cfg.input), Path(cfg.output)
    data = select(instantiate(cfg.readers[cfg.format])(source), cfg.include, cfg.exclude)
    prepare_split(output, cfg.split, [record.image_path for record in data.records], overwrite=cfg.overwrite)
    records = progress(data.records, "images", len(data.records))
    report = convert(records, data.left_out, output, cfg.split, frame=cfg.frame)
    print("\n".join([*report.lines(), f"written to {output}, all of this to {output / 'reports' / cfg.split}.json"]))
    sys.exit(1 if report.left_out else 0)


if __name__ == "__main__":
    convert()
