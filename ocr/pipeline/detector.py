"""Images to text regions: what a file of weights describes, ready to run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.base import Engine
from ocr.types import Detection, InputError, Sample


@dataclass(frozen=True, slots=True)
class Detector:
    """Images to text regions.

    Attributes:
        engine: runs the network.
        transform: the resize before it.
        postprocess: what follows it.
        map_stride: pixels of the network input per map pixel.
    """

    engine: Engine
    transform: FitLongSide
    postprocess: Callable[..., list[Detection]]
    map_stride: int = 1

    def __call__(self, sample: Sample) -> list[Detection]:
        """The regions of one image, in its own pixels."""
        (probability_HW,) = self.engine(sample.image_CHW[None])
        return self.postprocess(probability_HW, sample.matrix_33, sample.original_size, self.map_stride)


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """How a stored network is to run.

    Attributes:
        engine: ``torch``, ``onnxruntime``, or ``auto``: by the file's ending.
        device: of torch: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        threads: for the network on the CPU; ``None``: the engine's own choice.
        long_side: of the network's input in pixels; ``None``: as in training.
        postprocess: settings that replace those of the file; ``None`` replaces nothing.
    """

    engine: str = "auto"
    device: str = "auto"
    threads: int | None = None
    long_side: int | None = None
    postprocess: Mapping[str, Any] = field(default_factory=dict)


MODULES = {"torch": "ocr.pipeline.on_torch", "onnxruntime": "ocr.pipeline.on_onnxruntime"}
"""Imported where it is chosen: torch takes seconds, and ONNX Runtime runs without."""


def load_detector(path: str, settings: DetectorSettings) -> Detector:
    """What a checkpoint, a file of weights or an exported file describes.

    Raises:
        InputError: the engine is not known, or cannot run this file.
    """
    fitting = "onnxruntime" if Path(path).suffix == ".onnx" else "torch"
    if settings.engine not in {"auto", fitting}:
        raise InputError(
            f"engine={settings.engine} cannot run {path}: torch runs checkpoints and .safetensors, "
            "onnxruntime the .onnx files that runners/export.py makes of them; give another file, or engine=auto"
        )
    try:
        module = importlib.import_module(MODULES[fitting])
    except ModuleNotFoundError as error:
        raise without_export_role(error) from error
    detector: Detector = module.load(path, settings)
    return detector


def without_export_role(error: ModuleNotFoundError) -> Exception:
    """What to say where ONNX or ONNX Runtime is missing; the error itself where something else is."""
    if error.name is None or not error.name.startswith("onnx"):
        return error
    return InputError(f"{error.name} is not installed: `make setup-export` brings what exported files need")
