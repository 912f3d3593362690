"""Write a corpus of synthetic receipts in the native layout.

    python runners/synthesize.py output=data seed=0 train=800 val=100 test=100

The bytes depend only on the seed and the counts. ``overwrite=true`` replaces an existing corpus.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("synthesize", text=("output",))
def synthesize(cfg: DictConfig) -> None:
    """Generate the corpus that the configuration describes."""
    from ocr.pipeline.synthesize import write_corpus

    write_corpus(**plain(cfg, *cfg))


if __name__ == "__main__":
    synthesize()
