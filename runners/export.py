"""Export a checkpoint as one self-contained file for prediction.

    python runners/export.py checkpoint_path=best.ckpt output=receipts.onnx
    python runners/predict.py checkpoint_path=receipts.onnx input=photos/ output=found/
    python runners/export.py checkpoint_path=best.ckpt output=receipts-int8.onnx int8=data/images/train
    python runners/export.py checkpoint_path=best.ckpt format=safetensors output=receipts.safetensors

ONNX holds graph, weights, resize, postprocess and provenance, and runs without torch; it needs `make setup-export`. A
``.safetensors`` file holds the weights and the network's description, to predict, test, tune and train with.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("export", text=("checkpoint_path", "output", "int8", "postprocess.pattern"))
def run(cfg: DictConfig) -> None:
    """Export what the configuration describes."""
    from ocr.pipeline.export import Export, export

    choices = {name: cfg[name] for name in ("output", "format", "opset", "int8", "half", "overwrite")}
    export(Export(cfg.checkpoint_path, long_side=cfg.data.long_side, **choices, **plain(cfg, "postprocess", "average")))


if __name__ == "__main__":
    run()
