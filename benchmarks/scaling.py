"""Two DDP processes on the CPU against one: the same figures of the same images, and weak scaling.

    .venv-bench/bin/python benchmarks/scaling.py [pairs=4] [steps=8] [side=320] [images=7]

Each process has one thread, so that two have the two cores of the machine: what two do together, as a share of twice
what one does alone, is what gradients and memory cost. The default model with its loader (in the training process), on
crops of ``side`` pixels; a training's first steps are left out. Processes are forked from one that has imported
everything: `runners/train.py` starts its second process after the first, which takes longer than all that is measured.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from benchmarks.row import Row, Skipped, main, settings
from benchmarks.setup import configuration
from ocr.utils.limits import available_cores
from tools.pairs import interleaved, ratio

if TYPE_CHECKING:
    import pytorch_lightning as pl
    from omegaconf import DictConfig
    from torch import Tensor

Result = TypeVar("Result")
WARM_UP = 4
SHARED = (
    "ocr.data.datamodule",
    "ocr.detection.losses",
    "ocr.metrics",
    "ocr.detection.models",
    "ocr.training.module",
    "ocr.training.throughput",
)
"""What is imported before any process is forked: all of them have it then."""
LEAST = 0.02
"""H-mean below which there was next to nothing to agree on."""


def configured(processes: int, side: int, *overrides: str) -> DictConfig:
    """The default training on small images, in so many processes of one thread."""
    return configuration(
        "data.num_workers=0",
        f"data.crop.size={side}",
        f"data.transform.long_side={2 * side}",
        "trainer.accelerator=cpu",
        f"trainer.devices={processes}",
        f"trainer.strategy={'ddp_fork' if processes > 1 else 'auto'}",
        "trainer.num_sanity_val_steps=0",
        "trainer.enable_progress_bar=false",
        "trainer.plugins=[]",  # forked processes hand the weights over in a form that our checkpoints are not in
        "+trainer.enable_checkpointing=false",
        *overrides,
    )


def trainer_of(cfg: DictConfig, *callbacks: pl.Callback) -> pl.Trainer:
    """The trainer with these callbacks alone, and without logs."""
    from hydra.utils import instantiate

    trainer: pl.Trainer = instantiate(cfg.trainer, callbacks=list(callbacks), logger=False)
    return trainer


def images_per_second(processes: int, side: int, steps: int) -> float:
    """Rate of all processes together over the last steps of a training."""
    from hydra.utils import instantiate

    from ocr.training.throughput import Throughput
    from runners.train import build_module

    cfg = configured(processes, side, f"trainer.max_steps={WARM_UP + steps}", "trainer.limit_val_batches=0")
    trainer = trainer_of(cfg, Throughput(steps))
    trainer.fit(build_module(cfg), instantiate(cfg.data))
    return float(trainer.callback_metrics["images_per_s"])


def ink(images_BCHW: Tensor) -> dict[str, Tensor]:
    """Maps that find dark strokes and what is close to them: a network that needs no training."""
    from torch.nn.functional import max_pool2d

    dark_B1HW = 1 - images_BCHW.float().mean(dim=1, keepdim=True) / 255
    near_BHW = max_pool2d(dark_B1HW, (3, 9), stride=1, padding=(1, 4))[:, 0]
    return {"probability_logits": 20 * (near_BHW - 0.5), "threshold": near_BHW, "binary": near_BHW}


def figures(processes: int, side: int, images: int) -> dict[str, float]:
    """All figures of the first validation images."""
    from hydra.utils import instantiate
    from torch import nn

    from runners.train import build_module

    class Ink(nn.Module):
        """`ink` in the network's place."""

        def forward(self, images_BCHW: Tensor) -> dict[str, Tensor]:
            """uint8 (B, 3, H, W) to maps (B, H, W)."""
            return ink(images_BCHW)

    cfg = configured(processes, side, f"trainer.limit_val_batches={images}")
    module = build_module(cfg)
    module.network = Ink()
    return dict(trainer_of(cfg).validate(module, instantiate(cfg.data), verbose=False)[0])


def forked(job: Callable[..., Result], *arguments: int) -> Result:
    """Run a job in a process of its own: torch cannot fork any more where it has trained."""
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        return pool.submit(job, *arguments).result()


def same_figures(side: int, images: int) -> Row:
    """A validation with one process and one with two.

    Raises:
        RuntimeError: too little is found for the figures to say anything.
    """
    one, two = (forked(figures, processes, side, images) for processes in (1, 2))
    if one["val/cleval/hmean"] < LEAST:
        raise RuntimeError(f"val/cleval/hmean={one['val/cleval/hmean']:.3f}: too little is found to compare anything")
    different = [name for name in one if one[name] != two[name]]
    return Row(
        f"{len(one)} figures of {images} validation images, two DDP processes",
        "one process",
        "equal",
        f"different: {', '.join(different)}" if different else "equal",
        f"CLEval H-mean {two['val/cleval/hmean']:.4f}, {one['val/cleval/hmean']:.4f}",
        "the same bits; images that the processes cannot share evenly: none counts twice",
        not different,
    )


def weak_scaling(side: int, steps: int, pairs: int) -> Row:
    """Trainings with one and two processes in turn."""
    rates = interleaved(
        lambda: 2 * forked(images_per_second, 1, side, steps), lambda: forked(images_per_second, 2, side, steps), pairs
    )
    measured = ratio(rates)
    percent = " ".join(f"{100 * value:.0f}" for value in (measured.median, measured.low, measured.high)).split()
    return Row(
        "weak scaling, two DDP processes of one thread each",
        "twice one process of one thread",
        "-",
        "{} % ({} to {}, n={})".format(*percent, measured.n),
        f"{measured.b:.3g} images/s, {measured.a:.3g} images/s",
        f"the default model on crops of {side} pixels, 4 a step and process, the loader in the training process",
        None,
    )


def measure() -> list[Row]:
    """Both rows.

    Raises:
        Skipped: there are fewer than two cores.
    """
    chosen = settings(sys.argv[1:], pairs=4, steps=8, side=320, images=7)
    if available_cores() < 2:
        raise Skipped("two processes need two cores")
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch is there; Lightning then leaves it alone
    configuration()
    logging.disable(logging.INFO)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    for module in SHARED:
        importlib.import_module(module)
    return [
        same_figures(chosen["side"], chosen["images"]),
        weak_scaling(chosen["side"], chosen["steps"], chosen["pairs"]),
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
