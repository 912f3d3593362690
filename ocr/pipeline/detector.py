"""Images to text regions: what a file of weights describes, ready to run."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.base import Engine
from ocr.images.given import Given, picture_of
from ocr.pipeline.inputs import sample_of
from ocr.types import Detection, InputError, Sample
from ocr.utils.errors import missing_package
from ocr.utils.limits import check_counts
from ocr.weights.shipped import shipped_weights


@dataclass(frozen=True, slots=True)
class Detector:
    """Images to text regions.

        detector = Detector.load()
        for region in detector.detect("receipt.jpg"):
            print(region.score, region.points_N2)

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

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        engine: str = "auto",
        device: str = "auto",
        threads: int | None = None,
        long_side: int | None = None,
        **postprocess: Any,
    ) -> Detector:
        """A detector, ready to run.

        Args:
            path: a checkpoint, a file of weights (``.safetensors``) or an exported one (``.onnx``); ``None``: the
                weights that come with this package.
            engine: ``torch``, ``onnxruntime``, or ``auto``: by the file's ending, and where no file is given torch if
                it is installed, which takes a GPU where there is one, else ONNX Runtime. Both find the same.
            device: of torch: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``. ONNX Runtime runs on the CPU.
            threads: for the network on the CPU; ``None``: the engine's own choice.
            long_side: of the network's input in pixels; ``None``: as in training.
            postprocess: settings that replace those of the file, such as ``mode="polygon"`` or ``box_thresh=0.6``
                (`ocr.detection.postprocess.db.DBPostprocessor`).

        Raises:
            InputError: there is no such file, engine, device or setting, or a package that it needs is not installed.
        """
        check_counts({"threads": threads, "long_side": long_side, **postprocess})
        file = default_weights(engine) if path is None else Path(path)
        if engine_of(file) == "onnxruntime" and device not in {"auto", "cpu"}:
            raise InputError(
                f"device={device} is for torch, {file} runs on the CPU; give a .safetensors file for torch"
            )
        return load_detector(str(file), DetectorSettings(engine, device, threads, long_side, postprocess))

    def detect(self, image: Given) -> list[Detection]:
        """The text regions of one image.

        Args:
            image: a path, an encoded image as bytes, uint8 RGB (H, W, 3), or an image of Pillow's, which is taken as
                Pillow decoded it; a file of several pages is its first. OpenCV's arrays are BGR: ``image[..., ::-1]``.

        Returns:
            Polygons in pixels of the upright image, with a score each.

        Raises:
            InputError: it cannot be read, or is none of these.
        """
        return self(sample_of(picture_of(image, self.transform.long_side), self.transform, Path("image")))

    def __call__(self, sample: Sample) -> list[Detection]:
        """The regions of one image that is read and resized already, in its own pixels."""
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


def engine_of(path: Path) -> str:
    """The engine that runs a file."""
    return "onnxruntime" if path.suffix == ".onnx" else "torch"


def default_weights(engine: str) -> Path:
    """The weights that come with this package, as the engine takes them.

    Args:
        engine: ``torch``, ``onnxruntime``, or ``auto``: torch where it is installed.
    """
    torch = engine == "torch" or (engine != "onnxruntime" and importlib.util.find_spec("torch") is not None)
    return shipped_weights(".safetensors" if torch else ".onnx")


def load_detector(path: str, settings: DetectorSettings) -> Detector:
    """What a checkpoint, a file of weights or an exported file describes.

    Raises:
        InputError: the engine is not known, or cannot run this file.
    """
    fitting = engine_of(Path(path))
    if settings.engine not in {"auto", fitting}:
        raise InputError(
            f"engine={settings.engine} cannot run {path}: torch runs checkpoints and .safetensors, "
            "onnxruntime the .onnx files that runners/export.py makes of them; give another file, or engine=auto"
        )
    try:
        module = importlib.import_module(MODULES[fitting])
    except ModuleNotFoundError as error:
        raise missing_package(error) from error
    detector: Detector = module.load(path, settings)
    return detector
