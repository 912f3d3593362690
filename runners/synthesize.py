"""Write a corpus of synthetic receipts in the native layout.

    python runners/synthesize.py output=data seed=0 train=800 val=100 test=100

The bytes depend on the seed and the counts alone. ``overwrite=true`` replaces an existing corpus.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()


@hydra_main("synthesize", text=("output",))
def synthesize(cfg: DictConfig) -> None:
    """Generate the corpus that the configuration describes."""
    draw(cfg)


def draw(cfg: DictConfig) -> None:
    """The same, with a progress bar on stderr."""
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress

    from ocr.synthesis.corpus import generate_corpus
    from ocr.utils.limits import worker_count

    counts = {"train": int(cfg.train), "val": int(cfg.val), "test": int(cfg.test)}
    workers = worker_count(cfg.workers)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("receipts", total=sum(counts.values()))
        generate_corpus(
            Path(cfg.output),
            counts,
            int(cfg.seed),
            workers,
            overwrite=bool(cfg.overwrite),
            on_receipt=lambda: progress.advance(bar),
        )


if __name__ == "__main__":
    synthesize()
