"""The weights that come with this package. Knows no torch."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ocr.utils.errors import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT

NAME = "receipts"


def shipped_weights(ending: str) -> Path:
    """The detector that comes with this package: beside this module where that is installed, else in ``weights/``.

    Args:
        ending: ``.onnx``, to run without torch, or ``.safetensors``, the same network for torch.

    Raises:
        InputError: there is no such file.
    """
    places = Path(str(files("ocr.weights"))) / f"{NAME}{ending}", REPOSITORY_ROOT / "weights" / f"{NAME}{ending}"
    for place in places:
        if place.is_file():
            return place
    raise InputError(f"{places[0]}: is missing; install the package again, or name a file of weights")
