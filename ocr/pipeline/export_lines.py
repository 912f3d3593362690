"""ONNX export of a recogniser: graph, weights, crop, charset and provenance in one file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from torch import nn

from ocr.engines.export import OPSET, half_stored, line_graph, save_model
from ocr.engines.quantise import quantised_products
from ocr.pipeline.export import Export
from ocr.pipeline.export_onnx import PACKAGES  # noqa: F401 - the same packages write it
from ocr.pipeline.line_parity import compared, torch_reader
from ocr.pipeline.on_onnxruntime import load_reader
from ocr.types import InputError
from ocr.weights.card import HALF, ModelCard

DYNAMIC = "dynamic"
"""Value of ``int8`` for a recogniser, which is not calibrated."""
DISTANCE = 1e-4
"""Maximum difference between probabilities of torch and of the file: rounding."""
ALIKE_INT8 = 0.9
"""Minimum share of lines that a file with 8-bit products reads as torch does."""


def write(network: nn.Module, kept: dict[str, Any], origin: dict[str, Any], wanted: Export) -> str:
    """Write the graph with its metadata, once it reads what the network reads; return a summary for the user.

    Raises:
        InputError: it reads something else, or a setting is not for recognisers.
    """
    if wanted.int8 not in {None, DYNAMIC}:
        raise InputError(f"int8={wanted.int8}: a recogniser is not calibrated on images; use int8={DYNAMIC}")
    opset = wanted.opset or OPSET
    graph = line_graph(network, cast(int, network.height), opset)
    said = f"opset {opset}"
    if wanted.int8:
        graph, products = quantised_products(graph)
        origin = {**origin, "int8": {"products": products}}
        said += f", {products} matrix products in int8"
    if origin.get(HALF):
        half_stored(graph)
    card = ModelCard.of_graph(kept, opset, origin)
    with TemporaryDirectory() as folder:
        trial = Path(folder) / Path(wanted.output).name
        save_model(graph, card, trial)
        readers = torch_reader(network, kept, wanted.path), load_reader(str(trial), "cpu", 1, {})
        parity = compared(*readers, kept["postprocess"]["characters"])
    limits = {"alike": ALIKE_INT8} if wanted.int8 else {"distance": DISTANCE}
    remedy = "Nothing was written; export it without int8" if wanted.int8 else "Nothing was written; report this"
    parity.check(f"{wanted.output} of {wanted.path}", remedy, **limits)
    save_model(graph, card, Path(wanted.output))
    return f"{said}, {parity}"
