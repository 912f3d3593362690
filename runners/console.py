"""Start, stop and compare trainings in the browser until Ctrl+C or SIGTERM; trainings go on without it.

    python runners/console.py port=8501 runs=outputs

The pages: `docs/how-to/console.md`.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("console", text=("runs", "data.root"))
def run(cfg: DictConfig) -> None:
    """Serve the pages."""
    from ocr.console.serve import serve
    from ocr.console.settings import ConsoleSettings

    serve(ConsoleSettings(**plain(cfg, "host", "port", "without_key", "runs"), data=cfg.data.root))


if __name__ == "__main__":
    run()
