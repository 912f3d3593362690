"""Runners started as a user starts them, and one tiny training that several tests look at."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from patience import PATIENCE_S

REPOSITORY = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_runner() -> Run:
    """``run_runner("train", "seed=1", ..., cwd=folder)`` runs ``python runners/train.py seed=1 ...``."""

    def run(name: str, *overrides: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(REPOSITORY / "runners" / f"{name}.py"), *overrides]
        environment = {**os.environ, "COLUMNS": "200"}
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    return run


@pytest.fixture(scope="session")
def tiny_training(run_runner: Run, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A training of two steps: the ``folder`` it was started in, its ``run`` folder, checkpoints, ``process``."""
    folder = tmp_path_factory.mktemp("training")
    process = run_runner(
        "train", "debug=fast", f"data.root={tiny_data}", "exp_name=tiny", "logger.wandb.enabled=false", cwd=folder
    )
    assert process.returncode == 0, process.stderr
    (run,) = (folder / "outputs" / "tiny").iterdir()
    last, best = (run / "checkpoints" / f"{name}.ckpt" for name in ("last", "best"))
    return SimpleNamespace(folder=folder, run=run, last=last, best=best, process=process)


@pytest.fixture(scope="session")
def taught_checkpoint(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that finds words, if it were not for its box threshold of 0.99."""
    from taught_network import learnt, save_checkpoint

    return save_checkpoint(learnt(tiny_data), tmp_path_factory.mktemp("taught") / "taught.ckpt")
