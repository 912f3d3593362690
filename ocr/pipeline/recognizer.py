"""The recogniser that a weights file describes, ready to run: an image and its lines in, their texts out."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocr.engines.base import COLUMNS, LineEngine
from ocr.images.crops import LineCrop
from ocr.images.given import Given, picture_of
from ocr.pipeline.loading import default_recogniser, engine_module
from ocr.types import FloatArray, InputError, Reading, UInt8Array
from ocr.utils.limits import check_settings
from ocr.weights.parts import described


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads the lines of images.

        detector, reader = Detector.load(), LineReader.load()
        regions = detector.detect("receipt.jpg")
        for reading in reader.read("receipt.jpg", [region.points_N2 for region in regions]):
            print(reading.confidence, reading.text)

    What is read in a line depends on no other line: each is padded by itself, and only lines of equal width run
    together.

    Attributes:
        engine: runs the network.
        transform: cuts lines.
        postprocess: converts the probabilities (T, K) of a line's characters to its text.
        batch: maximum number of lines that run together.
    """

    engine: LineEngine
    transform: LineCrop
    postprocess: Callable[[FloatArray], Reading]
    batch: int = 1

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        engine: str = "auto",
        device: str = "auto",
        threads: int | None = None,
        language: str = "english",
        **postprocess: Any,
    ) -> LineReader:
        """Load a recogniser, ready to run.

        Args:
            path: a checkpoint, a weights file (``.safetensors``) or an exported model (``.onnx``); ``None``: the
                weights shipped with this package.
            engine: ``torch``, ``onnxruntime``, or ``auto``: by the file's suffix; without a file, torch if it is
                installed (on a GPU if there is one), otherwise ONNX Runtime.
            device: torch device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``. ONNX Runtime runs on the CPU.
            threads: CPU threads of the network; ``None``: one with torch, one per physical core with ONNX Runtime.
            language: without a file, the shipped weights for ``english`` or ``korean``.
            postprocess: settings that replace those of the file, such as ``calibration=()``, the network's own
                confidences, or ``kind="beam", width=32`` (`ocr.recognition.postprocess.beam.BeamCTC`).

        Raises:
            InputError: the file, engine, device or setting does not exist, the file holds no recogniser, or a required
                package is not installed.
        """
        check_settings({"threads": threads, **postprocess})
        file = str(default_recogniser(engine, language) if path is None else path)
        reader: LineReader = engine_module(file, engine, device).load_reader(file, device, threads, postprocess)
        return reader

    def read(self, image: Given, polygons: Sequence[FloatArray]) -> list[Reading]:
        """Read lines of one image.

        Args:
            image: a path, an encoded image as bytes, uint8 RGB (H, W, 3), or a Pillow image, as for
                `ocr.pipeline.detector.Detector.detect`.
            polygons: of each line, (N, 2) with N >= 3, in pixels of the upright image.

        Returns:
            A reading for each polygon, in their order; without text where nothing is read.

        Raises:
            InputError: the image cannot be read or has another type, or a polygon is not one.
        """
        image_HWC = picture_of(image, float("inf")).image_HWC
        lines = [checked_polygon(points_N2, number) for number, points_N2 in enumerate(polygons)]
        return self.read_crops([self.transform(image_HWC, points_N2) for points_N2 in lines])

    def read_crops(self, crops: Sequence[UInt8Array]) -> list[Reading]:
        """Read lines that are cut out already.

        Args:
            crops: uint8 RGB (H, W, 3) each, as `transform` cuts them.
        """
        return [self.decoded(line_TK) for line_TK in self.probabilities(crops)]

    def decoded(self, probability_TK: FloatArray) -> Reading:
        """The text of a line from its probabilities."""
        # A crop that is black from end to end counts as padding and has no steps.
        return self.postprocess(probability_TK) if len(probability_TK) else Reading("")

    def probabilities(self, crops: Sequence[UInt8Array]) -> list[FloatArray]:
        """The probabilities of each line's characters, float32 (T, K) with as many steps as the line has.

        Args:
            crops: uint8 RGB (H, W, 3) each, as `transform` cuts them.
        """
        found: dict[int, FloatArray] = {}
        by_width: defaultdict[int, list[int]] = defaultdict(list)
        for number, crop_HWC in enumerate(crops):
            by_width[-(-crop_HWC.shape[1] // MULTIPLE) * MULTIPLE].append(number)
        for width, numbers in by_width.items():
            for start in range(0, len(numbers), self.batch):
                some = numbers[start : start + self.batch]
                images_BCHW = np.zeros((len(some), 3, self.transform.height, width), np.uint8)
                for image_CHW, number in zip(images_BCHW, some, strict=True):
                    image_CHW[:, :, : crops[number].shape[1]] = crops[number].transpose(2, 0, 1)
                found.update(zip(some, self.engine(images_BCHW), strict=True))
        return [found[number] for number in range(len(crops))]


MULTIPLE = 2 * COLUMNS
"""Columns of a padded line are a multiple of this: fewer widths run together more often, but pad more."""


def checked_polygon(points_N2: FloatArray, number: int) -> FloatArray:
    """A polygon as float32.

    Raises:
        InputError: it does not have three points or more, or they are not finite.
    """
    points_N2 = np.asarray(points_N2, np.float32)
    if points_N2.ndim != 2 or points_N2.shape[1] != 2 or len(points_N2) < 3 or not np.isfinite(points_N2).all():
        raise InputError(
            f"polygons[{number}] has shape {points_N2.shape}; give at least three points (x, y), finite numbers"
        )
    return points_N2


def reader_of(
    engine: LineEngine, transform: Mapping[str, Any], postprocess: Mapping[str, Any], path: str, *, batch: int
) -> LineReader:
    """The reader of a network, with the crop and the postprocess that its file describes.

    Args:
        engine: runs the network.
        transform: describes how lines are cut.
        postprocess: describes the postprocess.
        path: the file.
        batch: maximum number of lines that run together.

    Raises:
        InputError: they cannot be made as described, or the network does not fit them.
    """
    crop: LineCrop = described("transform", transform, path)
    reader = LineReader(engine, crop, described("postprocess", postprocess, path), batch)
    try:
        ((_, classes),) = (line_TK.shape for line_TK in engine(np.full((1, 3, crop.height, COLUMNS), 255, np.uint8)))
    except Exception as error:  # a network for another height, without steps, ...: each engine has errors of its own
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{path}: its network cannot run on lines of transform.height={crop.height} ({reason}); export it again"
        ) from error
    characters = postprocess.get("characters", "")
    if classes != len(characters) + 1:
        raise InputError(
            f"{path}: its network knows {classes - 1} characters, its postprocess.characters has {len(characters)}; "
            "export it again"
        )
    return reader
