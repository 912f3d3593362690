"""A small recogniser that has learnt nothing: what it reads is nonsense, but different in each line."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from ocr.recognition.models import Recognizer
from ocr.types import UInt8Array

CHARSET = " 0123456789.ABCDEF€"
SIZES: dict[str, Any] = {"channels": [8, 12, 16], "depth": 1, "width": 48, "blocks": 1, "heads": 3}
CONFIG = {
    "task": "recognition",
    "model": {"kind": "recognizer", "characters": CHARSET, **SIZES},
    "loss": {"kind": "ctc", "characters": CHARSET},
    "targets": {"kind": "characters", "characters": CHARSET},
    "postprocess": {"kind": "greedy", "characters": CHARSET},
    "evaluator": {"kind": "recognition"},
    "data": {"transform": {"kind": "line-crop", "longest": 400}, "granularity": "line"},
}
"""What a checkpoint of it carries."""


def small_recogniser() -> Recognizer:
    """The network; half precision represents its weights exactly, so that rounding does not choose between ties."""
    torch.manual_seed(0)
    network = Recognizer(characters=CHARSET, **SIZES)
    with torch.no_grad():
        for name, values in network.state_dict().items():
            if name == "head.weight":
                values.mul_(8.0)
            if "running" in name or name.endswith("norm.bias"):
                values.add_(0.1 * torch.rand_like(values))
        network.eval()
        crops = np.stack([scribbles(np.random.default_rng(seed), 160) for seed in range(8)])
        # Centred over many lines, no character is the best one everywhere.
        logits_BTK = network(torch.from_numpy(crops.transpose(0, 3, 1, 2).copy()))["logits"]
        network.head.bias -= logits_BTK.mean((0, 1))
        for values in network.state_dict().values():
            if values.is_floating_point():
                values.copy_(values.half())
    return network


def save_checkpoint(network: Recognizer, path: Path, **changes: Any) -> Path:
    """The network as a checkpoint that a training could have written, with other sections of its configuration."""
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": weights, "config": {**CONFIG, **changes}}, path)
    return path


def scribbles(rng: np.random.Generator, width: int) -> UInt8Array:
    """A crop of random strokes on paper, uint8 RGB (32, width, 3), none of it black."""
    crop_HWC = np.full((32, width, 3), 220, np.uint8)
    for left in range(2, width - 3, 7):
        top, bottom = sorted(rng.integers(2, 30, 2))
        crop_HWC[top : bottom + 1, left : left + rng.integers(1, 4)] = rng.integers(1, 120)
    return crop_HWC
