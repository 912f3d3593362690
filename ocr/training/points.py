"""The content of resume points, and the choice of the one to resume from."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ocr.utils.printable import say
from ocr.utils.runs import POINTS
from ocr.weights.checkpoint_file import CheckpointError, load_checkpoint

LAST, PREVIOUS = POINTS
KEY = "resume"


def before_batch(loops: dict[str, Any]) -> None:
    """Turn the state at the start of batch k into the one at the end of batch k - 1, from which Lightning resumes."""
    progress = loops["epoch_loop.batch_progress"]
    for counts in (progress["total"], progress["current"]):
        counts["ready"] = counts["started"] = counts["processed"]
        counts["completed"] = counts["processed"] - 1
    progress["is_last_batch"] = False  # batch k may be the last; batch k - 1 was not
    loops["epoch_loop.state_dict"]["_batches_that_stepped"] -= 1  # restoring counts that batch again


def before_validation(loops: dict[str, Any]) -> None:
    """Turn the state at the start of a validation into one in its first batch, where Lightning restarts it."""
    total = loops["epoch_loop.val_loop.batch_progress"]["total"]
    total["ready"] = total["started"] = total["processed"] + 1


def follow_folder(state: dict[str, Any], folder: str) -> None:
    """Point a `ModelCheckpoint`'s state to the run's current folder: in another folder it forgets the best score."""

    def there(path: str) -> str:
        return str(Path(folder) / Path(path).name) if path else path

    state["dirpath"] = folder
    for name in ("best_model_path", "kth_best_model_path", "last_model_path"):
        state[name] = there(state[name])
    state["best_k_models"] = {there(path): score for path, score in state["best_k_models"].items()}


def forget_lost_best(state: dict[str, Any]) -> str:
    """Remove the best checkpoint from a `ModelCheckpoint`'s state if the file cannot be read.

    Otherwise the run would fail at its end, possibly without ever having written another.

    Returns:
        A message; empty if nothing is lost.
    """
    if not state["best_model_path"]:
        return ""
    try:
        load_checkpoint(state["best_model_path"])
    except CheckpointError as error:
        state |= {"best_model_path": "", "kth_best_model_path": "", "best_model_score": None, "best_k_models": {}}
        state.pop("kth_value", None)
        return f"{error}. The best of the following validations replaces it"
    return ""


def identity(path: Path) -> tuple[int, ...] | None:
    """Identifies a file, as opposed to a later one of the same name; ``None`` if there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def random_state() -> dict[str, Any]:
    """This process's random states as plain data and tensors."""
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": [str(name), np.asarray(keys).tolist(), int(position), int(has_gauss), float(cached)],
        "python": random.getstate(),
    }


def restore_random_state(state: Mapping[str, Any]) -> None:
    """Restore the random states of `random_state`."""
    torch.set_rng_state(state["torch"])
    for device, cuda_state in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(cuda_state, device)
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, np.array(keys, np.uint32), *rest))
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))


def bare_classes(settings: Any) -> Any:
    """Replace class paths in settings by class names: a class may move while a run is stopped."""
    if isinstance(settings, Mapping):
        bare = {key: bare_classes(value) for key, value in settings.items()}
        return bare | {key: value.rpartition(".")[2] for key, value in settings.items() if key == "_target_"}
    return [bare_classes(value) for value in settings] if isinstance(settings, list) else settings


def differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """A phrase for each setting that differs between two nested configurations; the module of a class is ignored."""
    before, now = bare_classes(before), bare_classes(now)
    found = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{prefix}{key}.")
        elif old != new:
            found.append(f"{prefix}{key} was {old!r} and is {new!r}")
    return found


def resume_point(resume: str | None, output_dir: str | Path) -> Path | None:
    """The checkpoint to resume from.

    Args:
        resume: ``None`` for a new run; ``auto`` for the newest usable point of ``output_dir``, or a new run if it has
            none; a checkpoint; or a run's folder, for its newest usable point.
        output_dir: folder of the run, which `ocr.utils.runs.run_folder` chose for the same ``resume``.

    Raises:
        CheckpointError: the checkpoint cannot be used, the folder has no usable one, or the run would continue in the
            folder of another.
    """
    folder = Path(output_dir) / "checkpoints"
    if resume is None:
        if (folder / LAST).exists():
            raise CheckpointError(
                f"{folder / LAST}: this folder belongs to another run; continue that with resume=, or choose another"
            )
        return None
    if resume.endswith(".ckpt"):
        if Path(resume).absolute().parent.name != "checkpoints":
            raise CheckpointError(f"resume={resume}: is not in the checkpoints folder of its run; move it there")
        check_own(Path(resume).parent, folder)
        return checked_point(Path(resume))
    source = folder if resume == "auto" else Path(resume) / "checkpoints"
    check_own(source, folder)
    point, faults = newest_good(source)
    if point is not None:
        finished = (source.parent / "metrics.json").exists()
        say(f"resume: continuing from {point}{' of a finished run' if finished else ''}")
    elif resume != "auto" or faults:
        raise CheckpointError(
            f"resume={resume}: no checkpoint in {source} can be resumed; start a new run without resume=, or from the "
            "weights of a checkpoint with init_checkpoint="
        )
    return point


def newest_good(folder: Path) -> tuple[Path | None, bool]:
    """The newest usable point of a folder, and whether a point was skipped, which is reported."""
    faults = False
    for path in filter(Path.exists, (folder / LAST, folder / PREVIOUS)):
        try:
            return checked_point(path), faults
        except CheckpointError as error:
            say(f"resume: skipped {error}")
            faults = True
    return None, faults


def check_own(source: Path, written: Path) -> None:
    """Check that a run that continues in another folder does not replace another run's checkpoints.

    Raises:
        CheckpointError: it would replace some.
    """
    if os.path.realpath(source) != os.path.realpath(written) and any(written.glob("*.ckpt")):
        raise CheckpointError(
            f"{written}: has the checkpoints of another run than {source}; choose another folder with "
            "hydra.run.dir=, or omit it to continue in the run's own folder"
        )


def checked_point(path: Path) -> Path:
    """Check that a path is an intact resume point, and return it.

    Raises:
        CheckpointError: it is not one.
    """
    if KEY not in load_checkpoint(path):
        raise CheckpointError(
            f"{path}: has weights but is not a resume point; give the run's {LAST}, or init_checkpoint={path} "
            "to start a new run with its weights"
        )
    return path
