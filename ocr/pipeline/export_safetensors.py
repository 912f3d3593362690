"""Weights and what rebuilds the network: to predict, test, tune and train on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from ocr.pipeline.export import Export, provenance
from ocr.weights.card import WeightsCard
from ocr.weights.weights_file import write_weights


def write(network: nn.Module, kept: dict[str, Any], written: Path, wanted: Export) -> str:
    """Weights, metadata, file; what to say of it."""
    write_weights(network.state_dict(), WeightsCard.of(kept, provenance(wanted.path, "safetensors")), written)
    return f"{sum(parameter.numel() for parameter in network.parameters()) / 1e6:.2f} million parameters"
