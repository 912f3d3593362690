"""Export a network as a self-contained ONNX file."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from torch import nn

from ocr.engines.base import COLUMNS, INPUT, OUTPUT, STARTS, STEPS
from ocr.engines.fold import fold_doublings
from ocr.engines.onnx_runtime import OnnxModel
from ocr.engines.torch_engine import CharacterProbabilities, ProbabilityMap, TokenProbabilities
from ocr.types import InputError
from ocr.utils.whole_file import whole_file
from ocr.weights.card import ModelCard
from ocr.weights.stored import check_unchanged

OPSET = 20
"""The version that torch 2.15 writes without converting; ONNX Runtime reads it from 1.17 on."""
LARGE = 1024
"""Numbers of a weight that is worth storing in half precision."""


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
    network = copy.deepcopy(network).cpu().eval()
    fold_doublings(network)
    return traced(ProbabilityMap(network), example_BCHW, {2: stride * rows, 3: stride * columns}, [OUTPUT], opset)


def line_graph(network: nn.Module, height: int, opset: int = OPSET) -> onnx.ModelProto:
    """Export a recogniser: uint8 RGB lines (batch, 3, height, width) in, probabilities of characters out.

    The outputs are those of `CharacterProbabilities`. Batch and width are dynamic; the graph's signature states that
    the width is a multiple of `COLUMNS`.

    Args:
        network: a recogniser such as `ocr.recognition.models.Recognizer`; it is not modified.
        height: rows of the input.
        opset: ONNX operator set version.
    """
    example_BCHW = torch.zeros(2, 3, height, 8 * COLUMNS, dtype=torch.uint8)
    sizes = {2: torch.export.Dim.STATIC, 3: COLUMNS * torch.export.Dim("columns", min=1)}
    network = CharacterProbabilities(copy.deepcopy(network).cpu())
    return traced(network, example_BCHW, sizes, [OUTPUT, STEPS], opset)


def token_graph(network: nn.Module, columns: int, opset: int = OPSET) -> onnx.ModelProto:
    """Export a network that finds facts: uint8 pages of tokens (batch, 1, tokens, columns) in, probabilities out.

    The outputs are those of `TokenProbabilities`. Batch and number of tokens are dynamic.

    Args:
        network: such as `ocr.extraction.models.Extractor`; it is not modified.
        columns: bytes of a token.
        opset: ONNX operator set version.
    """
    example_BCHW = torch.ones(2, 1, 24, columns, dtype=torch.uint8)
    sizes = {2: torch.export.Dim("tokens", min=1), 3: torch.export.Dim.STATIC}
    network = TokenProbabilities(copy.deepcopy(network).cpu())
    return traced(network, example_BCHW, sizes, [OUTPUT, STARTS], opset)


def traced(
    network: nn.Module, example_BCHW: torch.Tensor, sizes: dict[int, Any], outputs: list[str], opset: int
) -> onnx.ModelProto:
    """The graph of a network for a dynamic number of images.

    Args:
        network: from images to its outputs.
        example_BCHW: an input.
        sizes: which sizes of the input's axes 2 and 3 are dynamic.
        outputs: names of the outputs.
        opset: ONNX operator set version.
    """
    with quiet():
        program = torch.onnx.export(
            network.eval(),
            (example_BCHW,),
            input_names=[INPUT],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim("batch", min=1), 1: torch.export.Dim.STATIC, **sizes},),
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


def half_stored(graph: onnx.ModelProto) -> None:
    """Store the large weights that half precision represents exactly in half the size, in place.

    ONNX Runtime converts them to float32 when loading. Weights that the exporter has merged with a normalisation are
    not exact any more and stay as they are.
    """
    for tensor in graph.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or math.prod(tensor.dims) < LARGE:
            continue
        weights = onnx.numpy_helper.to_array(tensor)
        if np.array_equal(weights.astype(np.float16).astype(np.float32), weights):
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(weights.astype(np.float16), f"{name}_half"))
            widened = onnx.helper.make_node("Cast", [tensor.name], [name], f"{name}_cast", to=onnx.TensorProto.FLOAT)
            graph.graph.node.insert(0, widened)


def store_settings(path: Path, sha256: str, changed: Mapping[str, Any], note: Mapping[str, Any]) -> None:
    """Change the postprocess settings in an exported file; its graph stays as it is.

    Args:
        path: the file; it is replaced atomically.
        sha256: hash of the file when it was read.
        changed: new settings by name.
        note: their provenance, kept in the file with the previous settings.

    Raises:
        InputError: the file is not an exported one, has changed in the meantime, or cannot be written.
    """
    card, graph = OnnxModel(path).card, onnx.load(path)
    check_unchanged(path, sha256)
    try:
        save_model(graph, card.tuned(changed, note), path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); it is unchanged") from error


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
