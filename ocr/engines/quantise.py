"""An exported graph that computes its heavy convolutions with 8-bit integers."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

from ocr.engines.base import INPUT
from ocr.engines.export import quiet
from ocr.types import InputError, UInt8Array


class Images(CalibrationDataReader):  # type: ignore[misc]
    """Hands batches to ONNX Runtime's calibration, one after the other.

    Args:
        batches: uint8 RGB (B, 3, H, W) each, as an engine takes them.
    """

    def __init__(self, batches: Iterable[UInt8Array]) -> None:
        self._batches: Iterator[UInt8Array] = iter(batches)

    def get_next(self) -> dict[str, UInt8Array] | None:
        """The graph's input by name, ``None`` when all were given."""
        batch_BCHW = next(self._batches, None)
        return None if batch_BCHW is None else {INPUT: batch_BCHW}


def heavy_convolutions(graph: onnx.ModelProto) -> list[str]:
    """Names of the nodes where integers save time: kernels beyond one pixel that join all channels of a feature.

    The others (depthwise, 1 x 1, the first one on the three colours) compute so little per value that turning it into
    an integer and back costs more; quantised too, they make the small detector slower than it is in float32.
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
    """The graph with integer convolutions (weights int8 a channel, activations uint8), and how many there are.

    Args:
        graph: from `ocr.engines.export.onnx_graph`; it stays as it is.
        batches: images to learn the activations' ranges from, uint8 RGB (B, 3, H, W), at the size of prediction.

    Raises:
        InputError: the network has no convolution that would gain.
    """
    names = heavy_convolutions(graph)
    if not names:
        raise InputError("int8: the network has no convolution that integers make faster; export it without int8")
    with TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "int8.onnx"
        settings: dict[str, Any] = {"quant_format": QuantFormat.QDQ, "per_channel": True, "nodes_to_quantize": names}
        quantize_static(copy.deepcopy(graph), path, Images(batches), **settings)
        return onnx.load(path), len(names)
