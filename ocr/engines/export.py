"""Export a network as a self-contained ONNX file."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import onnx
import torch
from torch import nn

from ocr.engines.base import INPUT, OUTPUT
from ocr.engines.fold import fold_doublings
from ocr.engines.torch_engine import ProbabilityMap
from ocr.utils.whole_file import whole_file
from ocr.weights.card import ModelCard

OPSET = 20
"""The version that torch 2.15 writes without converting; ONNX Runtime reads it from 1.17 on."""


def onnx_graph(network: nn.Module, stride: int, opset: int = OPSET) -> onnx.ModelProto:
    """Export a detector: uint8 RGB (batch, 3, height, width) in, float32 (batch, height, width) out.

    Batch, height and width are dynamic; the graph's signature states that height and width are multiples of ``stride``.

    Args:
        network: a detector such as `ocr.detection.models.DBNet`; it is not modified.
        stride: height and width are multiples of it.
        opset: ONNX operator set version.
    """
    example_BCHW = torch.zeros(2, 3, 3 * stride, 4 * stride, dtype=torch.uint8)
    rows, columns = torch.export.Dim("rows", min=1), torch.export.Dim("columns", min=1)
    sizes = {0: torch.export.Dim("batch", min=1), 1: torch.export.Dim.STATIC, 2: stride * rows, 3: stride * columns}
    network = copy.deepcopy(network).cpu().eval()
    fold_doublings(network)
    with quiet():
        program = torch.onnx.export(
            ProbabilityMap(network).eval(),
            (example_BCHW,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=(sizes,),
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program, though dynamo=True")
    return cast(onnx.ModelProto, program.model_proto)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress the exporter's diagnostics; errors are raised, not printed."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def save_model(graph: onnx.ModelProto, card: ModelCard, path: Path) -> None:
    """Check the graph and write it with its metadata and weights, atomically.

    The exporter's notes on each node are removed: they hold source lines with this machine's paths.

    Raises:
        onnx.checker.ValidationError: the graph is not valid ONNX.
        OSError: the file cannot be written.
    """
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.value_info, *graph.functions):
        part.ClearField("metadata_props")
    onnx.helper.set_model_props(graph, card.to_metadata())
    onnx.checker.check_model(graph, full_check=True)
    with whole_file(path) as temporary:
        temporary.write_bytes(graph.SerializeToString())
