"""Folders of runs as trainings leave them, without a training."""

import json
from pathlib import Path

CONFIG = """\
task: detection
exp_name: made
seed: {seed}
output_dir: ${{hydra:runtime.output_dir}}
skip_test: false
optimiser:
  _target_: ocr.training.optimisation.AdamW
  lr: {lr}
trainer:
  _target_: pytorch_lightning.Trainer
  max_epochs: {epochs}
"""
HISTORY = "epoch,step,train/loss,val/cleval/hmean\n0,9,2.0,\n0,19,1.0,\n0,19,,{hmean}\n"
CLOSING = "1,20,,{hmean}\n"
"""The validation of the best network, after the last epoch."""
RECORD = {
    "state": "finished",
    "begun": "2026-01-01T00:00:00+00:00",
    "wall_time_s": 34.0,
    "status": 0,
    "reason": "",
}


def make_run(parent: Path, seed: int, *, hmean: float = 0.5, lr: float = 0.003, state: str = "finished") -> Path:
    """The folder of a run of one epoch of two logged steps, named for the second ``seed`` of a day."""
    folder = parent / "made" / f"2026-01-01_{seed // 3600:02}-{seed // 60 % 60:02}-{seed % 60:02}"
    (folder / ".hydra").mkdir(parents=True)
    (folder / "logs" / "csv").mkdir(parents=True)
    started = f"2026-01-01T{seed // 3600:02}:{seed // 60 % 60:02}:{seed % 60:02}+00:00"
    texts = {
        ".lock": "",
        ".hydra/config.yaml": CONFIG.format(seed=seed, lr=lr, epochs=1),
        ".hydra/overrides.yaml": f"- seed={seed}\n",
        ".hydra/run.json": json.dumps({**RECORD, "started": started, "state": state}),
        "logs/csv/metrics.csv": (HISTORY + CLOSING * (state == "finished")).format(hmean=hmean),
        "train.log": "[2026-01-01 00:00:00,000][a][INFO] - epoch 1/1\n",
    }
    if state == "finished":
        about = {"wall_time_s": 34.0, "seed": seed, "data": {"root": "data", "md5": "0123456789.dir"}}
        figures = {"val": {"cleval/hmean": hmean}, **about, "git_revision": "abcdef0123456789"}
        texts["metrics.json"] = json.dumps(figures)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
