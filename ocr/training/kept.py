"""The settings that a training stores in its checkpoints."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ocr.weights.card import check_kept
from ocr.weights.kinds import KEPT, config_of, sections_of

SAME_SECTIONS = ("data", "loss", "model", "optimiser", "schedule", "targets")
SECTIONS = (*dict.fromkeys((*SAME_SECTIONS, *KEPT)), "seed")
"""The sections that `kept_config` reads, besides parts of ``trainer`` and ``callbacks``."""
FREE = ("num_workers", "on_error", "max_skipped", "max_pixels", "follow_links")
"""Settings of ``data`` that may change within a run."""
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


def kept_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration that a checkpoint carries, as plain nested dictionaries.

    Args:
        config: ``task`` and `SECTIONS` of ``configs/train.yaml``, `SAME_TRAINER` of ``trainer``, ``ema`` and
            ``early_stopping`` of ``callbacks``; plain and resolved.

    Raises:
        InputError: a checkpoint with this configuration could not be read again.
    """
    sections = sections_of(copy.deepcopy(config))
    if "encoder" in sections["model"]:
        sections["model"]["encoder"]["pretrained"] = False  # the weights will be in the file
    kept = {**config_of(sections), "run": run_settings(config)}
    check_kept(kept)
    return kept


def run_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that must not change for a resumed run to be the same run."""
    sections = {name: config[name] for name in SAME_SECTIONS}
    sections["data"] = {name: value for name, value in config["data"].items() if name not in FREE}
    trainer = {name: config["trainer"][name] for name in SAME_TRAINER}
    callbacks = {name: config["callbacks"][name] for name in ("ema", "early_stopping")}
    return {**sections, "trainer": trainer, "callbacks": callbacks, "seed": config["seed"]}
