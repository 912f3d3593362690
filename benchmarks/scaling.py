"""Weak scaling on the CPU: images a second of two DDP processes as a share of twice those of one.

    .venv-bench/bin/python benchmarks/scaling.py [pairs=3] [steps=8]

One process has one thread, so that two have the two cores of the machine: the share is what gradients and memory cost.
Each measurement is a training of its own on the default model and data, at 320 pixels; its first steps are left out.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.row import REPOSITORY, Row, main, settings
from benchmarks.setup import configuration
from ocr.validation.pairs import interleaved, ratio

WARM_UP = 4


def images_per_second(processes: int, steps: int) -> float:
    """Rate of all processes together, over the last steps of a training.

    Raises:
        RuntimeError: the training failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        overrides = [
            f"output_dir={folder}",
            f"hydra.run.dir={folder}",
            f"data.root={REPOSITORY / 'data'}",
            "data.num_workers=0",
            "data.crop.size=320",
            "trainer.accelerator=cpu",
            f"trainer.devices={processes}",
            f"trainer.strategy={'ddp' if processes > 1 else 'auto'}",
            "trainer.max_epochs=1",
            f"trainer.limit_train_batches={WARM_UP + steps}",
            "trainer.limit_val_batches=2",
            "data.transform.long_side=320",
            "trainer.num_sanity_val_steps=0",
            "trainer.log_every_n_steps=1",
            "trainer.enable_progress_bar=false",
            "skip_test=true",
            f"callbacks.throughput.spec.window={steps}",
        ]
        command = [sys.executable, "runners/train.py", *overrides]
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr[-2000:]}")
        (log,) = Path(folder).rglob("metrics.csv")
        with log.open(encoding="utf-8") as file:
            rates = [float(row["images_per_s"]) for row in csv.DictReader(file) if row.get("images_per_s")]
        return rates[-1]


def measure() -> list[Row]:
    """Trainings with one and two processes in turn."""
    chosen = settings(sys.argv[1:], pairs=3, steps=8)
    configuration()
    steps = chosen["steps"]
    pairs = interleaved(lambda: 2 * images_per_second(1, steps), lambda: images_per_second(2, steps), chosen["pairs"])
    measured = ratio(pairs)
    return [
        Row(
            "weak scaling, 2 DDP processes of one thread each",
            "twice one process of one thread",
            "-",
            f"{100 * measured.median:.0f} % ({100 * measured.low:.0f} to {100 * measured.high:.0f}, n={measured.n})",
            f"{measured.b:.3g} images/s, {measured.a:.3g} images/s",
            "two processes score as one: tests/gates/test_devices.py",
            None,
        )
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
