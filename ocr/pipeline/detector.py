"""The detector that a weights file describes, ready to run: images in, text regions out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr.data.geometry_transforms import FitLongSide
from ocr.engines.base import Engine
from ocr.images.given import Given, picture_of
from ocr.pipeline.inputs import sample_of
from ocr.pipeline.loading import default_weights, engine_module
from ocr.types import Detection, Sample
from ocr.utils.limits import check_settings


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds text regions in images.

        detector = Detector.load()
        for region in detector.detect("receipt.jpg"):
            print(region.score, region.points_N2)

    Attributes:
        engine: runs the network.
        transform: the resize before the network.
        postprocess: turns the probability map into regions.
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
        """Load a detector, ready to run.

        Args:
            path: a checkpoint, a weights file (``.safetensors``) or an exported model (``.onnx``); ``None``: the
                weights shipped with this package.
            engine: ``torch``, ``onnxruntime``, or ``auto``: by the file's suffix; without a file, torch if it is
                installed (on a GPU if there is one), otherwise ONNX Runtime. Both find the same regions.
            device: torch device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``. ONNX Runtime runs on the CPU.
            threads: CPU threads of the network; ``None``: the engine's default.
            long_side: long side of the network input in pixels; ``None``: as in training.
            postprocess: settings that replace those of the file, such as ``mode="polygon"`` or ``box_thresh=0.6``
                (`ocr.detection.postprocess.db.DBPostprocessor`).

        Raises:
            InputError: the file, engine, device or setting does not exist, or a required package is not installed.
        """
        check_settings({"threads": threads, "long_side": long_side, **postprocess})
        file = default_weights(engine) if path is None else Path(path)
        return load_detector(str(file), DetectorSettings(engine, device, threads, long_side, postprocess))

    def detect(self, image: Given) -> list[Detection]:
        """Find the text regions of one image.

        Args:
            image: a path, an encoded image as bytes, uint8 RGB (H, W, 3), or a Pillow image, used as Pillow decoded
                it. Of a file with several pages, the first is used. OpenCV arrays are BGR: ``image[..., ::-1]``.

        Returns:
            Polygons in pixels of the upright image, each with a score.

        Raises:
            InputError: the image cannot be read or has another type.
        """
        return self(sample_of(picture_of(image, self.transform.long_side), self.transform, Path("image")))

    def __call__(self, sample: Sample) -> list[Detection]:
        """Find the regions of an image that is already read and resized, in pixels of the original image."""
        (probability_HW,) = self.engine(sample.image_CHW[None])
        return self.postprocess(probability_HW, sample.matrix_33, sample.original_size, self.map_stride)


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """How to run a stored network.

    Attributes:
        engine: ``torch``, ``onnxruntime``, or ``auto``: by the file's suffix.
        device: torch device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        threads: CPU threads of the network; ``None``: the engine's default.
        long_side: long side of the network input in pixels; ``None``: as in training.
        postprocess: settings that replace those of the file; a value of ``None`` replaces nothing.
    """

    engine: str = "auto"
    device: str = "auto"
    threads: int | None = None
    long_side: int | None = None
    postprocess: Mapping[str, Any] = field(default_factory=dict)


def load_detector(path: str, settings: DetectorSettings) -> Detector:
    """Load the detector from a checkpoint, a weights file or an exported model.

    Raises:
        InputError: the engine is unknown or cannot run this file.
    """
    detector: Detector = engine_module(path, settings.engine, settings.device).load(path, settings)
    return detector
