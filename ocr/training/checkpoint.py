"""Reading checkpoints."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ocr.types import InputError

PREFIX = "network."


class CheckpointError(InputError):
    """A checkpoint cannot be used; the message names the file and says why."""


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint written by a training run, tensors on the CPU.

    Only plain data and tensors are unpickled, never code.

    Raises:
        CheckpointError: the file is missing, truncated, not a checkpoint, or not one of this project.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such checkpoint; give the path of a .ckpt file under outputs/")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"{path}: is not a checkpoint, or holds more than tensors and plain data") from error
    except Exception as error:  # foreign or damaged bytes make the unpickler raise almost anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CheckpointError(f"{path}: is not a readable checkpoint ({reason}); was it copied whole?") from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint or "config" not in checkpoint:
        raise CheckpointError(f"{path}: is not a checkpoint of this project: it lacks 'state_dict' or 'config'")
    return checkpoint


def load_weights(network: nn.Module, checkpoint: dict[str, Any], path: str | Path) -> None:
    """Copy a checkpoint's (averaged) weights into a network.

    Raises:
        CheckpointError: the weights are another network's.
    """
    weights = {
        name.removeprefix(PREFIX): value for name, value in checkpoint["state_dict"].items() if name.startswith(PREFIX)
    }
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: its weights do not fit the network of this run; use the model= they were trained with. {error}"
        ) from error
