"""Safetensors export: weights and the network's description, to predict, test, tune and train with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from ocr.pipeline.export import Export
from ocr.weights.card import HALF, WeightsCard
from ocr.weights.weights_file import write_weights

PACKAGES = ("safetensors",)
"""Packages that write the file, besides torch and timm."""


def write(network: nn.Module, kept: dict[str, Any], origin: dict[str, Any], wanted: Export) -> str:
    """Write the weights with their metadata; return a summary for the user."""
    write_weights(network.state_dict(), WeightsCard.of(kept, origin), Path(wanted.output))
    return f"{sum(parameter.numel() for parameter in network.parameters()) / 1e6:.2f} million parameters" + (
        " in half precision" if origin.get(HALF) else ""
    )
