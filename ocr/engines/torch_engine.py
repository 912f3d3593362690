"""The trained network on any torch device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

import numpy.typing as npt
import torch
from torch import nn

from ocr.engines.base import unpadded
from ocr.types import FloatArray, InputError, UInt8Array


class ProbabilityMap(nn.Module):
    """A detector reduced to its probability map; the threshold branch is not computed.

    Args:
        network: a detector such as `ocr.detection.models.DBNet`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images_BCHW: torch.Tensor) -> torch.Tensor:
        """uint8 RGB (B, 3, H, W) to text probabilities, float32 (B, H, W)."""
        logits_BHW: torch.Tensor = self.network(images_BCHW, probability_only=True)["probability_logits"]
        return logits_BHW.sigmoid()


class CharacterProbabilities(nn.Module):
    """A recogniser with probabilities in place of its scores.

    Args:
        network: a recogniser such as `ocr.recognition.models.Recognizer`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images_BCHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """uint8 RGB (B, 3, H, W) to probabilities, float32 (B, T, K), and each line's number of steps, int64 (B,)."""
        output = self.network(images_BCHW)
        return output["logits"].softmax(-1), output["steps"]


class TokenProbabilities(nn.Module):
    """A network that finds facts, with probabilities in place of its scores.

    Args:
        network: such as `ocr.extraction.models.Extractor`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images_BCHW: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """uint8 (B, 1, N, F) to float32 (B, N, K) and (B, N), as `ocr.engines.base.TokenEngine`."""
        output = self.network(images_BCHW)
        return output["logits"].softmax(-1), output["starts"].sigmoid()


class TorchModel:
    """A network of any task in evaluation mode.

    Args:
        network: uint8 RGB (B, 3, H, W) to one tensor or several.
        device: where it runs.
        threads: CPU threads per image; ``None``: torch's default. It applies to the whole process.
    """

    def __init__(self, network: nn.Module, device: torch.device, threads: int | None = None) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = device
        self._network = network.to(device).eval()

    def outputs(self, images_BCHW: UInt8Array) -> list[npt.NDArray[Any]]:
        """The network's outputs for a batch of images."""
        with torch.inference_mode():
            given = self._network(torch.from_numpy(images_BCHW).to(self._device))
        tensors = given if isinstance(given, tuple) else (given,)
        return [(tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy() for tensor in tensors]


class TorchEngine(TorchModel):
    """A detector such as `ocr.detection.models.DBNet` in evaluation mode; arguments as for `TorchModel`."""

    def __init__(self, network: nn.Module, device: torch.device, threads: int | None = None) -> None:
        super().__init__(ProbabilityMap(network), device, threads)

    def __call__(self, images_BCHW: UInt8Array) -> FloatArray:
        """Text probabilities, float32 (B, H, W) in 0..1.

        Args:
            images_BCHW: uint8 RGB (B, 3, H, W); H and W are multiples of the network's stride.

        Raises:
            InputError: H or W is not.
        """
        (probability_BHW,) = self.outputs(images_BCHW)
        return probability_BHW


class TorchLineEngine(TorchModel):
    """A recogniser such as `ocr.recognition.models.Recognizer` in evaluation mode.

    Args:
        network: the recogniser.
        device: where it runs.
        threads: as for `TorchModel`, but ``None``: one on a CPU. A line's operations are so short that further threads
            mostly wait for each other, and as long as the system's time slices where another process has a core.
    """

    def __init__(self, network: nn.Module, device: torch.device, threads: int | None = None) -> None:
        super().__init__(CharacterProbabilities(network), device, threads)
        self._alone = threads is None and device.type == "cpu"

    def __call__(self, images_BCHW: UInt8Array) -> list[FloatArray]:
        """Probabilities of each line's characters, as `ocr.engines.base.LineEngine`.

        Args:
            images_BCHW: uint8 RGB lines (B, 3, H, W), padded with zeros on the right to a multiple of 8 columns.
        """
        with one_thread() if self._alone else nullcontext():
            return unpadded(*self.outputs(images_BCHW))


class TorchTokenEngine(TorchModel):
    """A network that finds facts in evaluation mode; arguments as for `TorchModel`."""

    def __init__(self, network: nn.Module, device: torch.device, threads: int | None = None) -> None:
        super().__init__(TokenProbabilities(network), device, threads)

    def __call__(self, images_BCHW: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """Probabilities of classes and of first tokens, as `ocr.engines.base.TokenEngine`."""
        probability_BNK, starts_BN = self.outputs(images_BCHW)
        return probability_BNK, starts_BN


ALONE = Lock()
"""Held while the process's number of threads is changed: two that overlapped would restore each other's."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's operations on the CPU in one thread, and restore its threads afterwards; one caller at a time."""
    with ALONE:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def choose_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is a GPU if there is one.

    Raises:
        InputError: the device is not available.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"device={name} cannot be used here ({reason}); use device=auto or device=cpu") from error
    return device
