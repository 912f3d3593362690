"""Write a checkpoint as a file that prediction needs nothing beside: graph, weights, resize, postprocess, origin.

    python runners/export.py checkpoint_path=best.ckpt output=receipts.onnx
    python runners/predict.py checkpoint_path=receipts.onnx input=photos/ output=found/

`make setup-export` installs what this and ONNX Runtime need.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main

setup_project_paths()

FORMATS = ("onnx",)


@hydra_main("export", text=("checkpoint_path", "output"))
def export(cfg: DictConfig) -> None:
    """Checkpoint, graph, metadata, file."""
    from ocr.types import InputError
    from runners.build import module_from_checkpoint, needs_export_role
    from runners.launch import new_file

    if cfg.format not in FORMATS:
        raise InputError(f"format={cfg.format}: must be one of {', '.join(FORMATS)}")
    written = new_file(Path(cfg.output), overwrite=cfg.overwrite)
    with needs_export_role():
        from ocr.engines.base import ModelCard
        from ocr.engines.export import OPSET, onnx_graph, save_model
    module, kept = module_from_checkpoint(cfg.checkpoint_path, cfg.postprocess)
    opset = cfg.opset or OPSET
    graph = onnx_graph(module.network, cast(int, module.network.stride), opset)
    transform = {**kept["data"]["transform"], **({"long_side": cfg.data.long_side} if cfg.data.long_side else {})}
    card = ModelCard(
        transform=transform,
        postprocess=kept["postprocess"],
        map_stride=1,
        granularity=kept["data"]["granularity"],
        opset=opset,
        provenance=provenance(Path(cfg.checkpoint_path)),
    )
    save_model(graph, card, written)
    print(f"opset {opset}, {written.stat().st_size / 2**20:.1f} MB: {written}")


def provenance(checkpoint: Path) -> dict[str, Any]:
    """Where the file comes from."""
    from ocr.utils.digest import file_sha256
    from ocr.utils.provenance import git_revision, installed

    packages = ("torch", "timm", "onnx", "onnxscript")
    return {
        "checkpoint": checkpoint.name,
        "checkpoint_sha256": file_sha256(checkpoint),
        "git_revision": git_revision(),
        "versions": {name: installed(name) for name in packages},
    }


if __name__ == "__main__":
    export()
