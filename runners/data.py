"""Obtain the default data set and verify it against ``data.dvc``.

python runners/data.py                           # verify; what is missing is pulled from the remote, else generated
python runners/data.py push=true                 # verify, then send what the remote lacks
python runners/data.py record=true               # record the present folder in data.dvc
python runners/data.py root=mine                 # the same for another folder, beside its mine.dvc
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from ocr.utils.printable import printable
from runners.launch import hydra_main, say

setup_project_paths()


@hydra_main("data", text=("root", "pointer"))
def data(cfg: DictConfig) -> None:
    """Obtain or record the folder, then push it where that is asked for."""
    import sys

    from ocr.utils.data_store import obtain, push, record

    root = Path(cfg.root)
    pointer = Path(cfg.pointer or f"{root}.dvc")
    drawn = root == Path(cfg.generated)
    try:
        digest = record(root, pointer) if cfg.record else obtain(root, pointer, generate if drawn else None, cfg.repair)
        say(f"{root}: {digest} {'recorded in' if cfg.record else 'as in'} {pointer}")
        if cfg.push:
            push(pointer)
    except FileNotFoundError as error:
        sys.exit(printable(str(error)))


def generate(root: Path) -> None:
    """Draw the default corpus."""
    from omegaconf import OmegaConf

    from ocr.utils.path_utils import CONFIG_DIR
    from runners.synthesize import draw

    say(f"no {root}/ yet, and no remote is set: drawing it")
    cfg = OmegaConf.load(CONFIG_DIR / "synthesize.yaml")
    cfg.output = str(root)
    draw(cfg)  # type: ignore[arg-type]


if __name__ == "__main__":
    data()
