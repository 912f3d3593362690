"""Calibrate a recogniser's confidences on synthesised lines and store the calibration in its file.

    python runners/calibrate.py checkpoint_path=lines.safetensors
    python runners/export.py checkpoint_path=lines.safetensors output=lines.onnx

A confidence then says how often such a line is right. What is read, and which of two lines is the surer one, stay as
they are. The lines are drawn like those of a training, in a split of their own, every fourth receipt in fonts that no
training sees. The table shows the figures of each half of the receipts, calibrated by the other half. Calibrate last:
fine-tuning and tuning change what a confidence means.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("calibrate", text=("checkpoint_path",), stoppable=True)
def run(cfg: DictConfig) -> None:
    """Calibrate what the configuration describes."""
    from ocr.pipeline.calibrate import Calibrate, calibrate

    calibrate(Calibrate(**plain(cfg, *cfg)))


if __name__ == "__main__":
    run()
