"""A training that is asked to stop at a known moment."""

import os

import pytest
from pytorch_lightning.trainer.connectors import callback_connector

from ocr.training import interruptible

SIGTERM = 15


def stop_at(look: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a signal come when the training looks for one for the n-th time; ``None``: never."""
    looks = 0

    def pending() -> int:
        nonlocal looks
        looks += 1
        return SIGTERM if looks == look else 0

    monkeypatch.setattr(interruptible, "pending_stop", pending)
    # A third of the time of a small training: the disk, which no killed process needs, and callbacks of other packages.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(callback_connector, "_load_external_callbacks", lambda _: [])
