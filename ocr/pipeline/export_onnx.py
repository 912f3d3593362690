"""ONNX export: graph, weights, resize, postprocess and provenance in one file that runs without torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from torch import nn

from ocr.engines.export import OPSET, onnx_graph, save_model
from ocr.engines.quantise import quantised
from ocr.pipeline.export import Export
from ocr.pipeline.inputs import find_images, read_samples
from ocr.types import InputError, Sample, UInt8Array
from ocr.weights.card import ModelCard
from ocr.weights.parts import resize_of

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
"""Packages that write the file, besides torch and timm."""
CALIBRATION = 32
"""Maximum number of images for int8 calibration."""


def write(network: nn.Module, kept: dict[str, Any], origin: dict[str, Any], wanted: Export) -> str:
    """Write the graph with its metadata; return a summary for the user."""
    opset = wanted.opset or OPSET
    graph = onnx_graph(network, cast(int, network.stride), opset)
    integers: dict[str, Any] = {}
    if wanted.int8:
        names, images = calibration(wanted.int8, kept)
        graph, layers = quantised(graph, images)
        integers = {"int8": {"convolutions": layers, "calibrated_on": names}}
    card = ModelCard.of_graph(kept, opset, {**origin, **integers}, map_stride=1)
    save_model(graph, card, Path(wanted.output))
    return f"opset {opset}" + (f", {layers} convolutions in int8" if wanted.int8 else "")


def calibration(source: str, kept: dict[str, Any]) -> tuple[list[str], Iterator[UInt8Array]]:
    """Choose images evenly from all that match: their names, and each as network input, uint8 RGB (1, 3, H, W).

    Raises:
        InputError: there is no image, or (during iteration) one cannot be read.
    """
    found = list(find_images(source, setting="int8").items())
    count = min(len(found), CALIBRATION)
    chosen = dict(found[number * len(found) // count] for number in range(count))

    def read() -> Iterator[UInt8Array]:
        for sample in read_samples(list(chosen.values()), resize_of(kept["data"]["transform"], None, source), 0):
            if not isinstance(sample, Sample):
                raise InputError(f"int8={source}: {sample.message}")
            yield sample.image_CHW[None]

    return list(chosen), read()
