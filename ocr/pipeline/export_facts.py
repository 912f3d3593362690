"""ONNX export of a network that finds facts: graph, weights and fields in one file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from ocr.engines.export import OPSET, save_model, token_graph
from ocr.engines.onnx_runtime import OnnxRuntimeTokenEngine
from ocr.engines.torch_engine import TorchTokenEngine
from ocr.extraction.tokens import COLUMNS
from ocr.pipeline.export import Export
from ocr.pipeline.export_onnx import PACKAGES  # noqa: F401 - the same packages write it
from ocr.pipeline.extractor import finder_of
from ocr.synthesis.facts import invented_facts
from ocr.types import InputError
from ocr.weights.card import ModelCard

RECEIPTS = 16
"""Invented receipts whose facts are compared, every second one Korean."""
DISTANCE = 1e-4
"""Maximum difference between probabilities of torch and of the file: rounding."""


def write(network: nn.Module, kept: dict[str, Any], origin: dict[str, Any], wanted: Export) -> str:
    """Write the graph with its metadata, once it finds what the network finds; return a summary for the user.

    Raises:
        InputError: it finds something else, or a setting is not for this task.
    """
    if wanted.int8 is not None:
        raise InputError(f"int8={wanted.int8}: a network that finds facts is small and stays as it is; leave it out")
    opset = wanted.opset or OPSET
    graph = token_graph(network, COLUMNS, opset)
    transform, postprocess = kept["data"]["transform"], kept["postprocess"]
    card = ModelCard.of_graph(kept, opset, origin)
    with TemporaryDirectory() as folder:
        trial = Path(folder) / Path(wanted.output).name
        save_model(graph, card, trial)
        engines = TorchTokenEngine(network, torch.device("cpu")), OnnxRuntimeTokenEngine(trial, 1)
        one, other = (finder_of(engine, transform, postprocess, wanted.path) for engine in engines)
        pages = [invented_facts(0, "parity", n, korean=bool(n % 2)).words for n in range(RECEIPTS)]
        alike = sum(one.find(words).facts == other.find(words).facts for words in pages)
        inputs = [one.transform(words).rows_NF[None, None] for words in pages]
        apart = max(float(np.abs(one.engine(rows)[0] - other.engine(rows)[0]).max()) for rows in inputs)
    if alike < RECEIPTS or apart > DISTANCE:
        raise InputError(
            f"{wanted.output} of {wanted.path}: finds the same facts in {alike} of {RECEIPTS} invented receipts, all "
            f"are needed; probabilities differ by up to {apart:.2g}, at most {DISTANCE:.2g} is allowed. Nothing was "
            "written; report this"
        )
    save_model(graph, card, Path(wanted.output))
    return f"opset {opset}, the same facts as by torch in {alike} of {RECEIPTS} invented receipts"
