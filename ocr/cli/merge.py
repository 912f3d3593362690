"""``receipt-ocr merge``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ocr.pipeline.shards import merge_folder


def run(arguments: Namespace) -> str:
    """Merge shards into one file; there are no left-out images to return."""
    merge_folder(Path(arguments.folder), submission=arguments.csv, overwrite=arguments.overwrite)
    return ""
