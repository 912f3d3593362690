"""A small network that finds facts and has learnt nothing: what it finds is nonsense, but there is some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ocr.extraction.models import Extractor
from ocr.fields import FIELDS

SIZES = {"fields": len(FIELDS), "letters": 16, "width": 32, "blocks": 1, "heads": 2}
CONFIG: dict[str, Any] = {
    "task": "extraction",
    "model": {"kind": "extractor", **SIZES},
    "loss": {"kind": "tokens"},
    "targets": {"kind": "fields", "fields": list(FIELDS)},
    "postprocess": {"kind": "structure", "fields": list(FIELDS)},
    "evaluator": {"kind": "extraction"},
    "data": {"transform": {"kind": "tokens"}, "granularity": "word"},
}
"""What a checkpoint of it carries."""


def small_extractor() -> Extractor:
    """The network, with scores that differ from token to token."""
    torch.manual_seed(0)
    network = Extractor(**SIZES, dropout=0.0)
    with torch.no_grad():
        network.head.weight.mul_(8.0)
    return network.eval()


def save_extractor(path: Path, **changes: Any) -> Path:
    """It as a checkpoint that a training could have written, with other sections of its configuration."""
    weights = {f"network.{name}": value for name, value in small_extractor().state_dict().items()}
    torch.save({"state_dict": weights, "config": {**CONFIG, **changes}}, path)
    return path
