"""Write a corpus of synthetic receipts in the native layout.

    python runners/synthesize.py output=data seed=0 train=800 val=100 test=100

The bytes depend on the seed and the counts alone. ``overwrite=true`` replaces an existing corpus.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hydra
from omegaconf import DictConfig

from ocr.utils.path_utils import CONFIG_DIR, setup_project_paths

setup_project_paths()


def synthesize(config: DictConfig) -> None:
    """Generate the corpus that the configuration describes, with a progress bar on stderr."""
    import os

    from rich.console import Console
    from rich.progress import Progress

    from ocr.synthesis.corpus import generate_corpus

    counts = {"train": int(config.train), "val": int(config.val), "test": int(config.test)}
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = available if config.workers == "auto" else int(config.workers)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("receipts", total=sum(counts.values()))
        generate_corpus(
            Path(config.output),
            counts,
            int(config.seed),
            workers,
            overwrite=bool(config.overwrite),
            on_receipt=lambda: progress.advance(bar),
        )


@hydra.main(version_base=None, config_path=str(CONFIG_DIR), config_name="synthesize")
def main(config: DictConfig) -> None:
    """Entry point."""
    synthesize(config)


if __name__ == "__main__":
    main()
