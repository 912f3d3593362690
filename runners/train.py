"""Train, validate and test a text detector.

python runners/train.py exp_name=mine trainer.max_epochs=10 model=dbnet_resnet18
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, instantiate_enabled

setup_project_paths()


@hydra_main("train", text=("data.root", "init_checkpoint"))
def train(cfg: DictConfig) -> None:
    """Seed, data, model, callbacks, trainer, fit, validate, test, figures."""
    from pathlib import Path

    import pytorch_lightning as pl
    from hydra.utils import instantiate

    from ocr.report.figures import print_figures, write_figures
    from ocr.utils.provenance import RunClock
    from runners.build import build_module

    clock = RunClock()
    pl.seed_everything(cfg.seed, workers=True)
    datamodule = instantiate(cfg.data)
    module = build_module(cfg)
    trainer: pl.Trainer = instantiate(
        cfg.trainer, callbacks=instantiate_enabled(cfg.callbacks), logger=instantiate_enabled(cfg.logger)
    )
    trainer.fit(module, datamodule)

    figures = dict(trainer.validate(module, datamodule, ckpt_path="best", weights_only=True, verbose=False)[0])
    if not cfg.skip_test:
        figures |= trainer.test(module, datamodule, ckpt_path="best", weights_only=True, verbose=False)[0]
    if trainer.is_global_zero:
        print_figures(figures)
        write_figures(figures, clock.provenance(cfg.seed, cfg.data.root), Path(cfg.output_dir) / "metrics.json")


if __name__ == "__main__":
    train()
