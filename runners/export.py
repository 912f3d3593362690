"""Write a checkpoint as a file that prediction needs nothing beside.

    python runners/export.py checkpoint_path=best.ckpt output=receipts.onnx
    python runners/predict.py checkpoint_path=receipts.onnx input=photos/ output=found/
    python runners/export.py checkpoint_path=best.ckpt output=receipts-int8.onnx int8=data/images/train
    python runners/export.py checkpoint_path=best.ckpt format=safetensors output=receipts.safetensors

ONNX holds graph, weights, resize, postprocess and origin, and runs without torch; `make setup-export` installs what it
needs. A ``.safetensors`` file holds the weights and what rebuilds the network, to predict, test, tune and train on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from ocr.types import UInt8Array

setup_project_paths()

FORMATS = ("onnx", "safetensors")
CALIBRATION = 32
"""Images that int8 is calibrated on, at most."""


@hydra_main("export", text=("checkpoint_path", "output", "int8"))
def export(cfg: DictConfig) -> None:
    """Checkpoint, network, file."""
    from ocr.types import InputError
    from ocr.utils.whole_file import new_file
    from runners.build import module_from_checkpoint

    if cfg.format not in FORMATS:
        raise InputError(f"format={cfg.format}: must be one of {', '.join(FORMATS)}")
    written = new_file(Path(cfg.output), overwrite=cfg.overwrite)
    if written.suffix != f".{cfg.format}":
        raise InputError(f"output={cfg.output}: must end in .{cfg.format}, by which it is recognised")
    if cfg.int8 and cfg.format != "onnx":
        raise InputError(f"int8={cfg.int8} is for format=onnx; a {cfg.format} file keeps the weights as they are")
    write = write_onnx if cfg.format == "onnx" else write_safetensors
    module, kept = module_from_checkpoint(cfg.checkpoint_path, cfg.postprocess)
    if cfg.data.long_side:
        kept["data"]["transform"] = {**kept["data"]["transform"], "long_side": cfg.data.long_side}
    said = write(cfg, module.network, kept, written)
    say(f"{said}, {written.stat().st_size / 2**20:.1f} MB: {written}")


def write_onnx(cfg: DictConfig, network: nn.Module, kept: dict[str, Any], written: Path) -> str:
    """Graph, metadata, file; what to say of it."""
    from runners.build import needs_export_role

    with needs_export_role():
        from ocr.engines.base import ModelCard
        from ocr.engines.export import OPSET, onnx_graph, save_model
        from ocr.engines.quantise import quantised
    opset = cfg.opset or OPSET
    graph = onnx_graph(network, cast(int, network.stride), opset)
    integers: dict[str, Any] = {}
    if cfg.int8:
        names, images = calibration(cfg.int8, kept)
        graph, layers = quantised(graph, images)
        integers = {"int8": {"convolutions": layers, "calibrated_on": names}}
    card = ModelCard(
        task=kept["task"],
        transform=kept["data"]["transform"],
        postprocess=kept["postprocess"],
        map_stride=1,
        granularity=kept["data"]["granularity"],
        opset=opset,
        provenance={**provenance(Path(cfg.checkpoint_path), "onnx", "onnxscript", "onnxruntime"), **integers},
    )
    save_model(graph, card, written)
    return f"opset {opset}" + (f", {layers} convolutions in int8" if cfg.int8 else "")


def calibration(source: str, kept: dict[str, Any]) -> tuple[list[str], Iterator[UInt8Array]]:
    """Names of images spread over all that there are, and each as the network gets it: uint8 RGB (1, 3, H, W).

    Raises:
        InputError: there is none, or (where it is asked for) one cannot be read.
    """
    from ocr.data.prediction import find_images, read_samples
    from ocr.types import InputError, Sample
    from runners.build import evaluation_transform

    found = list(find_images(source, setting="int8").items())
    count = min(len(found), CALIBRATION)
    chosen = dict(found[number * len(found) // count] for number in range(count))

    def read() -> Iterator[UInt8Array]:
        for sample in read_samples(list(chosen.values()), evaluation_transform(kept, None, source), 0):
            if not isinstance(sample, Sample):
                raise InputError(f"int8={source}: {sample.message}")
            yield sample.image_CHW[None]

    return list(chosen), read()


def write_safetensors(cfg: DictConfig, network: nn.Module, kept: dict[str, Any], written: Path) -> str:
    """Weights, metadata, file; what to say of it."""
    from ocr.engines.weights import WeightsCard, write_weights

    weights = network.state_dict()
    write_weights(weights, WeightsCard.of(kept, provenance(Path(cfg.checkpoint_path), "safetensors")), written)
    return f"{sum(parameter.numel() for parameter in network.parameters()) / 1e6:.2f} million parameters"


def provenance(checkpoint: Path, *packages: str) -> dict[str, Any]:
    """Where the file comes from.

    Args:
        checkpoint: what is exported.
        packages: names of those that wrote the file, beside torch and timm.
    """
    from ocr.engines.base import TUNING
    from ocr.utils.digest import file_sha256
    from ocr.utils.provenance import git_revision, installed
    from runners.stored import load_stored

    tuning = load_stored(checkpoint).get(TUNING)
    return {
        "checkpoint": checkpoint.name,
        "checkpoint_sha256": file_sha256(checkpoint),
        "git_revision": git_revision(),
        "versions": {name: installed(name) for name in ("torch", "timm", *packages)},
        **({TUNING: tuning} if tuning else {}),
    }


if __name__ == "__main__":
    export()
