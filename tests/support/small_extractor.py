"""A small network for facts that has learnt nothing: what it finds is nonsense, but the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ocr.extraction.models import Extractor
from ocr.fields import FIELDS

SIZES: dict[str, Any] = {"letters": 8, "width": 32, "blocks": 1, "heads": 2}
NAMES = list(FIELDS)
CONFIG = {
    "task": "extraction",
    "model": {"kind": "extractor", "fields": len(NAMES), **SIZES},
    "loss": {"kind": "tokens"},
    "targets": {"kind": "fields", "fields": NAMES},
    "postprocess": {"kind": "structure", "fields": NAMES, "least": 0.2},
    "evaluator": {"kind": "extraction"},
    "data": {"transform": {"kind": "tokens"}, "granularity": "line"},
}
"""What a checkpoint of it carries."""


def save_extractor(path: Path, **changes: Any) -> Path:
    """The network as a checkpoint that a training could have written, with other sections of its configuration."""
    torch.manual_seed(0)
    network = Extractor(fields=len(NAMES), **SIZES).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3.0)  # surer of its nonsense
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": weights, "config": {**CONFIG, **changes}}, path)
    return path
