"""The weights shipped with this package. Does not import torch."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ocr.utils.errors import InputError
from ocr.utils.path_utils import REPOSITORY_ROOT


def shipped_weights(ending: str, name: str = "receipts") -> Path:
    """A network shipped with this package: next to this module if installed, otherwise in ``weights/``.

    Args:
        ending: ``.onnx``, to run without torch, or ``.safetensors``, the same network for torch.
        name: ``receipts``, the detector, ``lines`` or ``korean``, the recognisers, or ``facts``, what finds fields.

    Raises:
        InputError: the file is missing.
    """
    places = Path(str(files("ocr.weights"))) / f"{name}{ending}", REPOSITORY_ROOT / "weights" / f"{name}{ending}"
    for place in places:
        if place.is_file():
            return place
    raise InputError(f"{places[0]}: is missing; reinstall the package, or give a weights file")
