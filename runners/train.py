"""Train, validate and test a text detector.

    python runners/train.py exp_name=mine trainer.max_epochs=10 model=dbnet_resnet18
    python runners/train.py exp_name=mine trainer.max_epochs=10 model=dbnet_resnet18 resume=auto

Ctrl+C and SIGTERM save the state and exit with status 130 and 143; ``resume`` continues from there as if uninterrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from ocr.utils.runs import RunFolder
from runners.launch import hydra_main, instantiate_enabled, plain, say

if TYPE_CHECKING:
    from ocr.training.module import TaskModule

setup_project_paths()


@hydra_main("train", text=("data.root", "init_checkpoint", "resume"), stoppable=True, resumable=True)
def train(cfg: DictConfig, folder: RunFolder) -> None:
    """Seed, data, model, callbacks, trainer, fit, validate, test, figures."""
    import pytorch_lightning as pl
    from hydra.utils import instantiate

    from ocr.report.figures import report_figures
    from ocr.training.begin import Begin
    from ocr.training.checkpoint import best_checkpoint
    from ocr.training.points import resume_point
    from ocr.training.skipping import CountSkipped
    from ocr.utils.provenance import RunClock

    clock = RunClock()
    pl.seed_everything(cfg.seed, workers=True)
    point = resume_point(cfg.resume, cfg.output_dir)
    datamodule = instantiate(cfg.data, tested=not cfg.skip_test)
    module = build_module(cfg)
    begin, resume_points = Begin(folder.begin, instantiate_enabled(cfg.logger)), instantiate(cfg.resume_points)
    callbacks = [begin, *instantiate_enabled(cfg.callbacks), CountSkipped(datamodule.skipped), resume_points]
    trainer: pl.Trainer = instantiate(cfg.trainer, callbacks=callbacks, logger=False)
    if trainer.is_global_zero:
        module.config["run"]["data"]["md5"] = clock.data_digest(cfg.data.root)
    trainer.fit(module, datamodule, ckpt_path=point, weights_only=True)

    best = best_checkpoint(trainer)
    figures = dict(trainer.validate(module, datamodule, ckpt_path=best, weights_only=True, verbose=False)[0])
    if not cfg.skip_test:
        figures |= trainer.test(module, datamodule, ckpt_path=best, weights_only=True, verbose=False)[0]
    if trainer.is_global_zero:
        origin = {"resumed_from": point and str(point), **clock.provenance(cfg.seed, cfg.data.root)}
        report_figures(figures, origin, cfg.output_dir)
        say(f"best checkpoint: {best or resume_points.path}")


def build_module(cfg: DictConfig) -> TaskModule:
    """The module to train, with the weights of ``init_checkpoint`` if given."""
    from hydra.utils import instantiate

    from ocr.training.kept import SAME_TRAINER, SECTIONS, kept_config
    from ocr.training.module import TaskModule
    from ocr.weights.stored import init_weights

    config = plain(cfg, "task", *SECTIONS) | {"callbacks": plain(cfg.callbacks, "ema", "early_stopping")}
    config["trainer"] = {name: cfg.trainer.get(name) for name in SAME_TRAINER}
    parts = {name: instantiate(cfg[name]) for name in ("loss", "decode", "evaluator", "optimiser", "schedule")}
    module = TaskModule(network=instantiate(cfg.model), config=kept_config(config), **parts)
    if cfg.init_checkpoint is not None:
        init_weights(module.network, cfg.init_checkpoint)
    return module


if __name__ == "__main__":
    train()
