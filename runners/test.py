"""Score a checkpoint on a split of a data set.

python runners/test.py checkpoint_path=outputs/train/.../checkpoints/best.ckpt data.root=data split=test
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("test", text=("checkpoint_path", "data.root"), stoppable=True)
def test(cfg: DictConfig) -> None:
    """Checkpoint, loader, figures."""
    import pytorch_lightning as pl
    from hydra.utils import instantiate

    from ocr.report.figures import print_figures, write_figures
    from ocr.training.evaluation import evaluation_datamodule, module_from_checkpoint
    from ocr.training.interruptible import Interruptible
    from ocr.training.skipping import CountSkipped
    from ocr.utils.provenance import RunClock

    clock = RunClock()
    pl.seed_everything(cfg.seed, workers=True)
    module, kept = module_from_checkpoint(cfg.checkpoint_path, **plain(cfg, "postprocess"))
    data = evaluation_datamodule(kept, cfg.checkpoint_path, **plain(cfg, "data", "split", "seed"))
    callbacks = [Interruptible(), CountSkipped(data.skipped)]
    trainer: pl.Trainer = instantiate(cfg.trainer, callbacks=callbacks, logger=False, enable_checkpointing=False)
    figures = trainer.test(module, data, verbose=False)[0]
    if trainer.is_global_zero:
        provenance = {"checkpoint": str(cfg.checkpoint_path), **clock.provenance(cfg.seed, cfg.data.root)}
        print_figures(figures)
        write_figures(figures, provenance, Path(cfg.output_dir) / "metrics.json")


if __name__ == "__main__":
    test()
