"""Writing and reading checkpoints: whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins import CheckpointIO
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import nn

from ocr.training.plain_file import PlainFileError, read_plain
from ocr.types import InputError
from ocr.utils.whole_file import whole_file

PREFIX = "network."
LONGEST = 5000
"""Characters of torch's own list of what does not fit that a message shows."""


class CheckpointError(InputError):
    """A checkpoint cannot be used; the message names the file and says why."""


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint written by a training run, tensors on the CPU.

    Nothing that the file names is called (`ocr.training.plain_file`); the checksum of every part is verified.

    Raises:
        CheckpointError: the file is missing, truncated, not a checkpoint, or not one of this project.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such checkpoint; give the path of a .ckpt file under outputs/")
    try:
        checkpoint = read_plain(path)
    except PlainFileError as error:
        raise CheckpointError(
            f"{path}: is not a checkpoint, or holds more than tensors and plain data: it {error}"
        ) from error
    except Exception as error:  # foreign or damaged bytes make the standard library raise almost anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CheckpointError(f"{path}: is not a readable checkpoint ({reason}); was it copied whole?") from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint or "config" not in checkpoint:
        raise CheckpointError(f"{path}: is not a checkpoint of this project: it lacks 'state_dict' or 'config'")
    weights = checkpoint["state_dict"]
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in weights.items()
    ):
        raise CheckpointError(f"{path}: is not a checkpoint of this project: its 'state_dict' is not tensors by name")
    return checkpoint


class AtomicCheckpointIO(CheckpointIO):
    """How the trainer writes and reads: a file of that name is always whole, on whatever file system it lies."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Path | None = None
    ) -> None:
        """Write a checkpoint, whole or not at all.

        Args:
            checkpoint: what it holds.
            path: where it goes.
            storage_options: second name for the file that it replaces, once the new one is safe on the disk.

        Raises:
            CheckpointError: it cannot be written; what was there before is intact.
        """
        path = Path(path)
        try:
            with whole_file(path) as temporary:
                # A stream: given a path, torch writes that path's name into the file, and with it our process number.
                with temporary.open("wb") as stream:
                    torch.save(checkpoint, stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                if storage_options is not None:
                    keep_previous(path, storage_options)
        except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into a RuntimeError
            reason = str(error).splitlines()[0]
            raise CheckpointError(
                f"{path}: cannot be written ({reason}); make room or choose another folder with hydra.run.dir=. "
                "An earlier checkpoint there is intact"
            ) from error

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = None,  # noqa: ARG002 - always to the CPU, then copied
        weights_only: bool | None = None,  # noqa: ARG002 - always
    ) -> dict[str, Any]:
        """`load_checkpoint`."""
        return load_checkpoint(path)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete a checkpoint that is there no more use for."""
        Path(path).unlink(missing_ok=True)


def all_callbacks(trainer: pl.Trainer) -> list[pl.Callback]:
    """The trainer's callbacks (Lightning gives the attribute no type)."""
    callbacks: list[pl.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return callbacks


def best_checkpoint(trainer: pl.Trainer) -> str | None:
    """The checkpoint with the best validation; ``None``, for the weights as they are, where nothing was validated."""
    paths = [each.best_model_path for each in all_callbacks(trainer) if isinstance(each, ModelCheckpoint)]
    return next((path for path in paths if path), None)


def keep_previous(path: Path, previous: Path) -> None:
    """Give a checkpoint that is about to be replaced a second name; nothing where there is none.

    Raises:
        OSError: the folder cannot be written.
    """
    if not path.exists():
        return
    with whole_file(previous) as temporary:
        try:
            temporary.hardlink_to(path)
        except OSError:  # a file system without links
            shutil.copyfile(path, temporary)


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
