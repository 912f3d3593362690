"""Score a checkpoint on a split of a data set.

What a recogniser reads goes to predictions.json of the run's folder. The postprocess may be another one of the task:

    python runners/test.py checkpoint_path=text.ckpt data.root=data postprocess=beam postprocess.language_weight=0.3
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("test", text=("checkpoint_path", "data.root", "postprocess.pattern"), stoppable=True)
def test(cfg: DictConfig) -> None:
    """Load a checkpoint, score it on the split and report the figures."""
    import pytorch_lightning as pl
    from hydra.utils import instantiate

    from ocr.report.figures import report_figures
    from ocr.training.evaluation import evaluation_callbacks, stored_evaluation
    from ocr.utils.provenance import RunClock

    clock = RunClock()
    pl.seed_everything(cfg.seed, workers=True)
    module, data = stored_evaluation(cfg.checkpoint_path, **plain(cfg, "data", "postprocess", "split", "seed"))
    callbacks = evaluation_callbacks(data, cfg.data.root, cfg.split, cfg.output_dir)
    trainer: pl.Trainer = instantiate(cfg.trainer, callbacks=callbacks, logger=False, enable_checkpointing=False)
    figures = trainer.test(module, data, verbose=False)[0]
    if trainer.is_global_zero:
        origin = {"checkpoint": cfg.checkpoint_path, **clock.provenance(cfg.seed, cfg.data.root)}
        report_figures(figures, origin, cfg.output_dir)


if __name__ == "__main__":
    test()
