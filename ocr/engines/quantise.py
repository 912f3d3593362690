"""Quantise what is heavy in an exported graph to 8-bit integers: a detector's convolutions, a recogniser's products."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static

from ocr.engines.base import INPUT
from ocr.engines.export import quiet
from ocr.types import InputError, UInt8Array


class Images(CalibrationDataReader):  # type: ignore[misc]
    """Feeds batches to ONNX Runtime's calibration.

    Args:
        batches: uint8 RGB (B, 3, H, W) each, as for an engine.
    """

    def __init__(self, batches: Iterable[UInt8Array]) -> None:
        self._batches: Iterator[UInt8Array] = iter(batches)

    def get_next(self) -> dict[str, UInt8Array] | None:
        """The next input of the graph by name, or ``None`` at the end."""
        batch_BCHW = next(self._batches, None)
        return None if batch_BCHW is None else {INPUT: batch_BCHW}


def heavy_convolutions(graph: onnx.ModelProto) -> list[str]:
    """Names of the nodes that integers speed up: convolutions over all channels with kernels larger than 1 x 1.

    The others (depthwise, 1 x 1, the first one on the three colours) compute so little per value that the conversion
    to integers and back costs more; quantising them too makes the small detector slower than in float32.
    """
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.graph.initializer}
    names = []
    for node in graph.graph.node:
        if node.op_type != "Conv" or node.input[1] not in shapes:
            continue
        _, channels, *kernel = shapes[node.input[1]]
        group = next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
        if group == 1 and channels > 3 and max(kernel) > 1:
            names.append(node.name)
    return names


def quantised(graph: onnx.ModelProto, batches: Iterable[UInt8Array]) -> tuple[onnx.ModelProto, int]:
    """Quantise a graph's convolutions (weights int8 per channel, activations uint8); return it and their number.

    Args:
        graph: from `ocr.engines.export.onnx_graph`; it is not modified.
        batches: calibration images for the activation ranges, uint8 RGB (B, 3, H, W), at prediction size.

    Raises:
        InputError: the network has no convolution that would be faster.
    """
    names = heavy_convolutions(graph)
    if not names:
        raise InputError("int8: the network has no convolution that integers make faster; export it without int8")
    with TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "int8.onnx"
        settings: dict[str, Any] = {"quant_format": QuantFormat.QDQ, "per_channel": True, "nodes_to_quantize": names}
        quantize_static(copy.deepcopy(graph), path, Images(batches), **settings)
        return onnx.load(path), len(names)


def quantised_products(graph: onnx.ModelProto) -> tuple[onnx.ModelProto, int]:
    """Quantise a graph's matrix products with weights (int8 per channel); return it and their number.

    The ranges of the activations are measured in each run, over all images of the batch: no calibration is needed, but
    what is computed for one image depends on the others that it is run with.

    Args:
        graph: from `ocr.engines.export.line_graph`; it is not modified.

    Raises:
        InputError: the network has no such product.
    """
    weights = {tensor.name for tensor in graph.graph.initializer}
    names = [node.name for node in graph.graph.node if node.op_type == "MatMul" and node.input[1] in weights]
    if not names:
        raise InputError("int8: the network has no matrix product that integers make faster; export it without int8")
    with TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "int8.onnx"
        quantize_dynamic(copy.deepcopy(graph), path, nodes_to_quantize=names, per_channel=True)
        return onnx.load(path), len(names)
