"""A network's weights and description in one safetensors file, which contains no code and is never unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch

from ocr.utils.whole_file import whole_file
from ocr.weights.card import HALF, MAX_METADATA, ModelFileError, WeightsCard

KEY = "receipt-ocr"
"""The only key of the metadata: safetensors would write several keys in a different order each time."""

MAX_HEADER = 2 * MAX_METADATA
"""Maximum size of a file's header in bytes: metadata and tensor names, of which 100 take 10 KiB."""


def write_weights(weights: Mapping[str, torch.Tensor], card: WeightsCard, path: Path) -> None:
    """Write a network's weights and card, atomically and with deterministic bytes.

    If the card's provenance has ``half``, float32 weights are stored in half precision.

    Args:
        weights: the network's ``state_dict``.
        card: describes the network.
        path: the file to write or replace.

    Raises:
        OSError: the file cannot be written.
    """
    kinds = {torch.float32: torch.float16} if card.provenance.get(HALF) is True else {}
    packed = {
        name: tensor.detach().to("cpu", kinds.get(tensor.dtype, tensor.dtype)).contiguous()
        for name, tensor in sorted(weights.items())
    }
    metadata = {**card.to_metadata(), "weights_sha256": weights_digest(packed)}
    content = safetensors.torch.save(packed, {KEY: json.dumps(metadata)})
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def read_weights(path: Path) -> tuple[WeightsCard, dict[str, torch.Tensor]]:
    """Read the card and the weights of a file, with tensors on the CPU; half precision becomes float32.

    Raises:
        ModelFileError: the file does not exist, is damaged, or was not written by `write_weights`.
    """
    if not path.is_file():
        raise ModelFileError(
            f"{path}: no such file; run from the repository's top folder, where weights/ is, or give the path "
            "of another file. runners/export.py format=safetensors makes one from a checkpoint"
        )
    try:
        check_header(path)
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {}).get(KEY, "{}"))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (safetensors.SafetensorError, OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: is not a readable weights file ({error}); was it copied completely?") from error
    if not isinstance(metadata, dict):
        raise ModelFileError(f"{path}: its metadata under {KEY!r} are damaged; export the checkpoint again")
    card = WeightsCard.from_metadata(metadata, path)
    if metadata.get("weights_sha256") != weights_digest(weights):
        raise ModelFileError(f"{path}: its weights do not match their checksum; copy it again")
    return card, {name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in weights.items()}


def check_header(path: Path) -> None:
    """Check that a file's header is small enough to be read into memory.

    Raises:
        ValueError: the header is too long.
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
    if length > MAX_HEADER:
        raise ValueError(f"its header has {length} bytes, more than {MAX_HEADER}")


def weights_digest(weights: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of the weights' names, types, shapes and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
