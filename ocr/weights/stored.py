"""What a file of weights holds, a training's checkpoint or a ``.safetensors`` file, in one form; what is put there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.weights.card import TUNING, check_settings
from ocr.weights.checkpoint_file import PREFIX, CheckpointError, load_checkpoint, write_checkpoint
from ocr.weights.kinds import config_of, sections_of
from ocr.weights.parts import described
from ocr.weights.weights_file import read_weights, write_weights

LONGEST = 5000
"""Characters of torch's own list of what does not fit that a message shows."""


def is_weights_file(path: str | Path) -> bool:
    """It is what ``runners/export.py format=safetensors`` writes, by its ending."""
    return Path(path).suffix == ".safetensors"


def load_stored(path: str | Path) -> dict[str, Any]:
    """``state_dict`` and ``config`` of a checkpoint or of a file of weights; tensors on the CPU.

    Raises:
        InputError: the file cannot be used, such as an exported one; the message says why.
    """
    if Path(path).suffix == ".onnx":
        raise InputError(
            f"{path}: an exported file runs in predict.py alone; give the checkpoint or the .safetensors file that it "
            "was made of"
        )
    if not is_weights_file(path):
        checkpoint = load_checkpoint(path)
        # Its parts are made from what it says: it is to say nothing that a file of weights may not.
        said = sections_of(checkpoint["config"])
        check_settings({**said, TUNING: checkpoint.get(TUNING, [])}, Path(path))
        checkpoint["config"] |= config_of(said)
        return checkpoint

    card, weights = read_weights(Path(path))
    return {
        "state_dict": {f"{PREFIX}{name}": tensor for name, tensor in weights.items()},
        "config": config_of(asdict(card)),
        TUNING: card.provenance.get(TUNING, []),
    }


def store_settings(path: Path, sha256: str, changed: Mapping[str, Any], note: Mapping[str, Any]) -> None:
    """Change the postprocess's settings that a file carries; all else in it stays, and a resume point stays one.

    Args:
        path: a checkpoint or a file of weights; it is replaced, whole or not at all.
        sha256: of the file's bytes when it was read.
        changed: settings by name.
        note: where they come from, kept in the file with the settings before.

    Raises:
        InputError: the file is another by now, or cannot be written.
    """
    if file_sha256(path) != sha256:
        raise InputError(f"{path}: was written anew in the meantime, by a training? Nothing is changed; tune it again")
    if is_weights_file(path):
        card, weights = read_weights(path)
        entry = {**note, "before": card.postprocess}
        provenance = {**card.provenance, TUNING: [*card.provenance.get(TUNING, []), entry]}
        card = replace(card, postprocess={**card.postprocess, **changed}, provenance=provenance)
        try:
            write_weights(weights, card, path)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); it is as it was") from error
        return

    checkpoint = load_stored(path)
    before = checkpoint["config"]["postprocess"]
    checkpoint["config"]["postprocess"] = {**before, **changed}
    checkpoint[TUNING] = [*checkpoint.get(TUNING, []), {**note, "before": before}]
    write_checkpoint(checkpoint, path)


def stored_weights(checkpoint: dict[str, Any]) -> dict[str, torch.Tensor]:
    """A checkpoint's (averaged) weights by their names in the network."""
    weights = checkpoint["state_dict"]
    return {name.removeprefix(PREFIX): value for name, value in weights.items() if name.startswith(PREFIX)}


def check_fit(build: Callable[[], nn.Module], checkpoint: dict[str, Any], path: str | Path) -> None:
    """See that a network has the weights that its file holds, before it takes any memory.

    Args:
        build: makes the network that the file describes.
        checkpoint: what the file holds.
        path: the file.

    Raises:
        CheckpointError: it is another network's, or an encoder that a few words describe and no machine can hold.
    """
    with torch.device("meta"):
        wanted = {name: value.shape for name, value in build().state_dict().items()}
    found = {name: value.shape for name, value in stored_weights(checkpoint).items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            sizes = [str(tuple(shapes[name])) if name in shapes else "nothing" for shapes in (wanted, found)]
            raise CheckpointError(
                f"{path}: its weights are not those of the network that it describes: {name[:200]} is {sizes[0]} there "
                f"and {sizes[1]} in the file; export or train it again"
            )


def load_weights(network: nn.Module, checkpoint: dict[str, Any], path: str | Path) -> None:
    """Copy a checkpoint's (averaged) weights into a network.

    Raises:
        CheckpointError: the weights are another network's.
    """
    try:
        network.load_state_dict(stored_weights(checkpoint))
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: its weights do not fit the network of this run; use the model= they were trained with",
            *str(error)[:LONGEST].splitlines(),
        ) from error


def stored_network(stored: dict[str, Any], path: str) -> nn.Module:
    """The network that a file describes, with its weights.

    Args:
        stored: what `load_stored` read.
        path: the file.

    Raises:
        InputError: it cannot be made, or has other weights.
    """
    settings = stored["config"]["model"]
    check_fit(lambda: described("model", settings, path), stored, path)
    network: nn.Module = described("model", settings, path)
    load_weights(network, stored, path)
    return network


def init_weights(network: nn.Module, path: str) -> None:
    """Give a network the (averaged) weights of a file.

    Raises:
        InputError: the file cannot be used, or the weights are another network's.
    """
    load_weights(network, load_stored(path), path)
