"""The default training, put together as `runners/train.py` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.row import REPOSITORY, Skipped

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from ocr.data.datamodule import ReceiptDataModule


def configuration(*overrides: str) -> DictConfig:
    """What ``runners/train.py`` gets with these overrides, on the default data.

    Raises:
        Skipped: the default data are not there.
    """
    from hydra import compose, initialize_config_dir

    root = REPOSITORY / "data"
    if not (root / "jsons" / "train.json").is_file():
        raise Skipped("no default data: make data")
    with initialize_config_dir(str(REPOSITORY / "configs"), version_base="1.3"):
        return compose("train", overrides=[f"data.root={root}", "output_dir=outputs/bench", *overrides])


def data_module(cfg: DictConfig) -> ReceiptDataModule:
    """The loaders, their annotations read."""
    from hydra.utils import instantiate

    module: ReceiptDataModule = instantiate(cfg.data)
    module.setup("fit")
    return module
