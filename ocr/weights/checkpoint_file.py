"""Checkpoint files: written atomically, and read without calling anything that they name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch

from ocr.types import InputError
from ocr.utils.whole_file import whole_file
from ocr.weights.plain_file import PlainFileError, read_plain

PREFIX = "network."


class CheckpointError(InputError):
    """A checkpoint cannot be used; the message names the file and the reason."""


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint of a training run, with tensors on the CPU.

    Nothing that the file names is called (`ocr.weights.plain_file`); the checksum of every part is verified.

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
            f"{path}: is not a checkpoint, or contains more than tensors and plain data: it {error}"
        ) from error
    except Exception as error:  # foreign or damaged bytes make the standard library raise almost anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CheckpointError(f"{path}: is not a readable checkpoint ({reason}); was it copied completely?") from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint or "config" not in checkpoint:
        raise CheckpointError(f"{path}: is not a checkpoint of this project: it lacks 'state_dict' or 'config'")
    weights = checkpoint["state_dict"]
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in weights.items()
    ):
        raise CheckpointError(f"{path}: is not a checkpoint of this project: its 'state_dict' is not tensors by name")
    return checkpoint


def write_checkpoint(checkpoint: dict[str, Any], path: Path, previous: Path | None = None) -> None:
    """Write a checkpoint atomically.

    Args:
        checkpoint: its content.
        path: the file to write.
        previous: second name for the file that is replaced, once the new one is on disk.

    Raises:
        CheckpointError: it cannot be written; the previous file is intact.
    """
    try:
        with whole_file(path) as temporary:
            # A stream: given a path, torch writes its name, and thereby our process id, into the file.
            with temporary.open("wb") as stream:
                torch.save(checkpoint, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if previous is not None:
                keep_previous(path, previous)
    except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into a RuntimeError
        reason = str(error).splitlines()[0]
        raise CheckpointError(
            f"{path}: cannot be written ({reason}); free some space or choose another folder with hydra.run.dir=. "
            "An earlier checkpoint there is intact"
        ) from error


def keep_previous(path: Path, previous: Path) -> None:
    """Give a checkpoint that is about to be replaced, if any, a second name.

    Raises:
        OSError: the folder cannot be written.
    """
    if not path.exists():
        return
    with whole_file(previous) as temporary:
        try:
            temporary.hardlink_to(path)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, temporary)
