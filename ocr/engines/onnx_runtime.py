"""ONNX Runtime on the CPU. Does not import torch, which prediction with it does not need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from ocr.engines.base import INPUT, OUTPUT, STARTS, STEPS, unpadded
from ocr.types import FloatArray, UInt8Array
from ocr.weights.card import ModelCard, ModelFileError


class OnnxModel:
    """An exported model of any task, ready to run.

    Args:
        path: a file written by ``runners/export.py``.
        threads: CPU threads per image; ``None``: one per physical core.

    Attributes:
        card: the file's metadata.

    Raises:
        ModelFileError: the file does not exist or is not an exported model of this project.
    """

    def __init__(self, path: str | Path, threads: int | None = None) -> None:
        path = Path(path)
        if not path.is_file():
            raise ModelFileError(f"{path}: no such file; runners/export.py makes one from a checkpoint")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        # Otherwise waiting threads spin and take CPU time from those that read the images.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's exceptions have no common base class
            reason = str(error).splitlines()[0]
            raise ModelFileError(
                f"{path}: ONNX Runtime cannot read it ({reason}); is it an .onnx file, copied completely?"
            ) from error
        self.card = ModelCard.from_metadata(self._session.get_modelmeta().custom_metadata_map, path)

    def outputs(self, names: Sequence[str], images_BCHW: UInt8Array) -> list[npt.NDArray[Any]]:
        """The named outputs of the graph for a batch of images."""
        return list(self._session.run(names, {INPUT: np.ascontiguousarray(images_BCHW)}))


class OnnxRuntimeEngine(OnnxModel):
    """A detector in an exported file."""

    def __call__(self, images_BCHW: UInt8Array) -> FloatArray:
        """Text probabilities, float32 (B, H, W) in 0..1.

        Args:
            images_BCHW: uint8 RGB (B, 3, H, W); H and W are multiples of the network's stride.
        """
        (probability_BHW,) = self.outputs([OUTPUT], images_BCHW)
        return np.asarray(probability_BHW, np.float32)


class OnnxRuntimeLineEngine(OnnxModel):
    """A recogniser in an exported file."""

    def __call__(self, images_BCHW: UInt8Array) -> list[FloatArray]:
        """Probabilities of each line's characters, as `ocr.engines.base.LineEngine`.

        Args:
            images_BCHW: uint8 RGB lines (B, 3, H, W), padded with zeros on the right to a multiple of 8 columns.
        """
        probability_BTK, steps_B = self.outputs([OUTPUT, STEPS], images_BCHW)
        return unpadded(probability_BTK, steps_B)


class OnnxRuntimeTokenEngine(OnnxModel):
    """A network that finds facts, in an exported file."""

    def __call__(self, images_BCHW: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """Probabilities of classes and of first tokens, as `ocr.engines.base.TokenEngine`."""
        probability_BNK, starts_BN = self.outputs([OUTPUT, STARTS], images_BCHW)
        return np.asarray(probability_BNK, np.float32), np.asarray(starts_BN, np.float32)
