"""Export a stored network as one self-contained file for prediction."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.utils.errors import missing_package
from ocr.utils.printable import say
from ocr.utils.provenance import git_revision, installed
from ocr.utils.whole_file import new_file
from ocr.weights.card import HALF, TUNING, check_kept
from ocr.weights.parts import changed_postprocess, described
from ocr.weights.stored import load_stored, stored_network

MODULES = {
    "onnx": {
        "detection": "ocr.pipeline.export_onnx",
        "recognition": "ocr.pipeline.export_lines",
        "extraction": "ocr.pipeline.export_facts",
    },
    "safetensors": dict.fromkeys(("detection", "recognition", "extraction"), "ocr.pipeline.export_safetensors"),
}
"""By format and task; imported only when chosen, since ONNX is an optional dependency."""
PARITY = "ocr.pipeline.line_parity"
"""Imported only for a recogniser, since it synthesises lines."""


@dataclass(frozen=True)
class Export:
    """Settings of an export.

    Attributes:
        path: the checkpoint or weights file.
        output: the new file.
        format: ``onnx`` or ``safetensors``.
        opset: ONNX operator set version; ``None``: what the exporter writes without converting.
        int8: calibration images (folder, file, glob) for 8-bit convolutions of a detector; ``dynamic`` for 8-bit
            products of a recogniser, which is not calibrated.
        long_side: long side of the network input in pixels; ``None``: as in training.
        postprocess: settings to store in the file; those that are ``None`` stay as in training.
        overwrite: replace an existing file.
        half: store the weights of a recogniser in half precision; ``None``: for a recogniser.
        average: further files of the same network, of one training in parts: the weights are the mean of all.
    """

    path: str
    output: str
    format: str = "onnx"
    opset: int | None = None
    int8: str | None = None
    long_side: int | None = None
    postprocess: Mapping[str, Any] = field(default_factory=dict)
    overwrite: bool = False
    half: bool | None = None
    average: Sequence[str] = ()


def export(wanted: Export) -> None:
    """Load a checkpoint and write its network in the chosen format.

    Raises:
        InputError: the settings contradict each other, or a file cannot be read or written.
    """
    if wanted.format not in MODULES:
        raise InputError(f"format={wanted.format}: must be one of {', '.join(MODULES)}")
    written = new_file(Path(wanted.output), overwrite=wanted.overwrite)
    if written.suffix != f".{wanted.format}":
        raise InputError(f"output={wanted.output}: must end in .{wanted.format}, by which the format is recognised")
    if wanted.int8 and wanted.format != "onnx":
        raise InputError(f"int8={wanted.int8} is for format=onnx; a {wanted.format} file keeps the weights as they are")
    stored = load_stored(wanted.path)
    config = stored["config"]
    half = config["task"] == "recognition" if wanted.half is None else wanted.half
    if half and config["task"] != "recognition":
        raise InputError(f"half=true is for a recogniser; {wanted.path} is for task={config['task']}: use half=false")
    data = config["data"]
    if wanted.long_side:
        data = {**data, "transform": {**data["transform"], "long_side": wanted.long_side}}
    kept = {**config, "data": data, "postprocess": changed_postprocess(config["postprocess"], wanted.postprocess)}
    described("postprocess", kept["postprocess"], wanted.path)  # what could not be loaded again is not written
    check_kept(kept)
    network = stored_network(stored, wanted.path)
    module = imported(MODULES[wanted.format][config["task"]])
    origin = provenance(wanted.path, None if wanted.average else stored.get(TUNING), *module.PACKAGES)
    if wanted.average:
        average_into(network, config, wanted.average)
        if kept["postprocess"].get("calibration"):  # it was fitted to the first file alone
            kept["postprocess"] = {**kept["postprocess"], "calibration": []}
            say("the calibration is left out; runners/calibrate.py makes one for the mean")
        origin["averaged_with"] = [f"{Path(path).name} {file_sha256(Path(path))}" for path in wanted.average]
    if half:
        network = imported(PARITY).in_half(network, kept, wanted.path)
        origin[HALF] = True
    summary = module.write(network, kept, origin, wanted)
    say(f"{summary}, {written.stat().st_size / 2**20:.1f} MB: {written}")


def average_into(network: nn.Module, config: Mapping[str, Any], paths: Sequence[str]) -> None:
    """Replace a network's weights by the mean of them and those in further files.

    The means of networks that were trained on from the same weights read better than each ("model soups", Wortsman et
    al. 2022); those of networks that have nothing in common are of no use.

    Args:
        network: the first.
        config: the configuration that it was trained with.
        paths: of the others.

    Raises:
        InputError: one of them cannot be read, or has another network or charset.
    """
    states = [network.state_dict()]
    for path in paths:
        stored = load_stored(path)
        for part in ("task", "model", "charset"):
            if stored["config"].get(part) != config.get(part):
                raise InputError(f"average={path}: its {part} is another than the first file's; average one network")
        states.append(stored_network(stored, path).state_dict())
    for name, weight in states[0].items():
        if weight.is_floating_point():
            weight.copy_(torch.stack([state[name].double() for state in states]).mean(0))


def imported(module: str) -> Any:
    """Import a module that needs optional packages.

    Raises:
        InputError: one of them is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise missing_package(error) from error


def provenance(path: str, tuning: Any, *packages: str) -> dict[str, Any]:
    """The provenance that is stored in the exported file.

    Args:
        path: the exported checkpoint.
        tuning: what tuning has noted in it; nothing if it has not been tuned.
        packages: packages that wrote the file, besides torch and timm.
    """
    checkpoint = Path(path)
    return {
        "checkpoint": checkpoint.name,
        "checkpoint_sha256": file_sha256(checkpoint),
        "git_revision": git_revision(),
        "versions": {name: installed(name) for name in ("torch", "timm", *packages)},
        **({TUNING: tuning} if tuning else {}),
    }
