"""Read and update stored networks, checkpoints or ``.safetensors`` files, in one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import nn

from ocr.types import InputError
from ocr.utils.digest import file_sha256
from ocr.weights.card import TUNING, check_settings
from ocr.weights.checkpoint_file import PREFIX, CheckpointError, load_checkpoint, write_checkpoint
from ocr.weights.kinds import config_of, sections_of
from ocr.weights.parts import described
from ocr.weights.weights_file import read_weights, write_weights


class Adaptable(Protocol):
    """A network whose last layer has a row for each character of a charset."""

    def adapted(self, weights: Mapping[str, torch.Tensor], characters: str, /) -> dict[str, torch.Tensor]:
        """The weights of a network with another charset, for this one's."""


LONGEST = 5000
"""Maximum characters of torch's list of mismatches that a message shows."""


def is_weights_file(path: str | Path) -> bool:
    """Whether the suffix is that of ``runners/export.py format=safetensors``."""
    return Path(path).suffix == ".safetensors"


def load_stored(path: str | Path) -> dict[str, Any]:
    """Load ``state_dict`` and ``config`` of a checkpoint or a weights file, with tensors on the CPU.

    Raises:
        InputError: the file cannot be used, such as an ONNX file; the message has the reason.
    """
    if Path(path).suffix == ".onnx":
        raise InputError(
            f"{path}: an exported .onnx file only runs in predict.py; give the checkpoint or .safetensors file that it "
            "was made from"
        )
    if not is_weights_file(path):
        checkpoint = load_checkpoint(path)
        # Its parts are built from its settings, so the rules for weights files apply to it too.
        sections = sections_of(checkpoint["config"])
        check_settings({**sections, TUNING: checkpoint.get(TUNING, [])}, Path(path))
        checkpoint["config"] |= config_of(sections)
        return checkpoint

    card, weights = read_weights(Path(path))
    return {
        "state_dict": {f"{PREFIX}{name}": tensor for name, tensor in weights.items()},
        "config": config_of(asdict(card)),
        TUNING: card.provenance.get(TUNING, []),
    }


def store_settings(path: Path, sha256: str, changed: Mapping[str, Any], note: Mapping[str, Any]) -> None:
    """Change the postprocess settings in a file; all else is kept, and a resume point stays one.

    Args:
        path: a checkpoint or a weights file; it is replaced atomically.
        sha256: hash of the file when it was read.
        changed: new settings by name.
        note: their provenance, kept in the file with the previous settings.

    Raises:
        InputError: the file has changed in the meantime, or cannot be written.
    """
    check_unchanged(path, sha256)
    if is_weights_file(path):
        card, weights = read_weights(path)
        try:
            write_weights(weights, card.tuned(changed, note), path)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); it is unchanged") from error
        return

    checkpoint = load_stored(path)
    before = checkpoint["config"]["postprocess"]
    checkpoint["config"]["postprocess"] = {**before, **changed}
    checkpoint[TUNING] = [*checkpoint.get(TUNING, []), {**note, "before": before}]
    write_checkpoint(checkpoint, path)


def check_unchanged(path: Path, sha256: str) -> None:
    """Check that a file is still the one that was read.

    Raises:
        InputError: it has changed.
    """
    if file_sha256(path) != sha256:
        raise InputError(
            f"{path}: has changed in the meantime, perhaps by a training; nothing was written, run this again"
        )


def stored_weights(checkpoint: dict[str, Any]) -> dict[str, torch.Tensor]:
    """A checkpoint's (averaged) weights by their names in the network."""
    weights = checkpoint["state_dict"]
    return {name.removeprefix(PREFIX): value for name, value in weights.items() if name.startswith(PREFIX)}


def check_fit(build: Callable[[], nn.Module], checkpoint: dict[str, Any], path: str | Path) -> None:
    """Check, before allocating memory, that a file's weights fit the network that it describes.

    Args:
        build: makes the network that the file describes.
        checkpoint: content of the file.
        path: the file.

    Raises:
        CheckpointError: the weights do not fit, such as for an encoder too large for any machine.
    """
    with torch.device("meta"):
        wanted = {name: value.shape for name, value in build().state_dict().items()}
    found = {name: value.shape for name, value in stored_weights(checkpoint).items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            sizes = [str(tuple(shapes[name])) if name in shapes else "nothing" for shapes in (wanted, found)]
            raise CheckpointError(
                f"{path}: its weights do not fit the network that it describes: {name[:200]} is {sizes[0]} in the "
                f"network and {sizes[1]} in the file; export or train it again"
            )


def load_weights(network: nn.Module, checkpoint: dict[str, Any], path: str | Path) -> None:
    """Copy a checkpoint's (averaged) weights into a network.

    Raises:
        CheckpointError: the weights belong to another network.
    """
    try:
        network.load_state_dict(stored_weights(checkpoint))
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: its weights do not fit the network of this run; use the model= that they were trained with",
            *str(error)[:LONGEST].splitlines(),
        ) from error


def stored_network(stored: dict[str, Any], path: str) -> nn.Module:
    """Build the network that a file describes, with its weights.

    Args:
        stored: the result of `load_stored`.
        path: the file.

    Raises:
        InputError: the network cannot be built, or the weights do not fit.
    """
    settings = stored["config"]["model"]
    check_fit(lambda: described("model", settings, path), stored, path)
    network: nn.Module = described("model", settings, path)
    load_weights(network, stored, path)
    return network


def init_weights(network: nn.Module, path: str) -> None:
    """Initialise a network with the (averaged) weights of a file; a recogniser may have another charset or decoder.

    Raises:
        InputError: the file cannot be used, or the weights belong to another network.
    """
    stored = load_stored(path)
    before, now = stored["config"]["model"].get("characters"), getattr(network, "characters", None)
    if before is not None:
        check_fit(lambda: described("model", stored["config"]["model"], path), stored, path)
    if before is not None and now is not None:
        adapted = cast(Adaptable, network).adapted(stored_weights(stored), before)
        stored["state_dict"] = {f"{PREFIX}{name}": value for name, value in adapted.items()}
    load_weights(network, stored, path)
