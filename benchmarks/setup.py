"""The default training, assembled as in `runners/train.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.row import REPOSITORY, Skipped

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from torch import nn

    from ocr.data.datamodule import ReceiptDataModule
    from ocr.types import Batch


def configuration(*overrides: str) -> DictConfig:
    """What ``runners/train.py`` gets with these overrides, on the default data.

    Raises:
        Skipped: the default data are missing.
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


def training_step(cfg: DictConfig, *, half: bool = False) -> tuple[nn.Module, Callable[[Batch], None]]:
    """The network of seed 0, and what Lightning does of it with a batch.

    Args:
        cfg: the training's.
        half: as ``trainer.precision=bf16-mixed`` on a processor does it: network and loss under autocast.
    """
    import torch
    from hydra.utils import instantiate

    torch.manual_seed(0)
    network, loss = instantiate(cfg.model).train(), instantiate(cfg.loss)
    optimiser = instantiate(cfg.optimiser)(network)

    def step(batch: Batch) -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            total, _ = loss(network(batch.images_BCHW), batch.targets)
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), cfg.trainer.gradient_clip_val)
        optimiser.step()

    return network, step
