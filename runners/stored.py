"""What a file of weights holds, a training's checkpoint or a ``.safetensors`` file, in one form; what is put there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

SAME_SECTIONS = ("data", "loss", "model", "optimiser", "schedule", "targets")
FREE = ("num_workers", "on_error", "max_skipped", "max_pixels", "follow_links")  # of data: it stays the same run
SAME_TRAINER = (
    "accumulate_grad_batches",
    "check_val_every_n_epoch",
    "deterministic",
    "gradient_clip_val",
    "limit_train_batches",
    "limit_val_batches",
    "log_every_n_steps",
    "max_epochs",
    "max_steps",
    "precision",
    "val_check_interval",
)


def kept_config(cfg: DictConfig) -> dict[str, Any]:
    """What a checkpoint carries, as plain nested dictionaries.

    Raises:
        InputError: a checkpoint with it would not be read again.
    """
    from ocr.engines.base import check_kept
    from ocr.weights.kinds import KEPT, KEPT_OF_DATA, config_of, sections_of

    config: Any = OmegaConf.to_container(OmegaConf.masked_copy(cfg, list(KEPT)), resolve=True)
    config["data"] = OmegaConf.to_container(OmegaConf.masked_copy(cfg.data, list(KEPT_OF_DATA)), resolve=True)
    config["model"]["encoder"]["pretrained"] = False
    kept = {**config_of(sections_of(config)), "run": run_settings(cfg)}
    check_kept(kept)
    return kept


def run_settings(cfg: DictConfig) -> dict[str, Any]:
    """The settings that must stay as they are for a resumed run to be the run that was stopped."""
    from ocr.training.points import bare_classes

    sections: dict[str, Any] = {name: OmegaConf.to_container(cfg[name], resolve=True) for name in SAME_SECTIONS}
    for name in FREE:
        sections["data"].pop(name, None)
    trainer = {name: cfg.trainer.get(name) for name in SAME_TRAINER}
    callbacks = {name: OmegaConf.to_container(cfg.callbacks[name], resolve=True) for name in ("ema", "early_stopping")}
    run: dict[str, Any] = bare_classes({**sections, "trainer": trainer, "callbacks": callbacks, "seed": cfg.seed})
    return run


def is_weights_file(path: str | Path) -> bool:
    """It is what ``runners/export.py format=safetensors`` writes, by its ending."""
    return Path(path).suffix == ".safetensors"


def load_stored(path: str | Path) -> dict[str, Any]:
    """``state_dict`` and ``config`` of a checkpoint or of a file of weights; tensors on the CPU.

    Raises:
        InputError: the file cannot be used, such as an exported one; the message says why.
    """
    if Path(path).suffix == ".onnx":
        from ocr.types import InputError

        raise InputError(
            f"{path}: an exported file runs in predict.py alone; give the checkpoint or the .safetensors file that it "
            "was made of"
        )
    from dataclasses import asdict

    from ocr.engines.base import TUNING, check_settings
    from ocr.engines.weights import read_weights
    from ocr.training.checkpoint import PREFIX, load_checkpoint
    from ocr.weights.kinds import config_of, sections_of

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
    from ocr.engines.base import TUNING
    from ocr.types import InputError
    from ocr.utils.digest import file_sha256

    if file_sha256(path) != sha256:
        raise InputError(f"{path}: was written anew in the meantime, by a training? Nothing is changed; tune it again")
    if is_weights_file(path):
        from dataclasses import replace

        from ocr.engines.weights import read_weights, write_weights

        card, weights = read_weights(path)
        entry = {**note, "before": card.postprocess}
        provenance = {**card.provenance, TUNING: [*card.provenance.get(TUNING, []), entry]}
        card = replace(card, postprocess={**card.postprocess, **changed}, provenance=provenance)
        try:
            write_weights(weights, card, path)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); it is as it was") from error
        return

    from ocr.training.checkpoint import AtomicCheckpointIO

    checkpoint = load_stored(path)
    before = checkpoint["config"]["postprocess"]
    checkpoint["config"]["postprocess"] = {**before, **changed}
    checkpoint[TUNING] = [*checkpoint.get(TUNING, []), {**note, "before": before}]
    AtomicCheckpointIO().save_checkpoint(checkpoint, path)
