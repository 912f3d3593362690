"""Paths in the checkout. Standard library only: every entry point imports this first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
"""The checkout's top folder, the one that holds ``ocr/``, ``runners/`` and ``configs/``."""

CONFIG_DIR = REPOSITORY_ROOT / "configs"


def setup_project_paths() -> Path:
    """Make ``ocr`` importable from anywhere and return the repository root.

    Puts the root on ``sys.path``, unless it is there already.
    """
    root = str(REPOSITORY_ROOT)
    if not any(os.path.realpath(entry) == root for entry in sys.path if entry):
        sys.path.insert(0, root)
    return REPOSITORY_ROOT
