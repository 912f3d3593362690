"""The trained network on any torch device."""

from __future__ import annotations

import torch
from torch import nn

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


class TorchEngine:
    """A network in evaluation mode.

    Args:
        network: a detector such as `ocr.detection.models.DBNet`.
        device: where it runs.
        threads: CPU threads per image; ``None``: torch's default. It applies to the whole process.
    """

    def __init__(self, network: nn.Module, device: torch.device, threads: int | None = None) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = device
        self._map = ProbabilityMap(network).to(device).eval()

    def __call__(self, images_BCHW: UInt8Array) -> FloatArray:
        """Text probabilities, float32 (B, H, W) in 0..1.

        Args:
            images_BCHW: uint8 RGB (B, 3, H, W); H and W are multiples of the network's stride.

        Raises:
            InputError: H or W is not.
        """
        with torch.inference_mode():
            probability_BHW = self._map(torch.from_numpy(images_BCHW).to(self._device))
        array_BHW: FloatArray = probability_BHW.float().cpu().numpy()
        return array_BHW


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
