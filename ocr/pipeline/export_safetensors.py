"""Safetensors export: weights and the network's description, to predict, test, tune and train with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from ocr.pipeline.export import Export, provenance
from ocr.weights.card import WeightsCard
from ocr.weights.weights_file import write_weights


def write(network: nn.Module, kept: dict[str, Any], written: Path, wanted: Export) -> str:
    """Write the weights with their metadata; return a summary for the user."""
    write_weights(network.state_dict(), WeightsCard.of(kept, provenance(wanted.path, "safetensors")), written)
    return f"{sum(parameter.numel() for parameter in network.parameters()) / 1e6:.2f} million parameters"
